import assert from "node:assert/strict";
import { test } from "node:test";
import { createGate, failOpen, type Plugin } from "../../mod.ts";
import { plainExplanation } from "../../src/telemetry/plain-explanation.ts";

const page = "https://shop.example.com/tickets";

test("plainExplanation() tells nothing of a cookie's inner token, nor of the visitor, wherever a provider repeats it", async () => {
  const token = "tok_7pDi5dRB2nUi";
  const visitor = "tok_6ihQ7XNw0GmS";
  const provider: Plugin = {
    name: "room",
    decide(ctx) {
      ctx.note?.(`asked about ${token}, answered for ${visitor}, in the room hall`);
      const location = `https://wait.example/${token}/${visitor}/hall`;
      return { action: "queue", reason: "room/full", location, facts: { visitor } };
    },
  };
  const gate = createGate({ plugins: [failOpen(), provider] });
  const session = JSON.stringify({ integration: "JSDK", tokens: [{ token, touched: 1 }] });
  for (
    const cookie of [
      encodeURIComponent(session),
      session.replaceAll(",", "%2C"),
      `EventId=hall&QueueId=${token}`,
    ]
  ) {
    const request = new Request(page, { headers: { cookie: `room=${cookie}` } });
    const plain = plainExplanation(await gate.explain(request), request);
    const text = JSON.stringify(plain);
    assert.ok(!text.includes(token) && !text.includes(visitor), text);
    assert.equal(plain.decision["location"], "https://wait.example/[redacted]/[redacted]/hall");
  }
});

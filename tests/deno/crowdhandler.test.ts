import assert from "node:assert/strict";
import { assertSpyCalls, spy } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import { cookieTokens, createGate, failClosed, failOpen, type Gate, type Plugin } from "../../mod.ts";
import { crowdhandler, type CrowdhandlerOptions } from "../../plugins/crowdhandler/mod.ts";
import { turns } from "./_turns.ts";

type Answer = (path: string) => Response | Promise<Response>;

function feed(): Response {
  return Response.json({ result: [] });
}

/** A gate in hybrid mode, and the spy that stands for the service. No room covers any page of it. */
function bench(answer: Answer, options: Partial<CrowdhandlerOptions> = {}, policy: Plugin = failOpen()) {
  const asked = spy(answer);
  const gate = createGate({
    plugins: [
      cookieTokens(),
      policy,
      crowdhandler({
        publicKey: "9f2c7c1d5b0e4a6f8d3b2a1908f7e6d5c4b3a2918070605f4e3d2c1b0a998877",
        privateKey: "priv_3b1f0c9a7d5e42668f10aa55cc77ee99",
        mode: "hybrid",
        publicHosts: ["shop.example"],
        // The provider asks with addresses, never with requests. The cast leaves out what fetch has beyond the call.
        fetch: ((input: string | URL | Request) =>
          Promise.resolve(asked(new URL(String(input)).pathname))) as typeof fetch,
        ...options,
      }),
    ],
    onError: spy(),
  });
  return { gate, asked };
}

async function visit(gate: Gate): Promise<number> {
  const headers = { "cf-connecting-ip": "198.51.100.7" };
  return (await gate(new Request("https://shop.example/about", { headers }), () => new Response("page")))
    .status;
}

Deno.test("crowdhandler() fetches the feed once within ttlMs, then in the background", async () => {
  using time = new FakeTime("2030-01-15T12:00:00Z");
  const { gate, asked } = bench(feed, { rooms: { ttlMs: 60_000 } });
  assert.equal(await visit(gate), 200);
  assertSpyCalls(asked, 1);
  for (let second = 0; second < 59; second++) {
    time.tick(1000);
    await visit(gate);
  }
  assertSpyCalls(asked, 1);
  time.tick(1000);
  assert.equal(await visit(gate), 200);
  await turns();
  assertSpyCalls(asked, 2);
  await visit(gate);
  assertSpyCalls(asked, 2);
});

Deno.test("crowdhandler() uses an old feed for maxStaleMs of an outage, asks seldom, then fails", async () => {
  using time = new FakeTime("2030-01-15T12:00:00Z");
  const service = { down: false };
  const { gate, asked } = bench(
    () => service.down ? new Response("down", { status: 502 }) : feed(),
    { rooms: { ttlMs: 60_000, maxStaleMs: 120_000 } },
    failClosed(),
  );
  assert.equal(await visit(gate), 200);
  service.down = true;
  time.tick(60_000);
  for (let count = 0; count < 10; count++) {
    assert.equal(await visit(gate), 200);
    await turns();
  }
  assertSpyCalls(asked, 2);
  time.tick(119_999);
  assert.equal(await visit(gate), 200);
  await turns();
  assertSpyCalls(asked, 3);
  time.tick(5000);
  assert.notEqual(await visit(gate), 200);
  service.down = false;
  time.tick(5000);
  assert.equal(await visit(gate), 200);
});

Deno.test("crowdhandler() gives up a service that does not answer after timeoutMs", async () => {
  using time = new FakeTime("2030-01-15T12:00:00Z");
  const { gate, asked } = bench(() => new Promise(() => {}), { timeoutMs: 2000 });
  const state: { status?: number } = {};
  visit(gate).then((status) => state.status = status);
  await time.tickAsync(1999);
  await turns();
  assert.equal(state.status, undefined);
  await time.tickAsync(1);
  await turns();
  assert.equal(state.status, 200);
  assert.equal(gate.errors, 1);
  assertSpyCalls(asked, 1);
});

// What an owner's function answers by a promise, where nobody waits for one. A rejection that nobody looks after ends the process, and the test.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bodyTrigger, type Plugin, prefetch, problemAnswers, staticFiles } from "../../mod.ts";
import { decisionLog } from "../../plugins/decision-log/mod.ts";
import { grace } from "../../plugins/grace/mod.ts";
import { operations } from "../../plugins/operations/mod.ts";
import { queueItEvent } from "../../plugins/queue-it/mod.ts";
import { serverTiming } from "../../plugins/server-timing.ts";
import { triggers } from "../../plugins/triggers.ts";
import { admitted, gateOf, page, provider, queued, request, turn, untyped } from "../src/_gates.ts";

const rejected = untyped<() => never>(() => Promise.reject(new Error("async")));
const secret = "a-secret-of-thirty-two-characters";
const room = { customerId: "example", secretKeys: [secret], eventId: "hall", queueDomain: "queue.test" };
const inside = { ...admitted, facts: { proven: "service" } } as const;

const plugins:
  readonly (readonly [what: string, status: number, told: boolean, plugins: readonly Plugin[]])[] = [
    ["test", 302, true, [staticFiles({ test: rejected }), provider(queued)]],
    ["test", 302, true, [prefetch({ test: rejected }), provider(queued)]],
    ["test", 302, true, [provider(queued), problemAnswers({ test: rejected })]],
    // What counts as matching opens nothing, and so it stays.
    ["test", 302, false, [bodyTrigger({ test: rejected }), provider(queued)]],
    ["only", 302, true, [provider(queued), serverTiming({ only: rejected })]],
    ["only", 302, true, [provider(queued), decisionLog({ only: rejected, write: () => assert.fail() })]],
    ["scope", 200, true, [grace({ secrets: [secret], scope: rejected }), provider(inside)]],
    ["url", 503, true, [queueItEvent({ ...room, url: rejected })]],
  ];

describe("a function that must answer at once, and promises", () => {
  for (const [what, status, told, list] of plugins) {
    test(`opens nothing, ends no process and is told: "${what}" of ${list.map(({ name }) => name).join(", ")}`, async () => {
      const { gate, faults } = gateOf(list);
      const response = await gate(request("/x", { method: "POST", body: "a=1" }), page);
      await response.body?.cancel();
      await gate.idle();
      await turn();
      assert.equal(response.status, status);
      const said = new RegExp(`"${what}" must answer at once`);
      assert.equal(faults.some((fault) => said.test(`${fault.message} ${fault.cause}`)), told);
    });
  }

  test("is not healthy, and told by no report", async () => {
    const { gate } = gateOf([{ ...provider(queued), health: rejected }]);
    assert.deepEqual(gate.health().plugins["provider"], { failed: true });
    const endpoints = operations(gateOf([provider(queued)]).gate, { secrets: [secret], isHealthy: rejected });
    const headers = { authorization: `Bearer ${secret}` };
    const response = await endpoints(new Request("https://shop.example.com/.stanchion/health", { headers }));
    assert.equal(response.status, 503);
    await response.body?.cancel();
    const rule = { name: "all", any: [{ path: { contains: "/" } }] };
    triggers([rule, { ...rule, name: "again" }], { onReport: rejected });
    await turn();
  });
});

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { type Context, contextKey, type Decision, type Plugin } from "../../mod.ts";
import { admitted, bypassed, gateOf, opening, page, provider, queued, request } from "./_gates.ts";

const mark = contextKey<string>("mark");
const marking: Plugin = { name: "marking", prepare: (ctx) => ctx.set(mark, "found") };
const failing: Plugin = {
  name: "failing",
  decide() {
    throw new Error("provider down");
  },
};
const files: Plugin = { name: "files", match: () => false };

/** What the application is told, by the way on which a request gets there. */
const ways: readonly [
  way: string,
  plugins: readonly Plugin[],
  mode: "enforce" | "report" | "off",
  reason: string,
  found: string | undefined,
][] = [
  ["an admitted request", [marking, provider(admitted)], "enforce", admitted.reason, "found"],
  [
    "a request that a provider lets bypass",
    [marking, provider(bypassed)],
    "enforce",
    bypassed.reason,
    "found",
  ],
  ["a request that does not concern the gate", [marking, files], "enforce", "files/unmatched", undefined],
  ["a request after a failure", [marking, opening, failing], "enforce", "opening/open", "found"],
  ["a refusal that is only reported", [marking, provider(queued)], "report", queued.reason, "found"],
  ["a request while the gate is off", [marking, files], "off", "gate/off", undefined],
];

for (const [way, plugins, mode, reason, found] of ways) {
  test(`gate() hands the context and the decision of ${way} to next`, () => {
    const { gate } = gateOf(plugins, { mode });
    const told: [Context | undefined, Decision][] = [];
    const incoming = request();
    gate(incoming, (ctx, decision) => {
      told.push([ctx, decision]);
      return page();
    });
    assert.equal(told.length, 1);
    const [ctx, decision] = told[0] ?? [];
    assert.equal(decision?.reason, reason);
    assert.equal(ctx?.request, mode === "off" ? undefined : incoming);
    assert.equal(ctx?.get(mark), found);
  });
}

test("gate.wrap() hands the context to nobody: a handler gets the platform's arguments alone", () => {
  const { gate } = gateOf([]);
  const received: unknown[][] = [];
  const handler = gate.wrap((...args: readonly [Request, ...string[]]) => {
    received.push([...args]);
    return page();
  });
  const incoming = request();
  handler(incoming, "info", "more");
  assert.deepEqual(received, [[incoming, "info", "more"]]);
});

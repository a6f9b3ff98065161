import assert from "node:assert/strict";
import { test } from "node:test";
import { trackOutages } from "../../plugins/failure-policy/outages.ts";
import type { Decision } from "../../src/decision.ts";
import { GateError, HookError, ServiceError } from "../../src/errors.ts";
import type { Outcome } from "../../src/plugin.ts";
import { contextOf } from "../support/context-of.ts";

const request = new Request("https://shop.example/");
const failure = new HookError("provider", "decide", new ServiceError("timeout", "down"));

function outcomeOf(decision: Decision, more: Partial<Outcome> = {}): Outcome {
  return {
    decision,
    enforced: true,
    failure: undefined,
    status: 200,
    served: true,
    threw: false,
    decidedBy: "provider",
    durationMs: 1,
    ...more,
  };
}

/** Whether an outage that began at 1000 is over after an outcome. */
function isOver(outcome: Outcome, began: GateError = failure, isPassive = false): boolean {
  const outages = trackOutages();
  outages.begin(contextOf(request, [], () => 1000), began);
  const supplies = { passive: () => isPassive };
  outages.end(contextOf(request, [], () => 2000, undefined, [{ name: "watch", supplies }]), outcome);
  return outages.begin(contextOf(request, [], () => 3000), began) === 3000;
}

test("trackOutages() ends an outage when its plugin decides, and not by what a visitor can bring about", () => {
  const reason = "test/said";
  const location = "https://wait.example/";
  const response = new Response("page");
  const decisions: readonly (readonly [decision: Decision, always: boolean])[] = [
    [{ action: "admit", reason }, false],
    [{ action: "queue", reason, location }, true],
    [{ action: "reject", reason, status: 403 }, false],
    [{ action: "reject", reason, status: 400 }, false],
    [{ action: "reject", reason, status: 414 }, false],
    [{ action: "bypass", reason }, false],
    [{ action: "redirect", reason, location }, false],
    [{ action: "respond", reason, response }, false],
  ];
  const table = decisions.flatMap(([decision, always]): [decision: Decision, over: boolean][] => [
    [decision, always],
    // Who knows but the page has looked at no visitor.
    [{ ...decision, facts: { room: "hall", visitor: "token" } }, always],
    [{ ...decision, facts: { room: "hall", proven: "service" } }, true],
    [{ ...decision, facts: { proven: "signature" } }, true],
  ]);
  for (const [decision, over] of table) {
    assert.equal(isOver(outcomeOf(decision)), over, JSON.stringify(decision));
    assert.equal(isOver(outcomeOf(decision), failure, true), false, "nobody was asked for a passive visit");
    assert.equal(isOver(outcomeOf(decision, { failure })), false);
    assert.equal(isOver(outcomeOf(decision, { decidedBy: "other" })), false);
  }
});

test("trackOutages() ends an outage of what is not decided by anybody's decision", () => {
  const admitted = outcomeOf({ action: "admit", reason: "test/in", facts: { proven: "service" } }, {
    decidedBy: "other",
  });
  const preparing = new HookError("provider", "prepare", new Error("broken"));
  assert.equal(isOver(admitted, preparing), true);
  assert.equal(isOver(admitted, new GateError("internal", "broken")), true);
  assert.equal(isOver(admitted, failure), false);
  const unproven = outcomeOf({ action: "admit", reason: "test/in" }, { decidedBy: "other" });
  assert.equal(isOver(unproven, preparing), false);
});

test("trackOutages() keeps the beginning of each plugin's outage, and none that is explained", () => {
  const outages = trackOutages();
  const other = new HookError("other", "decide", new Error("broken"));
  const at = (ms: number) => contextOf(request, [], () => ms);
  assert.equal(outages.begin(contextOf(request, [], () => 1, []), failure), 1);
  assert.equal(outages.begin(at(1000), failure), 1000);
  assert.equal(outages.begin(at(2000), failure), 1000);
  assert.equal(outages.begin(at(3000), other), 3000);
  outages.end(at(4000), outcomeOf({ action: "queue", reason: "test/queued", location: "/" }));
  assert.deepEqual([outages.begin(at(5000), failure), outages.begin(at(5000), other)], [5000, 3000]);
});

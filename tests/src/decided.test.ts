import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { type Decided, decided, GateError, type Health, type Plugin } from "../../mod.ts";
import { admitted, answered, closing, gateOf, page, provider, queued, request } from "./_gates.ts";

/** Writes down what the slot holds when the headers are made. */
function writer(seen: (Decided | undefined)[], requires: Plugin["requires"] = [decided]): Plugin {
  return { name: "writer", requires: requires ?? [], headers: (ctx) => void seen.push(ctx.get(decided)) };
}

function ticking(stepMs: number): () => number {
  let now = 1000;
  return () => now += stepMs;
}

describe("decided", () => {
  test("it tells plugins that require it what was decided, by whom, and how long that took", () => {
    for (const decision of [admitted, queued]) {
      const seen: (Decided | undefined)[] = [];
      const { gate } = gateOf([writer(seen), provider(decision)], { timer: ticking(0.5) });
      answered(gate(request(), page));
      assert.deepEqual(seen, [{ decision, decidedBy: "provider", durationMs: 0.5, failure: undefined }]);
    }
  });

  test("it names the policy and the fault after a failure", async () => {
    const seen: (Decided | undefined)[] = [];
    const broken: Plugin = { name: "broken", decide: () => Promise.reject(new GateError("timeout", "slow")) };
    const { gate, faults } = gateOf([writer(seen), broken]);
    await gate(request(), page);
    assert.equal(seen[0]?.decidedBy, closing.name);
    assert.equal(seen[0]?.failure, faults[0]);
    assert.equal(seen[0]?.failure?.code, "timeout");
  });

  test("it names the gate where the gate itself turned down what nobody can read", () => {
    const seen: (Decided | undefined)[] = [];
    const { gate } = gateOf([writer(seen), provider(admitted)]);
    answered(
      gate({ url: "http://user@shop.example/", headers: new Headers(), method: "GET" } as Request, page),
    );
    assert.equal(seen[0]?.decidedBy, "gate");
  });

  test("nobody looks at the clock where nobody requires it", () => {
    const seen: (Decided | undefined)[] = [];
    const timer = () => assert.fail("the clock was looked at");
    const { gate } = gateOf([writer(seen, []), provider(admitted)], { timer });
    answered(gate(request(), page));
    assert.deepEqual(seen, [undefined]);
  });
});

describe("gate.health()", () => {
  test("it collects what plugins tell of themselves, and numbers those of one name", () => {
    const telling = (health: () => Health): Plugin => ({ name: "telling", health });
    const { gate } = gateOf([
      telling(() => ({ ageMs: 3 })),
      telling(() => ({ ageMs: 4 })),
      telling(() => {
        throw new Error("ill");
      }),
      provider(admitted),
    ]);
    assert.deepEqual(gate.health(), {
      errors: 0,
      pending: 0,
      plugins: { telling: { ageMs: 3 }, "telling-2": { ageMs: 4 }, "telling-3": { failed: true } },
    });
  });

  test("it counts faults", () => {
    const broken: Plugin = {
      name: "broken",
      decide() {
        throw new Error("broken");
      },
    };
    const { gate } = gateOf([broken]);
    answered(gate(request(), page));
    assert.equal(gate.health().errors, 1);
  });
});

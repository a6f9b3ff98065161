import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { GateError, type Health, type Outcome, type Plugin } from "../../mod.ts";
import { admitted, answered, closing, gateOf, page, provider, queued, request } from "./_gates.ts";

/** Writes down what the headers are made by. The gate fills one record, so what is seen is copied. */
function writer(seen: Outcome[]): Plugin {
  return {
    name: "writer",
    timed: true,
    headers: (_ctx, _response, outcome) => void seen.push({ ...outcome }),
  };
}

function ticking(stepMs: number): () => number {
  let now = 1000;
  return () => now += stepMs;
}

describe("the outcome, when the headers are made", () => {
  test("it tells what was decided, by whom, how long that took and who answers", () => {
    for (const decision of [admitted, queued]) {
      const seen: Outcome[] = [];
      const { gate } = gateOf([writer(seen), provider(decision)], { timer: ticking(0.5) });
      answered(gate(request(), page));
      assert.deepEqual(seen, [{
        decision,
        decidedBy: "provider",
        enforced: true,
        failure: undefined,
        durationMs: 0.5,
        status: decision === admitted ? 200 : 302,
        served: decision === admitted,
        threw: false,
      }]);
    }
  });

  test("it tells no duration where nobody said that it is read, and nothing is measured then", () => {
    const seen: Outcome[] = [];
    const timer = () => assert.fail("measured for nobody");
    const { gate } = gateOf([{ ...writer(seen), timed: undefined }, provider(admitted)], { timer });
    answered(gate(request(), page));
    assert.equal(seen[0]?.durationMs, 0);
  });

  test("it names the policy and the fault after a failure", async () => {
    const seen: Outcome[] = [];
    const broken: Plugin = { name: "broken", decide: () => Promise.reject(new GateError("timeout", "slow")) };
    const { gate, faults } = gateOf([writer(seen), broken]);
    await gate(request(), page);
    assert.equal(seen[0]?.decidedBy, closing.name);
    assert.equal(seen[0]?.failure, faults[0]);
    assert.equal(seen[0]?.failure?.code, "timeout");
  });

  test("it names the gate where the gate itself turned down what nobody can read", () => {
    const seen: Outcome[] = [];
    const { gate } = gateOf([writer(seen), provider(admitted)]);
    answered(
      gate({ url: "http://user@shop.example/", headers: new Headers(), method: "GET" } as Request, page),
    );
    assert.equal(seen[0]?.decidedBy, "gate");
  });

  test("it is that of a page while the gate only reports", () => {
    const seen: Outcome[] = [];
    const { gate } = gateOf([writer(seen), provider(queued)], { mode: "report" });
    answered(gate(request(), page));
    const [outcome] = seen;
    assert.deepEqual([outcome?.decision, outcome?.enforced, outcome?.served, outcome?.status], [
      queued,
      false,
      true,
      200,
    ]);
  });

  test("nobody looks at the clock where nobody is told", () => {
    const timer = () => assert.fail("the clock was looked at");
    const { gate } = gateOf([provider(admitted)], { timer });
    answered(gate(request(), page));
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

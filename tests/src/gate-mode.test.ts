import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import type { Mode, Outcome, Plugin } from "../../mod.ts";
import { admitted, answered, gateOf, page, provider, queued, rejected, request, untyped } from "./_gates.ts";

/** A clock that goes on by so many milliseconds each time it is looked at. */
function ticking(stepMs: number): () => number {
  let now = 1000;
  return () => now += stepMs;
}

function recorder(outcomes: Outcome[]): Plugin {
  return { name: "recorder", settled: (_ctx, outcome) => void outcomes.push(outcome) };
}

describe("mode: enforce", () => {
  test("it is the default, and the outcome tells that it was enforced", async () => {
    for (const options of [{}, { mode: "enforce" }, { mode: () => "enforce" as const }] as const) {
      const outcomes: Outcome[] = [];
      const { gate } = gateOf([recorder(outcomes), provider(queued)], { ...options, timer: ticking(0.25) });
      assert.equal(answered(gate(request(), page)).status, 302);
      await gate.idle();
      assert.deepEqual(outcomes, [
        {
          decision: queued,
          enforced: true,
          failure: undefined,
          status: 302,
          served: false,
          threw: false,
          decidedBy: "provider",
          durationMs: 0.25,
        },
      ]);
    }
  });
});

describe("mode: report", () => {
  test("it decides and reports, but admits everybody", async () => {
    for (const decision of [queued, rejected, admitted]) {
      const outcomes: Outcome[] = [];
      const { gate } = gateOf([recorder(outcomes), provider(decision)], {
        mode: "report",
        timer: ticking(2),
      });
      assert.equal(await answered(gate(request(), page)).text(), "page");
      await gate.idle();
      assert.deepEqual(outcomes, [{
        decision,
        enforced: false,
        failure: undefined,
        status: 200,
        served: true,
        threw: false,
        decidedBy: "provider",
        durationMs: 2,
      }]);
    }
  });

  test("it lets everybody in when a plugin fails and the policy is closed", async () => {
    const outcomes: Outcome[] = [];
    const broken: Plugin = { name: "broken", decide: () => Promise.reject(new Error("down")) };
    const { gate, faults } = gateOf([recorder(outcomes), broken], { mode: "report" });
    assert.equal(await (await gate(request(), page)).text(), "page");
    await gate.idle();
    assert.equal(outcomes[0]?.decision.reason, "closing/closed");
    assert.equal(outcomes[0]?.failure, faults[0]);
    assert.equal(faults.length, 1);
  });

  test("it asks no respond hook", () => {
    const respond = () => assert.fail("nobody is refused");
    gateOf([{ name: "answers", respond }, provider(queued)], { mode: "report" }).gate(request(), page);
  });
});

describe("mode: off", () => {
  test("it runs no hook, changes nothing and reports nothing", async () => {
    const never = () => assert.fail("the gate is off");
    const everything: Plugin = {
      name: "never",
      match: never,
      prepare: never,
      decide: never,
      recover: never,
      respond: never,
      headers: never,
      settled: never,
    };
    const kept = page();
    const { gate, faults } = gateOf([everything], { mode: "off" });
    assert.equal(gate(request(), () => kept), kept);
    await gate.idle();
    assert.deepEqual(faults, []);
  });
});

describe("mode: a function", () => {
  test("it is asked on each request, with the request", () => {
    const asked: string[] = [];
    let mode: Mode = "enforce";
    const { gate } = gateOf([provider(queued)], {
      mode: (incoming) => (asked.push(new URL(incoming.url).pathname), mode),
    });
    const statuses = ["/a", "/b", "/c"].map((path, index) => {
      mode = (["enforce", "report", "off"] as const)[index] ?? "enforce";
      return answered(gate(request(path), page)).status;
    });
    assert.deepEqual(statuses, [302, 200, 200]);
    assert.deepEqual(asked, ["/a", "/b", "/c"]);
  });

  test("one that throws enforces and is reported", () => {
    const error = new Error("no configuration");
    const { gate, faults } = gateOf([provider(queued)], {
      mode() {
        throw error;
      },
    });
    assert.equal(answered(gate(request(), page)).status, 302);
    assert.deepEqual(faults.map(({ code, message, cause }) => [code, message, cause]), [
      ["internal", '"mode" threw; the gate enforces', error],
    ]);
  });

  test("one that returns garbage enforces and is reported", () => {
    for (const garbage of [undefined, null, false, "", "OFF", "open", {}, Promise.resolve("off")]) {
      const { gate, faults } = gateOf([provider(queued)], { mode: () => untyped<Mode>(garbage) });
      assert.equal(answered(gate(request(), page)).status, 302, String(garbage));
      assert.equal(faults[0]?.code, "internal");
      assert.ok(faults[0]?.message.endsWith("; the gate enforces"));
    }
  });
});

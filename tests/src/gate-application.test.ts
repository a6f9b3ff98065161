import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import type { Outcome, Plugin } from "../../mod.ts";
import {
  admitted,
  answered,
  bypassed,
  gateOf,
  opening,
  page,
  provider,
  queued,
  request,
  turn,
  untyped,
} from "./_gates.ts";

const slow: Plugin = { name: "slow", prepare: () => turn() };
const cookie: Plugin = { name: "cookie", headers: () => [["set-cookie", "token=1; Path=/"]] };
const failing: Plugin = {
  name: "failing",
  decide() {
    throw new Error("provider down");
  },
};

/** The ways on which a visitor gets to the application. */
const ways: readonly [way: string, plugins: readonly Plugin[], mode?: "report" | "off"][] = [
  ["bypassing", [{ name: "static", match: () => false }, cookie]],
  ["let by", [cookie, provider(bypassed)]],
  ["admitted", [cookie, provider(admitted)]],
  ["admitted later", [cookie, slow, provider(admitted)]],
  ["let in after a failure", [cookie, opening, failing]],
  ["let in after a failure later", [cookie, slow, opening, failing]],
  ["only reported", [cookie, provider(queued)], "report"],
  ["not looked at", [cookie, provider(queued)], "off"],
];

/** Plugins that count how often they hear of a fault. */
function listener(heard: unknown[]): Plugin {
  return { name: "listener", recover: (_ctx, failure) => void heard.push(failure) };
}

describe("the application's errors", () => {
  for (const [way, plugins, mode] of ways) {
    for (const rejecting of [false, true]) {
      test(`gate() passes ${rejecting ? "a rejection" : "an error"} through untouched, ${way}`, async () => {
        const error = new Error("the application's own");
        const heard: unknown[] = [];
        let calls = 0;
        const application = (): Response | Promise<Response> => {
          calls++;
          if (rejecting) return Promise.reject(error);
          throw error;
        };
        const { gate, faults } = gateOf([listener(heard), ...plugins], { mode: mode ?? "enforce" });
        let caught: unknown;
        try {
          await gate(request(), application);
        } catch (thrown) {
          caught = thrown;
        }
        await gate.idle();
        assert.equal(caught, error);
        assert.equal(calls, 1);
        const ours = way.includes("failure") ? 1 : 0;
        assert.equal(heard.length, ours);
        assert.equal(faults.length, ours);
        assert.equal(gate.errors, ours);
      });
    }
  }

  test("gate() lets a synchronous error out synchronously", () => {
    const error = new Error("the application's own");
    assert.throws(() =>
      gateOf([cookie]).gate(request(), () => {
        throw error;
      }), (thrown) => thrown === error);
  });

  test("gate() passes through what is thrown even when it is no error", async () => {
    for (const thrown of [undefined, null, "text", 0]) {
      const answer = Promise.resolve(gateOf([cookie]).gate(request(), () => Promise.reject(thrown)));
      const caught = await answer.catch((reason: unknown) => [reason]);
      assert.deepEqual(caught, [thrown]);
    }
  });

  test("gate() tells settled hooks of a page that failed, without a status", async () => {
    for (
      const way of [() => Promise.reject(new Error("x")), () => {
        throw new Error("x");
      }]
    ) {
      const outcomes: Outcome[] = [];
      const { gate } = gateOf([{ name: "log", settled: (_ctx, outcome) => void outcomes.push(outcome) }]);
      await Promise.resolve().then(() => gate(request(), way)).catch(() => {});
      await gate.idle();
      assert.deepEqual(outcomes.map(({ status, served }) => ({ status, served })), [{
        status: undefined,
        served: true,
      }]);
    }
  });
});

describe("the application is called", () => {
  test("never for who is refused", async () => {
    for (const plugins of [[provider(queued)], [slow, provider(queued)], [failing]]) {
      let calls = 0;
      await gateOf(plugins).gate(request(), () => (calls++, page()));
      assert.equal(calls, 0);
    }
  });

  test("once for who is admitted, on every way", async () => {
    for (const [way, plugins, mode] of ways) {
      let calls = 0;
      await gateOf(plugins, { mode: mode ?? "enforce" }).gate(request(), () => (calls++, page()));
      assert.equal(calls, 1, way);
    }
  });

  test("outside of every try, also behind a hook that returns a promise of its own making", async () => {
    const error = new Error("the application's own");
    const instant = untyped<Promise<void>>({ then: (done: () => void) => void done() });
    const heard: unknown[] = [];
    for (const hook of ["prepare", "decide"] as const) {
      let calls = 0;
      const { gate, faults } = gateOf([listener(heard), { name: "instant", [hook]: () => instant }]);
      await assert.rejects(
        Promise.resolve().then(() =>
          gate(request(), () => {
            calls++;
            throw error;
          })
        ),
        (thrown) => thrown === error,
      );
      assert.equal(calls, 1);
      assert.deepEqual([...heard, ...faults], []);
      assert.equal((await gate(request(), page)).status, 200);
    }
  });

  test("with a promise of its own making, which counts as one", async () => {
    const thenable = untyped<Promise<Response>>({
      then: (done: (value: Response) => void) => void done(page()),
    });
    const response = await gateOf([cookie]).gate(request(), () => thenable);
    assert.equal(response.headers.get("set-cookie"), "token=1; Path=/");
  });
});

describe("what is no response passes through", () => {
  for (const value of [undefined, null, 0, "text", { status: 200, headers: {} }, [1], new Map()]) {
    test(`gate() hands ${Object.prototype.toString.call(value)} ${JSON.stringify(value)} on as it is`, async () => {
      const { gate, faults } = gateOf([cookie]);
      assert.equal(gate(request(), () => value), value);
      assert.equal(await gate(request(), () => Promise.resolve(value)), value);
      assert.deepEqual(faults, []);
    });
  }

  test("gate() tells headers hooks that there is no response", () => {
    const seen: unknown[] = [];
    const { gate } = gateOf([{ name: "look", headers: (_ctx, response) => void seen.push(response) }]);
    gate(request(), () => undefined);
    assert.deepEqual(seen, [undefined]);
  });
});

test("gate() hands the response on as it is when no plugin changes headers", () => {
  const original = page();
  assert.equal(answered(gateOf([]).gate(request(), () => original)), original);
  assert.equal(
    answered(gateOf([{ name: "none", headers: () => [] }]).gate(request(), () => original)),
    original,
  );
});

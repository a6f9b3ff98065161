import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { HookError, type Outcome, platform, type Plugin } from "../../mod.ts";
import {
  admitted,
  answered,
  bypassed,
  gateOf,
  page,
  provider,
  queued,
  request,
  turn,
  untyped,
} from "./_gates.ts";
import { steadily } from "../support/steadily.ts";

/** A settled hook that waits until it is told. */
function waiting(begun: string[] = []): Plugin & { finish(): void } {
  const doors: (() => void)[] = [];
  const plugin: Plugin = {
    name: "waiting",
    settled(ctx) {
      begun.push(ctx.path);
      return new Promise((resolve) => void doors.push(resolve));
    },
  };
  // Not a hook of the plugin: `createGate` gets the plain object.
  return Object.defineProperty(plugin, "finish", {
    value: () => doors.splice(0).forEach((open) => open()),
  }) as Plugin & { finish(): void };
}

describe("settled", () => {
  test("it runs after the response was given, also when everything is synchronous", async () => {
    const log: string[] = [];
    const { gate } = gateOf([{ name: "late", settled: () => void log.push("settled") }]);
    gate(request(), page);
    log.push("response");
    await gate.idle();
    assert.deepEqual(log, ["response", "settled"]);
  });

  test("nobody waits for it", async () => {
    const plugin = waiting();
    const { gate } = gateOf([plugin]);
    assert.equal((await gate(request(), () => Promise.resolve(page()))).status, 200);
    plugin.finish();
    await gate.idle();
  });

  test("it is told how the request ended", async () => {
    const broken: Plugin = { name: "broken", decide: () => Promise.reject(new Error("down")) };
    const table: readonly [plugins: readonly Plugin[], status: number, outcome: Partial<Outcome>][] = [
      [[provider(admitted)], 200, { decision: admitted, served: true, status: 200 }],
      [[provider(bypassed)], 200, { decision: bypassed, served: true, status: 200 }],
      [[provider(queued)], 302, { decision: queued, served: false, status: 302 }],
      [[broken], 503, { served: false, status: 503 }],
    ];
    for (const [plugins, status, expected] of table) {
      const outcomes: Outcome[] = [];
      const { gate, faults } = gateOf([
        { name: "log", settled: (_c, outcome) => void outcomes.push(outcome) },
        ...plugins,
      ]);
      assert.equal((await gate(request(), page)).status, status);
      await gate.idle();
      assert.equal(outcomes.length, 1);
      const [outcome] = outcomes;
      assert.deepEqual({ ...outcome, ...expected, enforced: true, failure: faults[0] }, outcome);
    }
  });

  test("it is told whether the application threw, at once or later, or answered with something else", async () => {
    const table: readonly [next: () => Response | undefined | Promise<Response>, threw: boolean][] = [
      [() => {
        throw new Error("at once");
      }, true],
      [() => Promise.reject(new Error("later")), true],
      [() => undefined, false],
      [page, false],
    ];
    for (const [next, threw] of table) {
      const outcomes: Outcome[] = [];
      const { gate } = gateOf([{ name: "log", settled: (_c, outcome) => void outcomes.push(outcome) }]);
      // Node 22 has no Promise.try.
      await new Promise((resolve) => resolve(gate(request(), next))).catch(() => {});
      await gate.idle();
      assert.deepEqual(outcomes.map((outcome) => [outcome.served, outcome.threw]), [[true, threw]]);
    }
  });

  test("it is told no status when the application gave no response", async () => {
    const outcomes: Outcome[] = [];
    const { gate } = gateOf([{ name: "log", settled: (_ctx, outcome) => void outcomes.push(outcome) }]);
    gate(request(), () => undefined);
    await gate.idle();
    assert.deepEqual(outcomes.map(({ status, served }) => [status, served]), [[undefined, true]]);
  });

  test("it runs once for each request, whether the page comes at once or later", async () => {
    const seen: string[] = [];
    const { gate } = gateOf([{ name: "log", settled: (ctx) => void seen.push(ctx.path) }]);
    gate(request("/a"), page);
    await gate(request("/b"), () => turn().then(page));
    await turn();
    assert.deepEqual(seen, ["/a", "/b"]);
  });

  test("it does not run for a request that is none of the gate's business", async () => {
    const { gate } = gateOf([{ name: "static", match: () => false }, {
      name: "log",
      settled: () => assert.fail(),
    }]);
    gate(request(), page);
    await gate.idle();
    assert.equal(gate.errors, 0);
  });

  test("one that fails is reported, never thrown, and the next one runs", async () => {
    const error = new Error("report lost");
    const failing = [() => Promise.reject(error), () => turn().then(() => Promise.reject(error)), () => {
      throw error;
    }];
    for (const settled of failing) {
      let ran = 0;
      const { gate, faults } = gateOf([{ name: "failing", settled }, {
        name: "next",
        settled: () => void ran++,
      }]);
      assert.equal(answered(gate(request(), page)).status, 200);
      await gate.idle();
      assert.equal(ran, 1);
      const [fault] = faults;
      assert.ok(fault instanceof HookError && faults.length === 1);
      assert.deepEqual([fault.plugin, fault.hook, fault.cause], ["failing", "settled", error]);
    }
  });

  test("one that returns a promise of its own making that breaks is reported", async () => {
    const odd = untyped<Promise<void>>({
      then() {
        throw new Error("odd");
      },
    });
    const { gate } = gateOf([{ name: "odd", settled: () => odd }]);
    gate(request(), page);
    await gate.idle();
    assert.equal(gate.errors, 1);
  });
});

describe("settled is bounded", () => {
  test("in number: what is too much is dropped and reported", async () => {
    const begun: string[] = [];
    const plugin = waiting(begun);
    const { gate, faults } = gateOf([plugin], { maxPending: 2 });
    for (const path of ["/a", "/b", "/c", "/d"]) gate(request(path), page);
    await turn();
    assert.deepEqual(begun, ["/a", "/b"]);
    assert.deepEqual(
      faults.map(({ code, message }) => [code, message]),
      Array(2).fill([
        "internal",
        "Plugin waiting, hook settled: dropped, too much work is pending already",
      ]),
    );
    plugin.finish();
    await gate.idle();
    gate(request("/e"), page);
    await turn();
    assert.deepEqual(begun, ["/a", "/b", "/e"]);
    plugin.finish();
    await gate.idle();
  });

  test(
    "what was always done at once goes on while too much is pending",
    steadily(async () => {
      const counted: string[] = [];
      const counting: Plugin = { name: "counting", settled: (ctx) => void counted.push(ctx.path) };
      const mixed: Plugin = {
        name: "mixed",
        settled: (ctx) => ctx.path === "/slow" ? new Promise(() => {}) : void counted.push("mixed"),
      };
      const { gate, faults } = gateOf([mixed, counting], { maxPending: 1, settledTimeoutMs: 20 });
      for (const path of ["/quick", "/slow", "/a", "/b"]) {
        gate(request(path), page);
        await turn();
      }
      assert.deepEqual(counted, ["mixed", "/quick", "/slow", "/a", "/b"]);
      assert.deepEqual(
        faults.map((fault) => fault.message),
        Array(2).fill(
          "Plugin mixed, hook settled: dropped, too much work is pending already",
        ),
      );
      await gate.idle();
    }),
  );

  test("in number, for each piece of work of one request", async () => {
    const begun: string[] = [];
    const [first, second] = [waiting(begun), waiting(begun)];
    const { gate } = gateOf([first, second], { maxPending: 1 });
    gate(request(), page);
    await turn();
    assert.equal(begun.length, 1);
    assert.equal(gate.errors, 1);
    first.finish();
    await gate.idle();
  });

  test(
    "in time: what does not end is reported as timeout, once, and given up",
    steadily(async () => {
      let fail = (_error: Error) => {};
      const endless: Plugin = {
        name: "endless",
        settled: () => new Promise((_, reject) => void (fail = reject)),
      };
      const { gate, faults } = gateOf([endless], { settledTimeoutMs: 5, maxPending: 1 });
      gate(request(), page);
      await gate.idle();
      const expected = [["timeout", "Plugin endless, hook settled: not done within 5 ms"]];
      assert.deepEqual(faults.map(({ code, message }) => [code, message]), expected);
      fail(new Error("too late to matter"));
      await turn();
      assert.equal(faults.length, 1);
    }),
  );
});

describe("gate.idle()", () => {
  test("it leaves no timer behind that would keep the process alive", async () => {
    const timers = new Set<unknown>();
    const { setTimeout: start, clearTimeout: stop } = globalThis;
    const limit = 54_321;
    const firstStep = Math.ceil(limit / 16);
    globalThis.setTimeout = untyped((run: () => void, ms: number, ...handed: unknown[]) => {
      const timer = start(run, ms, ...handed);
      if (ms === firstStep) timers.add(timer);
      return timer;
    });
    globalThis.clearTimeout = (timer) => (timers.delete(timer), stop(timer));
    try {
      const failing: Plugin = { name: "failing", settled: () => Promise.reject(new Error("x")) };
      const { gate } = gateOf([{ name: "slow", settled: () => turn() }, failing], {
        settledTimeoutMs: limit,
      });
      gate(request(), page);
      await Promise.resolve();
      assert.equal(timers.size, 2);
      await gate.idle();
      assert.equal(timers.size, 0);
    } finally {
      globalThis.setTimeout = start;
      globalThis.clearTimeout = stop;
    }
  });

  test("it resolves at once when nothing is pending", async () => {
    await gateOf([]).gate.idle();
  });

  test(
    "it waits for all that is pending, and for what began meanwhile",
    steadily(async () => {
      const log: string[] = [];
      const slow = (name: string, ms: number): Plugin => ({
        name,
        settled: () => turn(ms).then(() => void log.push(name)),
      });
      const { gate } = gateOf([slow("long", 20), slow("short", 1)]);
      gate(request(), page);
      const idle = gate.idle();
      setTimeout(() => gate(request(), page), 10);
      await idle;
      assert.deepEqual(log.toSorted(), ["long", "long", "short", "short"]);
    }),
  );

  test("it never rejects", async () => {
    const { gate } = gateOf([{ name: "failing", settled: () => Promise.reject(new Error("x")) }]);
    gate(request(), page);
    await gate.idle();
    assert.equal(gate.errors, 1);
  });
});

describe("waitUntil", () => {
  test("settled work is handed to the platform as a promise that never rejects", async () => {
    const handed: Promise<unknown>[] = [];
    const context = {
      waitUntil(promise: Promise<unknown>) {
        assert.equal(this, context);
        handed.push(promise);
      },
      passThroughOnException() {},
    };
    const failing: Plugin = {
      name: "failing",
      settled: () => turn().then(() => Promise.reject(new Error("x"))),
    };
    const quick: Plugin = { name: "quick", settled() {} };
    const { gate } = gateOf([failing, quick]);
    const handler = gate.wrap((_request: Request, _env: object, _context: typeof context) => page());
    handler(request(), {}, context);
    await Promise.resolve();
    assert.equal(handed.length, 1);
    await Promise.all(handed);
    assert.equal(gate.errors, 1);
  });

  test("a platform whose waitUntil throws does no harm", async () => {
    const context = {
      waitUntil() {
        throw new Error("the request has ended");
      },
    };
    let done = false;
    const { gate } = gateOf([{ name: "slow", settled: () => turn().then(() => void (done = true)) }]);
    assert.equal(answered(gate(request(), page, context)).status, 200);
    await gate.idle();
    assert.equal(done, true);
    assert.equal(gate.errors, 1);
  });

  test("a platform whose waitUntil rejects ends no process", async () => {
    const context = { waitUntil: () => Promise.reject(new Error("the request has ended")) };
    const { gate } = gateOf([{ name: "slow", settled: () => turn() }]);
    for (const said of [context, platform(context)]) {
      assert.equal(answered(gate(request(), page, said)).status, 200);
      await gate.idle();
    }
  });
});

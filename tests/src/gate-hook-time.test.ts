import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import {
  createGate,
  failOpen,
  type GateError,
  HookError,
  type Plugin,
  type Provider,
  ServiceError,
} from "../../mod.ts";
import { hookTimeoutOf } from "../../src/pipeline/hook-time.ts";
import { admitted, gateOf, page, provider, queued, request, turn } from "./_gates.ts";
import { steadily } from "../support/steadily.ts";

const never = () => new Promise<never>(() => {});

/** The timers that are set and neither over nor called off, and how many were set. */
function watchTimers(): { set: number; readonly active: ReadonlySet<unknown>; stop(): void } {
  const { setTimeout, clearTimeout } = globalThis;
  const active = new Set<unknown>();
  const watch = { set: 0, active, stop: () => void Object.assign(globalThis, { setTimeout, clearTimeout }) };
  globalThis.setTimeout = ((run: (...handed: unknown[]) => void, ms: number, ...handed: unknown[]) => {
    const timer = setTimeout(() => (active.delete(timer), run(...handed)), ms);
    active.add(timer);
    watch.set++;
    return timer;
  }) as typeof setTimeout;
  globalThis.clearTimeout = (timer) => (active.delete(timer), clearTimeout(timer));
  return watch;
}

/** Lets nothing run for a while. */
function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

describe("hookTimeoutMs", () => {
  for (const hook of ["prepare", "decide"] as const) {
    test(
      `a ${hook} hook that never answers is a failure that names plugin and hook`,
      steadily(async () => {
        const heard: GateError[] = [];
        const listening: Plugin = { name: "listening", recover: (_ctx, failure) => void heard.push(failure) };
        const { gate, faults } = gateOf([listening, { name: "stuck", [hook]: never }], { hookTimeoutMs: 15 });
        let calls = 0;
        assert.equal((await gate(request(), () => (calls++, page()))).status, 503);
        assert.equal(calls, 0);
        const [failure] = heard;
        assert.ok(failure instanceof HookError && heard.length === 1);
        assert.ok(failure.cause instanceof ServiceError);
        assert.deepEqual([failure.code, failure.plugin, failure.hook], ["timeout", "stuck", hook]);
        assert.equal(failure.message, `Plugin stuck, hook ${hook}: did not answer within 15 ms`);
        assert.deepEqual(faults, heard);
      }),
    );
  }

  test(
    "a respond hook that never answers is told, the next one is asked, and the gate answers by itself",
    steadily(async () => {
      for (const more of [[], [{ name: "polite", respond: () => new Response("wait", { status: 202 }) }]]) {
        const stuck: Plugin = { name: "stuck", respond: never };
        const { gate, faults } = gateOf([stuck, ...more, provider(queued)], { hookTimeoutMs: 15 });
        const response = await gate(request(), page);
        assert.equal(response.status, more.length === 0 ? 302 : 202);
        assert.deepEqual(faults.map(({ code, message }) => [code, message]), [
          ["timeout", "Plugin stuck, hook respond: did not answer within 15 ms"],
        ]);
      }
    }),
  );

  test(
    "what a hook answers too late is ignored, and so is its failure",
    steadily(async () => {
      for (const late of ["admits", "rejects"]) {
        const { promise, resolve, reject } = Promise.withResolvers<typeof admitted>();
        const { gate, faults } = gateOf([{ name: "late", decide: () => promise }], { hookTimeoutMs: 15 });
        let calls = 0;
        const response = await gate(request(), () => (calls++, page()));
        if (late === "admits") resolve(admitted);
        else reject(new Error("too late to matter"));
        // A rejection that nobody takes would fail the test.
        await turn(5);
        assert.deepEqual([response.status, calls, faults.length], [503, 0, 1]);
      }
    }),
  );

  test(
    "each hook has the time for itself",
    steadily(async () => {
      const slow: Plugin = { name: "slow", prepare: () => turn(300) };
      const { gate, faults } = gateOf([slow, slow, {
        ...provider(admitted),
        decide: () => turn(300).then(() => admitted),
      }], {
        hookTimeoutMs: 700,
      });
      assert.equal((await gate(request(), page)).status, 200);
      assert.deepEqual(faults, []);
    }),
  );

  test("no timer is set where every hook answers at once, and one for each that does not, which is called off", async () => {
    const watch = watchTimers();
    try {
      const quick: Plugin = { name: "quick", prepare: () => {}, respond: () => undefined };
      gateOf([quick]).gate(request(), page);
      gateOf([quick, provider(queued)]).gate(request(), page);
      assert.equal(watch.set, 0);
      const slow: Plugin = { name: "slow", prepare: () => Promise.resolve() };
      const failing: Plugin = { name: "failing", prepare: () => Promise.reject(new Error("down")) };
      for (const [plugins, count] of [[[slow], 1], [[slow, slow], 2], [[slow, failing], 2]] as const) {
        watch.set = 0;
        await gateOf(plugins).gate(request(), page);
        assert.deepEqual([watch.set, watch.active.size], [count, 0]);
      }
    } finally {
      watch.stop();
    }
  });

  test(
    "a visitor who sends a body slowly takes nothing from the hook's time, and does not bring a failure about",
    steadily(async () => {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const slow: Plugin = {
        name: "reading",
        decide: async (ctx) => {
          const { text } = await ctx.body();
          await turn(5);
          return text === "a=1" ? queued : undefined;
        },
      };
      const { gate, faults } = gateOf([slow], { hookTimeoutMs: 30 });
      const init = { method: "POST", body: readable, duplex: "half" } as RequestInit;
      const response = gate(request("/", init), page);
      await turn(150);
      const writer = writable.getWriter();
      await writer.write(new TextEncoder().encode("a=1"));
      await writer.close();
      assert.equal((await response).status, 302);
      assert.deepEqual(faults, []);
    }),
  );

  test(
    "a hook that never answers after it had the body is a timeout",
    steadily(async () => {
      const stuck: Plugin = { name: "stuck", decide: async (ctx) => (await ctx.body(), await never()) };
      const { gate, faults } = gateOf([stuck], { hookTimeoutMs: 150 });
      assert.equal((await gate(request("/", { method: "POST", body: "a=1" }), page)).status, 503);
      assert.equal(faults[0]?.code, "timeout");
    }),
  );

  test(
    "gate.explain() waits no longer",
    steadily(async () => {
      const { gate } = gateOf([{ name: "stuck", decide: never }], { hookTimeoutMs: 15 });
      const { decision, failure } = await gate.explain(request());
      assert.deepEqual([decision.reason, failure?.code], ["closing/closed", "timeout"]);
    }),
  );

  test("on this platform's loop, a loop that stood still is no silence of a hook: failOpen() does not admit", async () => {
    const faults: GateError[] = [];
    const gate = createGate({
      plugins: [failOpen(), { name: "stuck", final: "decide", decide: never }],
      hookTimeoutMs: 40,
      onError: (error) => faults.push(error),
    });
    let calls = 0;
    const response = gate(request(), () => (calls++, page()));
    block(300);
    assert.equal((await response).status, 503);
    assert.deepEqual([calls, faults[0]?.code], [0, "overloaded"]);
  });

  test("on this platform's loop, a hook whose answer is there when the loop runs again is in time", async () => {
    const decide = () => turn(25).then(() => queued);
    const { gate, faults } = gateOf([{ name: "late", final: "decide", decide }], { hookTimeoutMs: 20 });
    const response = gate(request(), page);
    block(300);
    assert.equal((await response).status, 302);
    assert.deepEqual(faults, []);
  });
});

describe("hookTimeoutOf()", () => {
  const plugin = (name: string, longestMs?: number, more: Partial<Plugin> = {}): Plugin => ({
    name,
    ...(longestMs !== undefined && { longestMs }),
    ...more,
  });
  const store = plugin("store", 1500, { supplies: { tokens: () => assert.fail("nobody asked for tokens") } });

  const defaults: readonly [what: string, plugins: readonly Plugin[], expectedMs: number][] = [
    ["of plugins without limits", [plugin("a"), plugin("b")], 5000],
    ["that is enough", [plugin("a", 4000), plugin("b", 1000)], 5000],
    ["of a plugin that may take longer", [plugin("a", 4001), plugin("b", 4500)], 5500],
    ["of a plugin that uses what another supplies", [store, plugin("a", 4000)], 6500],
    ["of supplies alone", [store], 5000],
    ["of a queue of ten minutes", [plugin("a", 602_000)], 603_000],
  ];
  for (const [what, plugins, expectedMs] of defaults) {
    test(`it finds the time ${what}`, () => assert.equal(hookTimeoutOf(plugins, undefined), expectedMs));
  }

  test("it takes the owner's word where the plugins can do with it, and refuses it where they cannot", () => {
    assert.equal(hookTimeoutOf([plugin("a")], 1), 1);
    assert.equal(hookTimeoutOf([plugin("a", 0)], 1), 1);
    assert.equal(hookTimeoutOf([plugin("a", 2000)], 2001), 2001);
    for (const givenMs of [1, 1999, 2000]) {
      assert.throws(() => hookTimeoutOf([plugin("b"), plugin("a", 2000)], givenMs), {
        name: "RangeError",
        message:
          `Cannot create gate: "hookTimeoutMs" must be more than 2000, which the time limits of a add up to, received ${givenMs}`,
      });
    }
    assert.throws(
      () =>
        createGate({
          plugins: [failOpen(), store, { ...provider(admitted), longestMs: 2000 }],
          hookTimeoutMs: 3500,
        }),
      {
        name: "RangeError",
        message: /more than 3500, which the time limits of provider and store add up to, received 3500$/,
      },
    );
  });

  test("createGate() refuses what is no time", () => {
    for (const hookTimeoutMs of [0, -1, 0.5, Infinity, NaN, 600_001]) {
      assert.throws(() => gateOf([], { hookTimeoutMs }), {
        name: "RangeError",
        message:
          `Cannot create gate: "hookTimeoutMs" must be an integer from 1 to 600000, received ${hookTimeoutMs}`,
      });
    }
    for (const longestMs of [-1, 0.5, Infinity, NaN]) {
      const odd: Provider = { name: "odd", final: "decide", decide: () => admitted, longestMs };
      assert.throws(() => gateOf([odd]), {
        name: "RangeError",
        message: /^Cannot create gate: "plugins\[0\]\.longestMs" must/,
      });
    }
  });
});

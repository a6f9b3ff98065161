import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import type { Plugin } from "../../mod.ts";
import { admitted, bypassed, gateOf, provider, queued, rejected, request, turn } from "./_gates.ts";

/** Runs something synchronous while every promise that it makes or waits for by name is counted. */
function countPromises<T>(run: () => T): { readonly result: T; readonly promises: readonly string[] } {
  const native = globalThis.Promise;
  const promises: string[] = [];
  const proxy: PromiseConstructor = new Proxy(native, {
    construct(target, args, newTarget): object {
      promises.push("new");
      return Reflect.construct(target, args, newTarget === proxy ? target : newTarget);
    },
    get(target, key) {
      if (typeof key === "string" && ["resolve", "reject", "all", "race"].includes(key)) promises.push(key);
      return Reflect.get(target, key, target);
    },
  });
  const { then } = native.prototype;
  globalThis.Promise = proxy;
  native.prototype.then = function (...args) {
    promises.push("then");
    return Reflect.apply(then, this, args);
  };
  try {
    return { result: run(), promises };
  } finally {
    globalThis.Promise = native;
    native.prototype.then = then;
  }
}

/** All seven hooks, none of which waits. */
const everything: Plugin = {
  name: "everything",
  match: () => true,
  prepare() {},
  decide: () => undefined,
  recover: () => undefined,
  respond: () => undefined,
  headers: () => [["set-cookie", "token=1"]],
  settled() {},
};

const failing: Plugin = {
  name: "failing",
  decide() {
    throw new Error("broken");
  },
};

const cases: readonly [what: string, plugins: readonly Plugin[], status: number][] = [
  ["a bypassed request", [{ name: "static", match: () => false }, everything], 200],
  ["a request that a plugin lets bypass", [everything, provider(bypassed)], 200],
  ["an admitted request", [everything, provider(admitted)], 200],
  ["a queued request", [everything, provider(queued)], 302],
  ["a rejected request", [everything, provider(rejected)], 403],
  ["a request whose plugin failed", [everything, failing], 503],
];

describe("the synchronous path", () => {
  for (const [what, plugins, status] of cases) {
    test(`gate() answers ${what} at once and makes no promise`, () => {
      const { gate } = gateOf(plugins);
      const incoming = request();
      const answer = new Response(null);
      const { result, promises } = countPromises(() => gate(incoming, () => answer));
      assert.ok(result instanceof Response);
      assert.equal(result.status, status);
      assert.deepEqual(promises, []);
    });

    test(`gate.wrap() answers ${what} at once`, () => {
      const answer = new Response(null);
      const handler = gateOf(plugins).gate.wrap(() => answer);
      const incoming = request();
      const { result, promises } = countPromises(() => handler(incoming));
      assert.ok(result instanceof Response);
      assert.deepEqual(promises, []);
    });
  }

  test("gate() answers at once in the modes that admit everybody", () => {
    for (const mode of ["report", "off"] as const) {
      const { gate } = gateOf([everything, provider(queued)], { mode: () => mode });
      const incoming = request();
      const answer = new Response(null);
      const { result, promises } = countPromises(() => gate(incoming, () => answer));
      assert.ok(result instanceof Response);
      assert.deepEqual(promises, [], mode);
    }
  });

  test("gate() gives the application's own promise back where no hook waits for its response", () => {
    const pending = Promise.resolve(new Response(null));
    const { gate } = gateOf([provider(admitted)]);
    assert.equal(gate(request(), () => pending), pending);
  });

  test("gate() gives a promise when a hook does", async () => {
    for (const hook of ["prepare", "decide", "respond"] as const) {
      const { gate } = gateOf([{ name: "slow", [hook]: () => turn() }, provider(queued)]);
      const given = gate(request(), () => new Response(null));
      assert.ok(given instanceof Promise, hook);
      assert.equal((await given).status, 302);
    }
  });

  test("gate() does not wait for a settled hook that waits", () => {
    const { gate } = gateOf([{ name: "slow", settled: () => turn() }]);
    assert.ok(gate(request(), () => new Response(null)) instanceof Response);
  });
});

const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);

test("gate() makes no promise that only the engine sees", { skip: !isNode }, async () => {
  const { createHook } = await import("node:async_hooks");
  let count = 0;
  const hook = createHook({ init: (_id, type) => void (type === "PROMISE" && count++) });
  for (const [what, plugins, status] of cases) {
    // A response that has a text makes promises of its own for its stream.
    if (status > 302) continue;
    const { gate } = gateOf(plugins);
    const incoming = request();
    const answer = new Response(null);
    gate(incoming, () => answer);
    count = 0;
    hook.enable();
    gate(incoming, () => answer);
    const made = count;
    hook.disable();
    assert.equal(made, 0, what);
  }
});

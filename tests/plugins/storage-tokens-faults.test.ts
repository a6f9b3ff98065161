import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { storageTokens, type StorageTokensOptions } from "../../plugins/storage-tokens/mod.ts";
import { GateError, HookError } from "../../src/errors.ts";
import { countingIds, id1, mapStorage } from "../support/map-storage.ts";
import { benchOf, knownBrowser } from "../support/token-bench.ts";
import { steadily } from "../support/steadily.ts";

test("storageTokens() counts what is no token in the storage as absent", async () => {
  const { items, storage } = mapStorage();
  const bench = benchOf(storageTokens({ storage, random: countingIds() }));
  const visitor = knownBrowser(bench);
  await visitor.visit(["write", "a", "1"]);
  for (const stored of [null, undefined, 123, true, {}, ["~x"], "", "tok_1", `~${"x".repeat(65_537)}`]) {
    items.set(`stanchion:${id1}:a`, stored);
    assert.deepEqual(await visitor.visit(["read", "a"]), [undefined]);
  }
  items.set(`stanchion:${id1}:a`, `~${"x".repeat(65_536)}`);
  assert.equal((await visitor.visit(["read", "a"]))[0]?.length, 65_536);
  assert.deepEqual(bench.faults, []);
});

/** What a promise of another realm or library may look like. */
function onlyThen<T>(value: T | Error): PromiseLike<T> {
  const promise = value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
  return { then: (onValue, onError) => promise.then(onValue, onError) };
}

test("storageTokens() waits for whatever has a then, and looks after its rejection", async () => {
  const { items, storage } = mapStorage();
  let isDown = false;
  const via = (call: () => unknown) => isDown ? onlyThen(new Error("secret")) : onlyThen(call());
  const bench = benchOf(storageTokens({
    storage: {
      getItem: (key) => via(() => items.get(key)),
      setItem: (key, value, options) => via(() => storage.setItem(key, value, options)),
      removeItem: (key) => via(() => storage.removeItem(key)),
    },
    random: countingIds(),
  }));
  const visitor = knownBrowser(bench);
  await visitor.visit(["write", "a", "1"]);
  assert.deepEqual(await visitor.visit(["read", "a"]), ["1"]);
  await visitor.visit(["remove", "a"]);
  assert.deepEqual(await visitor.visit(["read", "a"]), [undefined]);
  assert.deepEqual(bench.faults, []);
  isDown = true;
  await visitor.visit(["read", "a"]);
  assert.deepEqual(bench.faults.map(({ code }) => code), ["unreachable"]);
  assert.ok(!inspect(bench.faults).includes("secret"));
});

test(
  "storageTokens() ends the wait for a storage that hangs",
  steadily(async () => {
    const hang = () => new Promise<never>(() => {});
    for (const method of ["getItem", "setItem", "removeItem"] as const) {
      const { storage } = mapStorage();
      let hanging = false;
      const bench = benchOf(storageTokens({
        storage: {
          ...storage,
          [method]: (key: string, value: string) => hanging ? hang() : storage[method](key, value),
        },
        timeoutMs: 20,
      }));
      const visitor = knownBrowser(bench);
      await visitor.visit(["write", "a", "1"]);
      hanging = true;
      await visitor.visit(["read", "a"], ["write", "a", "2"], ["remove", "a"]);
      const [fault] = bench.faults;
      assert.ok(fault instanceof HookError);
      assert.equal(fault.code, "timeout");
      assert.equal(
        fault.message,
        "Plugin scripted, hook decide: The token storage did not answer within 20 ms",
      );
    }
  }),
);

test("storageTokens() passes on the kind of a storage's error and nothing else", async () => {
  const refused = Object.assign(new Error(`SET stanchion:${id1}:a secret`), {
    code: "ECONNREFUSED",
    command: { name: "set", args: [`stanchion:${id1}:a`, "~secret"] },
  });
  const named = new Error("secret");
  named.name = "MaxRetriesPerRequestError";
  const odd = new Error("secret");
  odd.name = "what secret";
  const table: [unknown, string][] = [
    [refused, "The token storage failed (Error ECONNREFUSED)"],
    [named, "The token storage failed (MaxRetriesPerRequestError)"],
    [odd, "The token storage failed (unknown cause)"],
    ["secret", "The token storage failed (string)"],
    [undefined, "The token storage failed (undefined)"],
  ];
  for (const [cause, message] of table) {
    const failures = [
      () => {
        throw cause;
      },
      () => Promise.reject(cause),
    ];
    for (const setItem of failures) {
      const bench = benchOf(
        storageTokens({ storage: { ...mapStorage().storage, setItem }, random: countingIds() }),
      );
      const visitor = knownBrowser(bench);
      await visitor.visit(["write", "a", "secret"]);
      // Nothing was kept: the browser gets no id for it.
      assert.deepEqual(visitor.received, []);
      const [fault] = bench.faults;
      assert.ok(fault instanceof HookError);
      assert.equal(fault.code, "unreachable");
      assert.equal(fault.message, `Plugin scripted, hook decide: ${message}`);
      assert.doesNotMatch(inspect(fault, { depth: 10 }), /secret|AAAA/);
    }
  }
});

test("storageTokens() leaves no rejection behind when one of two writes fails at once", async () => {
  const { storage } = mapStorage();
  const setItem = (key: string) => {
    if (key.endsWith("+")) throw new Error("at once");
    return Promise.reject(new Error("later"));
  };
  const bench = benchOf(storageTokens({ storage: { ...storage, setItem } }));
  await knownBrowser(bench).visit(["write", "a", "1"]);
  await new Promise((resolve) => setTimeout(resolve, 5));
  // The runner fails a test on an unhandled rejection.
  assert.equal(bench.faults.length, 1);
});

test("storageTokens() calls a provider's wrong name or token a fault", async () => {
  const table: [string, string, RegExp][] = [
    ["a", "", /The token "a" is empty/],
    ["a", "x".repeat(65_537), /more than 65536 characters/],
    ...["", ".", "..", "+", "a:b", "a/b", "a b", "a?b", "\u00e4", "x".repeat(129)].map((name) =>
      [name, "1", /The name of a token must be/] as [string, string, RegExp]
    ),
  ];
  for (const [name, value, message] of table) {
    const { calls, storage } = mapStorage();
    const bench = benchOf(storageTokens({ storage }));
    await knownBrowser(bench).visit(["write", name, value]);
    const [fault] = bench.faults;
    assert.ok(fault instanceof HookError && fault.cause instanceof GateError);
    assert.equal(fault.code, "internal");
    assert.match(fault.message, message);
    assert.deepEqual(calls, []);
  }
});

test("storageTokens() reads and removes nothing under a wrong name, and asks the storage nothing", async () => {
  for (const name of ["", "..", "+", "a:b", "x".repeat(129)]) {
    for (const method of ["read", "remove"] as const) {
      const { calls, storage } = mapStorage();
      const bench = benchOf(storageTokens({ storage, random: countingIds() }));
      const visitor = knownBrowser(bench);
      await visitor.visit(["write", "a", "1"]);
      calls.length = 0;
      await visitor.visit([method, name]);
      assert.match(
        String(bench.faults[0]),
        /The name of a token must be 1 to 128 letters, digits, dots, _ and -/,
      );
      assert.deepEqual(calls, []);
    }
  }
});

test("storageTokens() keeps names, tokens and prefixes of the utmost length and shape", async () => {
  const names = ["a", ".a", "..a", "...", "a.b_c-D9", "x".repeat(128)];
  const prefixes = ["a", "a:b", "ab:cd:ef", "A_b-9", "x".repeat(64)];
  for (const prefix of prefixes) {
    const { items, storage } = mapStorage();
    const bench = benchOf(storageTokens({ storage, prefix, random: countingIds() }));
    const visitor = knownBrowser(bench);
    for (const name of names) {
      await visitor.visit(["write", name, "1"]);
      assert.deepEqual(await visitor.visit(["read", name]), ["1"]);
      assert.ok(items.has(`${prefix}:${id1}:${name}`));
    }
    const longest = "x".repeat(65_536);
    await visitor.visit(["write", "a", longest]);
    assert.deepEqual(await visitor.visit(["read", "a"]), [longest]);
    assert.deepEqual(bench.faults, []);
  }
});

test("storageTokens() refuses a random source that gives too few bytes", async () => {
  const bench = benchOf(storageTokens({ storage: mapStorage().storage, random: () => new Uint8Array(4) }));
  await knownBrowser(bench).visit(["write", "a", "1"]);
  const [fault] = bench.faults;
  assert.match(String(fault), /"random" gave 4 bytes instead of 16/);
  assert.equal(fault instanceof GateError && fault.code, "internal");
});

test("storageTokens() refuses wrong options at construction", () => {
  const { storage } = mapStorage();
  const table: [unknown, typeof TypeError | typeof RangeError, string][] = [
    [undefined, TypeError, "options must be an object"],
    [{}, TypeError, '"storage" must be an object with getItem, setItem and removeItem, received undefined'],
    [{ storage: new Map() }, TypeError, '"storage.getItem" must be a function'],
    [{ storage: { ...storage, removeItem: 1 } }, TypeError, '"storage.removeItem" must be a function'],
    [{ storage, prefx: "x" }, TypeError, 'unknown option "prefx"'],
    [{ storage, prefix: 1 }, TypeError, '"prefix" must be'],
    [{ storage, prefix: "" }, RangeError, '"prefix" must be'],
    [{ storage, prefix: "a::b" }, RangeError, '"prefix" must be'],
    [{ storage, prefix: "a:" }, RangeError, '"prefix" must be'],
    [
      { storage, prefix: "a:b c" },
      RangeError,
      '"prefix" must be at most 64 letters, digits, _ and -, in parts',
    ],
    [{ storage, timeoutMs: 60_001 }, RangeError, '"timeoutMs" must be'],
    [{ storage, cookie: null }, TypeError, '"cookie" must be an object, received null'],
    [{ storage, prefix: "../a" }, RangeError, '"prefix" must be'],
    [{ storage, prefix: "x".repeat(65) }, RangeError, '"prefix" must be'],
    [{ storage, ttlSeconds: 0 }, RangeError, '"ttlSeconds" must be an integer from 1'],
    [{ storage, timeoutMs: 0.5 }, RangeError, '"timeoutMs" must be an integer from 1 to 60000, received 0.5'],
    [{ storage, random: 4 }, TypeError, '"random" must be a function'],
    [{ storage, cookie: "id" }, TypeError, '"cookie" must be an object, received "id"'],
    [{ storage, cookie: { nme: "x" } }, TypeError, 'unknown option "nme"'],
    [
      { storage, cookie: { name: 1 } },
      TypeError,
      `"cookie.name" must be a cookie's name; __Host- and __Secure- fit`,
    ],
    [{ storage, cookie: { name: "a b" } }, RangeError, '"cookie.name" must be'],
    [{ storage, cookie: { name: "__Host-x", domain: "example.com" } }, RangeError, '"cookie.name" must be'],
    [{ storage, cookie: { name: "__Secure-x", secure: false } }, RangeError, '"cookie.name" must be'],
    [{ storage, cookie: { sameSite: "None", secure: false } }, RangeError, '"cookie.sameSite" must be'],
    [{ storage, cookie: { maxAgeSeconds: 1e9 } }, RangeError, '"cookie.maxAgeSeconds" must be'],
  ];
  for (const [options, kind, message] of table) {
    assert.throws(() => storageTokens(options as StorageTokensOptions), (error: unknown) => {
      assert.ok(error instanceof kind, String(error));
      assert.ok(error.message.startsWith("Cannot create storage-tokens plugin: "), error.message);
      assert.ok(error.message.includes(message), error.message);
      return true;
    });
  }
});

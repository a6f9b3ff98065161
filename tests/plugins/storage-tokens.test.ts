import assert from "node:assert/strict";
import { test } from "node:test";
import { createStorage } from "unstorage";
import {
  storageTokens,
  type StorageTokensOptions,
  type TokenStorage,
} from "../../plugins/storage-tokens/mod.ts";
import { createGate } from "../../src/gate.ts";
import { oddTokens, tokenStoreContract } from "../conformance/token-store.ts";
import { countingIds, id1, id2, mapStorage } from "../support/map-storage.ts";
import { benchOf, knownBrowser } from "../support/token-bench.ts";

const cookie1 = `__Host-stanchion=${id1}; Path=/; Secure; HttpOnly; SameSite=Lax`;

const { storage: mapped } = mapStorage();
tokenStoreContract("storageTokens() over a map", () => storageTokens({ storage: mapped }));

test("storageTokens() gives the browser a random id and the token to the storage", async () => {
  const { items, calls, storage } = mapStorage();
  const visitor = knownBrowser(benchOf(storageTokens({ storage, random: countingIds() })));
  await visitor.visit(["write", "a", "tok_1"]);
  assert.deepEqual(visitor.received, [cookie1]);
  assert.deepEqual([...items], [[`stanchion:${id1}:a`, "~tok_1"], [`stanchion:${id1}:+`, "~"]]);
  assert.deepEqual(calls.map(([, , ttl]) => ttl), [86_400, 86_400]);
});

test("storageTokens() asks the storage no more than it must", async () => {
  const { calls, storage } = mapStorage();
  const visitor = knownBrowser(benchOf(storageTokens({ storage, random: countingIds() })));
  await visitor.visit(["write", "a", "1"]);
  assert.deepEqual(calls.splice(0).map(([method]) => method), ["set", "set"]);
  // A token that is found proves the id.
  await visitor.visit(["read", "a"], ["write", "a", "2"], ["read", "a"]);
  assert.deepEqual(calls.splice(0).map(([method]) => method), ["get", "set", "set"]);
  await visitor.visit(["read", "b"], ["write", "b", "2"], ["write", "b", "3"]);
  assert.deepEqual(calls.map(([method]) => method), ["get", "get", "set", "set", "set", "set"]);
});

test("storageTokens() makes ids of 22 characters that differ", async () => {
  const ids = new Set<string | undefined>();
  const bench = benchOf(storageTokens({ storage: mapStorage().storage }));
  for (let at = 0; at < 100; at++) {
    const visitor = knownBrowser(bench);
    await visitor.visit(["write", "a", "1"]);
    ids.add(visitor.jar.get("__Host-stanchion"));
  }
  assert.equal(ids.size, 100);
  for (const id of ids) assert.match(id ?? "", /^[A-Za-z0-9_-]{21}[AQgw]$/);
});

test("storageTokens() tells the browser the id once, unless the cookie has a life to extend", async () => {
  const session = knownBrowser(
    benchOf(storageTokens({ storage: mapStorage().storage, random: countingIds() })),
  );
  await session.visit(["write", "a", "1"]);
  await session.visit(["read", "a"], ["write", "a", "2"]);
  assert.deepEqual(session.received, []);

  // A provider that asks for a longer life gets it, for the token and for the id.
  const { calls, storage } = mapStorage();
  const stated = knownBrowser(benchOf(storageTokens({ storage, random: countingIds() })));
  await stated.visit(["write", "a", "1", { maxAgeSeconds: 100_000 }]);
  await stated.visit(["write", "a", "2", { expiresAtMs: Date.now() + 3_600_000 }]);
  assert.match(stated.received[0] ?? "", /^__Host-stanchion=A{20}.*; Max-Age=3[56]\d\d$/);
  assert.deepEqual(calls.map(([, , ttl]) => ttl), [100_000, 100_000, undefined, 86_400, 86_400]);

  const lasting = knownBrowser(benchOf(
    storageTokens({ storage: mapStorage().storage, random: countingIds(), cookie: { maxAgeSeconds: 600 } }),
  ));
  for (const value of ["1", "2"]) {
    await lasting.visit(["write", "a", value]);
    assert.deepEqual(lasting.received, [`${cookie1}; Max-Age=600`]);
  }
  await lasting.visit(["read", "a"], ["remove", "a"]);
  assert.deepEqual(lasting.received, []);
});

test("storageTokens() names and writes its cookie as told", async () => {
  const table: [StorageTokensOptions["cookie"], string][] = [
    [
      { domain: "example.com" },
      `stanchion=${id1}; Domain=example.com; Path=/; Secure; HttpOnly; SameSite=Lax`,
    ],
    [{ path: "/shop" }, `stanchion=${id1}; Path=/shop; Secure; HttpOnly; SameSite=Lax`],
    [{ secure: false }, `stanchion=${id1}; Path=/; HttpOnly; SameSite=Lax`],
    [{ name: "q", sameSite: "None" }, `q=${id1}; Path=/; Secure; HttpOnly; SameSite=None`],
  ];
  for (const [cookie = {}, line] of table) {
    const { storage } = mapStorage();
    const visitor = knownBrowser(
      benchOf(storageTokens({ storage, cookie, random: countingIds() })),
      line.slice(0, line.indexOf("=")),
    );
    // All tokens share the id: what a provider states of a cookie is not about this one.
    await visitor.visit(["write", "a", "1", { domain: "other.test", httpOnly: false, sameSite: "omit" }]);
    assert.deepEqual(visitor.received, [line]);
    assert.deepEqual(await visitor.visit(["read", "a"]), ["1"]);
  }
});

test("storageTokens() asks the storage nothing about a malformed id", async () => {
  const { calls, storage } = mapStorage();
  const bench = benchOf(storageTokens({ storage, random: countingIds() }));
  const malformed = [
    "",
    "x",
    `${id2.slice(1)}`,
    `${id2}A`,
    `${id2.slice(0, 21)}B`,
    `${id2.slice(0, 19)}:+g`,
    "../".repeat(7),
  ];
  for (const sent of [...malformed, `${id2.slice(0, 20)}%2Fg`, "\u00e4".repeat(22)]) {
    const visitor = knownBrowser(bench);
    visitor.jar.set("__Host-stanchion", sent);
    assert.deepEqual(await visitor.visit(["read", "a"], ["remove", "a"]), [undefined]);
  }
  assert.deepEqual(calls, []);
  assert.deepEqual(bench.faults, []);
});

test("storageTokens() never writes under an id that was planted", async () => {
  const { items, storage } = mapStorage();
  const visitor = benchOf(storageTokens({ storage, random: countingIds() })).browser();
  const planted = "PLANTEDPLANTEDPLANTEDA";
  visitor.jar.set("__Host-stanchion", planted);
  assert.deepEqual(await visitor.visit(["read", "a"], ["write", "a", "1"], ["write", "b", "2"]), [undefined]);
  assert.equal(items.size, 0, "an id under which nothing is stored shows nothing");
  assert.deepEqual(await visitor.visit(["read", "a"], ["read", "b"], ["write", "b", "3"]), ["1", "2"]);
  assert.deepEqual(visitor.received, [cookie1]);
  assert.ok(![...items.keys()].some((key) => key.includes(planted)));
  assert.deepEqual(await visitor.visit(["read", "a"], ["read", "b"]), ["1", "3"]);
});

test("storageTokens() makes one new id for writes at the same time", async () => {
  for (const sent of [undefined, "PLANTEDPLANTEDPLANTEDA"]) {
    const storage = createStorage();
    const visitor = benchOf(storageTokens({ storage, random: countingIds() })).browser();
    if (sent !== undefined) visitor.jar.set("__Host-stanchion", sent);
    for (const value of ["1", "2"]) {
      await visitor.visit(["all", ["a", "b", "c"].map((name) => ["write", name, value] as const)]);
    }
    assert.deepEqual((await storage.getKeys()).map((key) => key.split(":")[1]), [id1, id1, id1, id1]);
    assert.deepEqual(await visitor.visit(["read", "a"], ["read", "b"], ["read", "c"]), ["2", "2", "2"]);
  }
});

test("storageTokens() stores nothing for 10,000 visits without a cookie, whatever is written", async () => {
  const { items, calls, storage } = mapStorage();
  const { browser } = benchOf(storageTokens({ storage }));
  for (let visits = 0; visits < 10_000; visits++) {
    const visitor = browser();
    if (visits % 2 === 1) visitor.jar.set("__Host-stanchion", `${String(visits).padStart(21, "x")}A`);
    await visitor.visit(["read", "crowdhandler"], ["write", "crowdhandler", `tok_${visits}`]);
  }
  assert.equal(items.size, 0);
  assert.ok(calls.every(([method]) => method === "get"));
});

test("storageTokens() lets the cookie carry tokens until it comes back, and loses none on the way to the storage", async () => {
  const { items, storage } = mapStorage();
  const visitor = benchOf(storageTokens({ storage, random: countingIds() })).browser();
  await visitor.visit(["write", "a", "1"], ["write", "b", "2"], ["write", "c", "3"], ["remove", "c"]);
  assert.equal(visitor.received.length, 1);
  assert.equal(decodeURIComponent(visitor.jar.get("__Host-stanchion") ?? ""), '~["a","1","b","2"]');
  await visitor.visit(["remove", "d"]);
  assert.deepEqual([visitor.received, items.size], [[], 0]);
  assert.deepEqual(await visitor.visit(["read", "a"], ["read", "b"], ["read", "c"]), ["1", "2", undefined]);
  assert.deepEqual(visitor.received, [cookie1]);
  await visitor.visit(["write", "a", "4"]);
  assert.deepEqual([...items.keys()].sort(), ["+", "a", "b"].map((name) => `stanchion:${id1}:${name}`));
  assert.deepEqual(await visitor.visit(["read", "a"], ["read", "b"]), ["4", "2"]);
});

test("storageTokens() stores at once what a visitor has proven", async () => {
  const { items, storage } = mapStorage();
  const visitor = benchOf(storageTokens({ storage, random: countingIds() })).browser();
  await visitor.visit(["write", "a", "1"], ["write", "b", "2", { proven: true }]);
  assert.deepEqual([visitor.received, items.size], [[cookie1], 3]);
  assert.deepEqual(await visitor.visit(["read", "a"], ["read", "b"]), ["1", "2"]);
});

test("storageTokens() writes a cookie without the token that is removed from it", async () => {
  const { items, storage } = mapStorage();
  const visitor = benchOf(storageTokens({ storage })).browser();
  await visitor.visit(["write", "a", "1"], ["write", "b", "2"]);
  await visitor.visit(["remove", "a"]);
  assert.equal(decodeURIComponent(visitor.jar.get("__Host-stanchion") ?? ""), '~["b","2"]');
  assert.deepEqual(await visitor.visit(["read", "a"], ["read", "b"]), [undefined, "2"]);
  assert.equal(items.size, 2);
});

test("storageTokens() forgets a cookie whose last token is removed", async () => {
  const { items, storage } = mapStorage();
  const visitor = benchOf(storageTokens({ storage })).browser();
  await visitor.visit(["write", "a", "1"]);
  await visitor.visit(["remove", "a"]);
  assert.deepEqual([visitor.jar.size, items.size], [0, 0]);
});

test("storageTokens() stores at once what no cookie can carry", async () => {
  const { items, storage } = mapStorage();
  const visitor = benchOf(storageTokens({ storage, random: countingIds() })).browser();
  const long = "x".repeat(5000);
  await visitor.visit(["write", "a", "1"], ["write", "b", long]);
  assert.deepEqual(visitor.received, [cookie1]);
  assert.equal(items.size, 3);
  assert.deepEqual(await visitor.visit(["read", "a"], ["read", "b"]), ["1", long]);
});

test("storageTokens() takes nothing for tokens that it did not write like that", async () => {
  const forged = [
    "~",
    "~[]",
    '~["a"]',
    '~["a",""]',
    '~["a",1]',
    '~["+","1"]',
    '~["a b","1"]',
    "~{}",
    '~["a","1" ]',
  ];
  for (const text of [...forged, '~["a","1","a","2"]', "~null", `~["a","${"x".repeat(4000)}"]`]) {
    const { items, storage } = mapStorage();
    const bench = benchOf(storageTokens({ storage }));
    const visitor = bench.browser();
    visitor.jar.set("__Host-stanchion", encodeURIComponent(text));
    assert.deepEqual(await visitor.visit(["read", "a"], ["write", "a", "2"]), [undefined], text);
    assert.deepEqual([items.size, bench.faults], [0, []]);
  }
});

test("storageTokens() keeps an id whose tokens were all removed", async () => {
  const visitor = knownBrowser(
    benchOf(storageTokens({ storage: mapStorage().storage, random: countingIds() })),
  );
  await visitor.visit(["write", "a", "1"]);
  await visitor.visit(["remove", "a"]);
  await visitor.visit(["write", "b", "2"]);
  assert.equal(visitor.jar.get("__Host-stanchion"), id1);
});

test("storageTokens() stores tokens in a form that unstorage leaves alone", async () => {
  const storage = createStorage();
  const visitor = knownBrowser(benchOf(storageTokens({ storage, random: countingIds() })));
  for (const token of oddTokens) {
    await visitor.visit(["write", "a", token]);
    assert.equal(await storage.getItem(`stanchion:${id1}:a`), `~${token}`);
  }
});

test("storageTokens() waits for the storage before the response is sent", async () => {
  const { items, storage } = mapStorage();
  const slow: TokenStorage = {
    ...storage,
    setItem: (key, value) =>
      new Promise<void>((resolve) =>
        setTimeout(() => {
          items.set(key, value);
          resolve();
        }, 5)
      ),
  };
  await knownBrowser(benchOf(storageTokens({ storage: slow }))).visit(["write", "a", "1"]);
  assert.equal(items.size, 2);
});

test("storageTokens() stays synchronous over a storage that is", () => {
  const { items, storage } = mapStorage();
  const seen: unknown[] = [];
  const gate = createGate({
    plugins: [storageTokens({ storage, random: countingIds() }), {
      name: "writer",
      decide({ tokens }) {
        seen.push(tokens.read("a"), tokens.write("a", "1"), tokens.read("a"));
        return { action: "admit", reason: "writer/done" };
      },
      recover: () => undefined,
    }],
  });
  const headers = { cookie: `__Host-stanchion=${encodeURIComponent('~["a","0"]')}` };
  const page = gate(new Request("https://shop.example.com/", { headers }), () => new Response("page"));
  assert.ok(page instanceof Response);
  assert.deepEqual(seen, ["0", undefined, "1"]);
  assert.equal(items.size, 2);
});

test("storageTokens() writes nothing to the storage while the gate explains", async () => {
  const { calls, storage } = mapStorage();
  const bench = benchOf(storageTokens({ storage, random: countingIds() }));
  const jar = new Map([["__Host-stanchion", id2]]);
  const headers = await bench.explain(jar, ["read", "a"], ["write", "a", "1"], ["remove", "b"]);
  assert.deepEqual(headers, ["set-cookie"]);
  assert.deepEqual(new Set(calls.map(([method]) => method)), new Set(["get"]));
});

test("storageTokens() knows all that a cookie carried, also while the gate explains", async () => {
  const { calls, storage } = mapStorage();
  const gate = createGate({
    plugins: [storageTokens({ storage }), {
      name: "reader",
      async decide({ tokens }) {
        const [a, b] = [await tokens.read("a"), await tokens.read("b")];
        return { action: "admit", reason: `reader/${a}-${b}` };
      },
      recover: () => undefined,
    }],
  });
  const cookie = `__Host-stanchion=${encodeURIComponent('~["a","1","b","2"]')}`;
  const request = () => new Request("https://shop.example.com/", { headers: { cookie } });
  assert.equal((await gate.explain(request())).decision.reason, "reader/1-2");
  assert.deepEqual(calls, []);
  const response = await gate(request(), (_ctx, { reason }) => new Response(reason));
  assert.equal(await response.text(), "reader/1-2");
});

test("storageTokens() lets the cookie carry its tokens on when the storage takes a part of them only", async () => {
  const failsAt: readonly (readonly [fails: string, isLate: boolean])[] = [["b", true], ["b", false], [
    "+",
    true,
  ]];
  for (const [fails, isLate] of failsAt) {
    const { items, storage } = mapStorage();
    let isFull = true;
    const partly: TokenStorage = {
      ...storage,
      setItem(key, value, options) {
        if (!isFull || !key.endsWith(`:${fails}`)) return storage.setItem(key, value, options);
        if (isLate) return Promise.reject(new Error("disk full"));
        throw new Error("disk full");
      },
    };
    const bench = benchOf(storageTokens({ storage: partly, random: countingIds() }));
    const visitor = bench.browser();
    const carried = encodeURIComponent('~["a","1","b","2"]');
    visitor.jar.set("__Host-stanchion", carried);
    await visitor.visit(["read", "a"]);
    assert.equal(bench.faults.length, 1, fails);
    assert.equal(visitor.jar.get("__Host-stanchion"), carried, fails);
    isFull = false;
    assert.deepEqual(await visitor.visit(["read", "b"], ["read", "a"]), ["2", "1"]);
    assert.deepEqual(await visitor.visit(["read", "b"], ["read", "a"]), ["2", "1"]);
    assert.ok(items.has(`stanchion:${id2}:b`), fails);
  }
});

test("storageTokens() forgets a cookie whose last token is removed, whatever is read afterwards", async () => {
  const { calls, storage } = mapStorage();
  const visitor = knownBrowser(benchOf(storageTokens({ storage, random: countingIds() })));
  assert.deepEqual(await visitor.visit(["remove", "a"], ["read", "b"], ["read", "a"]), [
    undefined,
    undefined,
  ]);
  assert.deepEqual([...visitor.jar], []);
  assert.deepEqual(calls, []);
});

test("storageTokens() asks nothing about an id of its own making, and sends no cookie for what was taken back", async () => {
  const { calls, storage } = mapStorage();
  const visitor = benchOf(storageTokens({ storage, random: countingIds() })).browser();
  await visitor.visit(["write", "a", "1", { proven: true }], ["write", "b", "2"]);
  assert.ok(calls.length > 0 && calls.every(([method]) => method === "set"), JSON.stringify(calls));

  const lasting = benchOf(storageTokens({ storage, cookie: { maxAgeSeconds: 600 } })).browser();
  await lasting.visit(["write", "a", "1"], ["remove", "a"]);
  assert.deepEqual(lasting.received, []);
});

test("storageTokens() waits until all that the cookie carried is in the storage, and tells when it is not", async () => {
  const { items, storage } = mapStorage();
  const slow: TokenStorage = {
    ...storage,
    setItem: (key, value) =>
      new Promise((resolve) => setTimeout(() => resolve(void items.set(key, value)), 5)),
  };
  const carried = encodeURIComponent('~["a","1","b","2"]');
  const visitor = benchOf(storageTokens({ storage: slow })).browser();
  visitor.jar.set("__Host-stanchion", carried);
  assert.deepEqual(await visitor.visit(["read", "a"]), ["1"]);
  assert.deepEqual([...items.values()].filter((value) => value !== "~").sort(), ["~1", "~2"]);

  const broken: TokenStorage = { ...storage, setItem: () => Promise.reject(new Error("disk full")) };
  const bench = benchOf(storageTokens({ storage: broken }));
  const unlucky = bench.browser();
  unlucky.jar.set("__Host-stanchion", carried);
  await unlucky.visit(["read", "a"]);
  assert.equal(bench.faults.length, 1);
});

test("storageTokens() reads the last cookie of its name that says anything", async () => {
  const { storage } = mapStorage();
  const seen: unknown[] = [];
  const gate = createGate({
    plugins: [storageTokens({ storage }), {
      name: "reader",
      async decide({ tokens }) {
        seen.push(await tokens.read("a"));
        return { action: "admit", reason: "reader/done" };
      },
      recover: () => undefined,
    }],
  });
  const name = "__Host-stanchion";
  const [one, two] = [1, 2].map((value) => `${name}=${encodeURIComponent(`~["a","${value}"]`)}`);
  for (const cookie of [`${name}=junk; ${one}`, `${one}; ${name}=junk`, `${one}; ${two}`, `${name}=junk`]) {
    await gate(new Request("https://shop.example.com/", { headers: { cookie } }), () => new Response("page"));
  }
  assert.deepEqual(seen, ["1", "1", "2", undefined]);
});

test("storageTokens() says in an explanation why a cookie counts as absent, or carries what is written", async () => {
  const { storage } = mapStorage();
  const gate = createGate({
    plugins: [storageTokens({ storage }), {
      name: "writer",
      async decide({ tokens }) {
        await tokens.write("b", "1");
        return { action: "admit", reason: "writer/done" };
      },
      recover: () => undefined,
    }],
  });
  const table: [sent: string | undefined, remark: RegExp | undefined][] = [
    ["junk", /neither an id nor tokens and counts as absent/],
    [id1, /nothing is stored under the id in the cookie; the cookie carries what is written/],
    [encodeURIComponent('~["a","1"]'), undefined],
    [undefined, undefined],
  ];
  for (const [sent, remark] of table) {
    const headers: HeadersInit = sent === undefined ? {} : { cookie: `__Host-stanchion=${sent}` };
    const { steps } = await gate.explain(new Request("https://shop.example.com/", { headers }));
    const said = JSON.stringify(steps);
    for (const [, other] of table) {
      if (other !== undefined) assert.equal(other.test(said), other === remark, `${sent}: ${said}`);
    }
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieTokens, type CookieTokensOptions } from "../../plugins/cookie-tokens.ts";
import { GateError, HookError } from "../../src/errors.ts";
import { createGate } from "../../src/gate.ts";
import type { TokenOptions } from "../../src/tokens.ts";
import { tokenStoreContract } from "../conformance/token-store.ts";
import { benchOf } from "../support/token-bench.ts";

tokenStoreContract("cookieTokens()", () => cookieTokens());
tokenStoreContract(
  "cookieTokens() with attributes",
  () =>
    cookieTokens({
      path: "/shop",
      domain: "example.com",
      sameSite: "None",
      httpOnly: false,
      maxAgeSeconds: 60,
    }),
);

/** What one write makes of options and place: headers or faults. */
async function written(options: CookieTokensOptions, place: TokenOptions = {}, name = "a", value = "tok_1") {
  const bench = benchOf(cookieTokens(options));
  const visitor = bench.browser();
  await visitor.visit(["write", name, value, place]);
  return { headers: visitor.received, faults: bench.faults };
}

test("cookieTokens() writes safe cookies by default", async () => {
  const { headers } = await written({}, {}, "crowdhandler");
  assert.deepEqual(headers, ["crowdhandler=tok_1; Path=/; Secure; HttpOnly; SameSite=Lax"]);
});

test("cookieTokens() lets options replace the defaults, and what a provider states replace both", async () => {
  const options: CookieTokensOptions = {
    path: "/p",
    domain: "example.com",
    httpOnly: false,
    maxAgeSeconds: 60,
  };
  const expiresAtMs = Date.UTC(2030, 0, 15, 12);
  const unstated: TokenOptions = { domain: undefined, sameSite: undefined, maxAgeSeconds: undefined };
  const table: [CookieTokensOptions, TokenOptions, string][] = [
    [options, {}, "Domain=example.com; Path=/p; Secure; SameSite=Lax; Max-Age=60"],
    [options, { domain: "" }, "Path=/p; Secure; SameSite=Lax; Max-Age=60"],
    [options, { maxAgeSeconds: 0 }, "Domain=example.com; Path=/p; Secure; SameSite=Lax"],
    [
      options,
      { domain: "other.test", httpOnly: true, maxAgeSeconds: 9 },
      "Domain=other.test; Path=/p; Secure; HttpOnly; SameSite=Lax; Max-Age=9",
    ],
    [
      options,
      { expiresAtMs, sameSite: "omit", secure: false },
      "Domain=example.com; Path=/p; Expires=Tue, 15 Jan 2030 12:00:00 GMT",
    ],
    [{}, unstated, "Path=/; Secure; HttpOnly; SameSite=Lax"],
    [{ sameSite: "Strict" }, {}, "Path=/; Secure; HttpOnly; SameSite=Strict"],
    [{ sameSite: "None" }, {}, "Path=/; Secure; HttpOnly; SameSite=None"],
    [{ sameSite: "omit" }, {}, "Path=/; Secure; HttpOnly"],
    [{ domain: "a.test" }, {}, "Domain=a.test; Path=/; Secure; HttpOnly; SameSite=Lax"],
    [{}, { maxAgeSeconds: 1e12 }, "Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=34560000"],
  ];
  for (const [given, place, expected] of table) {
    assert.deepEqual((await written(given, place)).headers, [`a=tok_1; ${expected}`]);
  }
});

test("cookieTokens() sends one cookie for a name, the last, in the order of the writes", async () => {
  const visitor = benchOf(cookieTokens()).browser();
  await visitor.visit(["write", "a", "1"], ["write", "b", "2"], ["remove", "c"], ["write", "a", "3"], [
    "remove",
    "b",
  ]);
  const rest = "Path=/; Secure; HttpOnly; SameSite=Lax";
  const gone = `${rest}; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0`;
  assert.deepEqual(visitor.received, [`c=; ${gone}`, `a=3; ${rest}`, `b=; ${gone}`]);
});

test("cookieTokens() keeps the application's own cookies", () => {
  const gate = createGate({
    plugins: [cookieTokens(), {
      name: "writer",
      decide(ctx) {
        void ctx.tokens.write("a", "1");
        return { action: "admit", reason: "writer/done" };
      },
      recover: () => undefined,
    }],
  });
  const page = gate(
    new Request("https://shop.example.com/"),
    () => new Response("page", { headers: { "set-cookie": "basket=7" } }),
  );
  // A store of cookies never makes the pipeline wait.
  assert.ok(page instanceof Response);
  assert.deepEqual(page.headers.getSetCookie(), ["basket=7", "a=1; Path=/; Secure; HttpOnly; SameSite=Lax"]);
});

test("cookieTokens() reads nothing and writes nothing by itself", async () => {
  const bench = benchOf(cookieTokens());
  const visitor = bench.browser();
  visitor.jar.set("a", "tok_1");
  assert.deepEqual(await visitor.visit(), []);
  assert.deepEqual(visitor.received, []);
});

test("cookieTokens() reads what deployed integrations wrote", async () => {
  const visitor = benchOf(cookieTokens()).browser();
  const json =
    '{"integration":"JSDK","tokens":[{"token":"tok_1","signatures":[]}],"deployment":"a, crowdhandler=x"}';
  for (const sent of [json, encodeURIComponent(json)]) {
    visitor.jar.set("crowdhandler", sent);
    assert.deepEqual(await visitor.visit(["read", "crowdhandler"]), [json]);
  }
  visitor.jar.set("crowdhandler", "tok%5F1");
  assert.deepEqual(await visitor.visit(["read", "crowdhandler"]), ["tok_1"]);
});

test("cookieTokens() counts an empty and an overlong cookie as absent", async () => {
  const bench = benchOf(cookieTokens({ maxBytes: 100 }));
  const visitor = bench.browser();
  for (
    const [sent, read] of [["", undefined], ["x".repeat(100), "x".repeat(100)], [
      "x".repeat(101),
      undefined,
    ]] as const
  ) {
    visitor.jar.set("a", sent);
    assert.deepEqual(await visitor.visit(["read", "a"]), [read]);
  }
  assert.deepEqual(bench.faults, []);
});

test("cookieTokens() writes a cookie of exactly maxBytes and refuses a longer one whole", async () => {
  const attributes = "; Path=/; Secure; HttpOnly; SameSite=Lax".length;
  const fitting = "x".repeat(4096 - attributes - "a=".length);
  const { headers } = await written({}, {}, "a", fitting);
  assert.equal(headers[0]?.length, 4096);
  // An umlaut counts as it is written: six characters.
  for (const long of [`${fitting}x`, `${fitting.slice(5)}\u00fc`]) {
    const { headers, faults } = await written({}, {}, "a", long);
    assert.deepEqual(headers, []);
    assert.equal(faults.length, 1);
    assert.ok(faults[0] instanceof HookError && faults[0].cause instanceof GateError);
    assert.equal(faults[0].code, "internal");
    assert.match(faults[0].message, /The cookie "a" would have 4097 bytes, 4096 are allowed$/);
  }
});

test("cookieTokens() calls a provider's wrong cookie a fault, without quoting the token", async () => {
  const table: [string, string, TokenOptions, RegExp][] = [
    ["a", "", {}, /is empty/],
    ["a b", "secret", {}, /name must be a token/],
    ["a;b", "secret", {}, /name must be a token/],
    ["", "secret", {}, /name must be a token/],
    ["a", "secret\ud800", {}, /no well-formed text/],
    ["a", "secret", { domain: "x; HttpOnly" }, /domain have no semicolon/],
    ["a", "secret", { domain: "\u00fc.test" }, /printable ASCII/],
    ["a", "secret", { sameSite: "None", secure: false }, /SameSite=None must be secure/],
    ["__Host-a", "secret", { domain: "example.com" }, /__Host-/],
    ["__Host-a", "secret", { secure: false }, /__Host-/],
    ["__Secure-a", "secret", { secure: false }, /__Secure-/],
  ];
  for (const [name, value, place, message] of table) {
    const { headers, faults } = await written({}, place, name, value);
    assert.deepEqual(headers, []);
    assert.ok(faults[0] instanceof HookError, name);
    assert.equal(faults[0].code, "internal");
    assert.match(faults[0].message, message);
    assert.doesNotMatch(`${faults[0].stack} ${String(faults[0].cause)}`, /secret/);
  }
});

test("cookieTokens() writes and removes __Host- cookies with what they demand", async () => {
  const visitor = benchOf(cookieTokens()).browser();
  await visitor.visit(["write", "__Host-a", "1"]);
  assert.deepEqual(visitor.received, ["__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Lax"]);
  await visitor.visit(["remove", "__Host-a"]);
  assert.match(visitor.received[0] ?? "", /^__Host-a=; Path=\/; Secure; .*Max-Age=0$/);
});

test("cookieTokens() shares one store between requests and keeps nothing of them", async () => {
  const bench = benchOf(cookieTokens());
  const [anna, bert] = [bench.browser(), bench.browser()];
  await anna.visit(["write", "a", "anna"]);
  assert.deepEqual(await bert.visit(["read", "a"]), [undefined]);
  assert.deepEqual(bert.received, []);
});

test("cookieTokens() writes what a provider states for a name anew each time, whatever it wrote before", async () => {
  const expiresAtMs = Date.UTC(2030, 0, 15, 12);
  const places: TokenOptions[] = [
    {},
    { domain: "example.com" },
    { domain: "other.test" },
    { secure: false },
    { httpOnly: false },
    { sameSite: "Strict" },
    { sameSite: "omit" },
    { maxAgeSeconds: 9 },
    { maxAgeSeconds: 10 },
    { expiresAtMs },
    { expiresAtMs: expiresAtMs + 999 },
    { expiresAtMs: expiresAtMs + 1000 },
    { expiresAtMs, maxAgeSeconds: 9 },
  ];
  for (const options of [{}, { maxAgeSeconds: 60 }]) {
    const visitor = benchOf(cookieTokens(options)).browser();
    for (const first of places) {
      for (const second of places) {
        await visitor.visit(["write", "a", "tok_1", first]);
        await visitor.visit(["write", "a", "tok_1", second]);
        const { headers } = await written(options, second);
        assert.deepEqual(visitor.received, headers, `${JSON.stringify(first)} ${JSON.stringify(second)}`);
      }
    }
  }
});

test("cookieTokens() removes a cookie where it is said to be, whatever it wrote before", async () => {
  const visitor = benchOf(cookieTokens()).browser();
  for (const domain of ["one.test", "two.test", undefined]) {
    await visitor.visit(["write", "a", "tok_1"]);
    await visitor.visit(["remove", "a", { domain }]);
    const where = domain === undefined ? "" : ` Domain=${domain};`;
    assert.ok(visitor.received[0]?.startsWith(`a=;${where} Path=/; Secure; HttpOnly;`), visitor.received[0]);
  }
});

test("cookieTokens() refuses wrong options at construction", () => {
  const table: [unknown, typeof TypeError | typeof RangeError, string][] = [
    [null, TypeError, "options must be an object, received null"],
    [{ pth: "/" }, TypeError, 'unknown option "pth"'],
    [{ path: 1 }, TypeError, '"path" must be a path'],
    [{ path: "shop" }, RangeError, '"path" must be a path'],
    [{ path: "shop/" }, RangeError, '"path" must be a path'],
    [{ domain: "-a" }, RangeError, '"domain" must be a host name, received "-a"'],
    [{ domain: "a." }, RangeError, '"domain" must be a host name, received "a."'],
    [
      { path: "/;x" },
      RangeError,
      '"path" must be a path that starts with a slash, without blanks or semicolons',
    ],
    [{ domain: true }, TypeError, '"domain" must be a host name'],
    [{ domain: "a..b" }, RangeError, '"domain" must be a host name'],
    [{ domain: "https://x" }, RangeError, '"domain" must be a host name'],
    [{ secure: "yes" }, TypeError, '"secure" must be true or false'],
    [{ httpOnly: 1 }, TypeError, '"httpOnly" must be true or false'],
    [{ sameSite: "lax" }, RangeError, '"sameSite" must be one of'],
    [{ sameSite: "None", secure: false }, RangeError, '"sameSite" must be "Lax", "Strict" or "omit"'],
    [{ maxAgeSeconds: -1 }, RangeError, '"maxAgeSeconds" must be an integer from 0 to 34560000, received -1'],
    [{ maxAgeSeconds: "1" }, TypeError, '"maxAgeSeconds" must be an integer'],
    [{ maxBytes: 0 }, RangeError, '"maxBytes" must be an integer from 1'],
  ];
  for (const [options, kind, message] of table) {
    assert.throws(() => cookieTokens(options as CookieTokensOptions), (error: unknown) => {
      assert.ok(error instanceof kind);
      assert.ok(error.message.startsWith("Cannot create cookie-tokens plugin: "));
      assert.ok(error.message.includes(message), error.message);
      return true;
    });
  }
});

test("cookieTokens() writes partitioned cookies whole, whatever a provider says of encryption and sites", async () => {
  const options: CookieTokensOptions = { sameSite: "None", partitioned: true };
  const table: [CookieTokensOptions, TokenOptions, string][] = [
    [options, {}, "Path=/; Secure; HttpOnly; SameSite=None; Partitioned"],
    // As Queue-it's configuration says it by default.
    [
      options,
      { secure: false, sameSite: "omit", httpOnly: false },
      "Path=/; Secure; SameSite=None; Partitioned",
    ],
    [
      options,
      { sameSite: "Lax", maxAgeSeconds: 9 },
      "Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned; Max-Age=9",
    ],
    [{ partitioned: true }, {}, "Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned"],
  ];
  for (const [options, place, attributes] of table) {
    const { headers, faults } = await written(options, place);
    assert.deepEqual([headers, faults], [[`a=tok_1; ${attributes}`], []]);
  }
});

test("cookieTokens() forgets a partitioned cookie as one: otherwise browsers keep it", async () => {
  const bench = benchOf(cookieTokens({ sameSite: "None", partitioned: true }));
  const visitor = bench.browser();
  await visitor.visit(["remove", "a", {}]);
  assert.match(visitor.received[0] ?? "", /^a=; Path=\/; Secure; HttpOnly; SameSite=None; Partitioned; /);
});

test("cookieTokens() refuses what no browser keeps: partitioned cookies without encryption", () => {
  assert.throws(() => cookieTokens({ partitioned: true, secure: false }), {
    name: "RangeError",
    message:
      'Cannot create cookie-tokens plugin: "partitioned" must be false while "secure" is false, received true',
  });
  assert.throws(() => cookieTokens({ partitioned: "yes" as never }), { name: "TypeError" });
});

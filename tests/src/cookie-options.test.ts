import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveCookie, resolveNamedCookie } from "../../src/cookie-options.ts";
import { isCookieName } from "../../src/http/cookie-name.ts";

test("resolveNamedCookie() takes the safest name that fits the attributes, unless there is another one", () => {
  const table: [options: Parameters<typeof resolveNamedCookie>[1], name: string][] = [
    [{}, "__Host-usual"],
    [{ secure: false }, "usual"],
    [{ path: "/shop" }, "usual"],
    [{ domain: "shop.example" }, "usual"],
    [{ name: "own" }, "own"],
    [{ name: "__Secure-own", path: "/shop" }, "__Secure-own"],
  ];
  for (const [options, name] of table) {
    const resolved = resolveNamedCookie("test plugin", options, "usual");
    assert.equal(resolved.name, name);
    const { name: _, ...others } = options;
    assert.deepEqual(resolved.cookie, resolveCookie("test plugin", others));
  }
});

test("resolveNamedCookie() refuses what is no cookie, and a name that does not fit its attributes", () => {
  const must = "a cookie's name; __Host- and __Secure- fit certain attributes only";
  const table: [options: unknown, error: string, message: string][] = [
    [null, "TypeError", '"cookie" must be an object, received null'],
    ["a", "TypeError", '"cookie" must be an object, received "a"'],
    [{ name: 5 }, "TypeError", `"cookie.name" must be ${must}, received 5`],
    [{ name: "" }, "RangeError", `"cookie.name" must be ${must}, received ""`],
    [{ name: "a b" }, "RangeError", `"cookie.name" must be ${must}, received "a b"`],
    [{ name: "__Host-a", path: "/a" }, "RangeError", `"cookie.name" must be ${must}, received "__Host-a"`],
    [
      { name: "__Secure-a", secure: false },
      "RangeError",
      `"cookie.name" must be ${must}, received "__Secure-a"`,
    ],
    [{ path: "a" }, "RangeError", '"cookie.path" must be a path that starts with a slash'],
    [
      { sameSite: "None", secure: false },
      "RangeError",
      '"cookie.sameSite" must be "Lax", "Strict" or "omit"',
    ],
    [
      { paht: "/" },
      "TypeError",
      'unknown option "paht", the options are path, domain, secure, httpOnly, sameSite, partitioned, maxAgeSeconds, name',
    ],
  ];
  for (const [options, name, message] of table) {
    assert.throws(() => resolveNamedCookie("test plugin", options as never, "usual"), (error: Error) => {
      assert.equal(error.name, name);
      assert.ok(error.message.startsWith(`Cannot create test plugin: ${message}`), error.message);
      return true;
    });
  }
  assert.ok(resolveCookie("test plugin", { sameSite: "Lax", secure: false }));
});

test("isCookieName() takes a token of RFC 6265, and nothing that divides cookies", () => {
  for (const name of ["a", "__Host-a", "a!#$%&'*+.^`|~-9_"]) assert.equal(isCookieName(name), true, name);
  for (const name of ["", "a b", " a", "a;", "a=b", "a,b", '"a"', "é", "a\n"]) {
    assert.equal(isCookieName(name), false, JSON.stringify(name));
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createJar } from "../../site/playground/jar.ts";

const now = Date.parse("2030-01-15T12:00:00Z");
const page = new URL("https://shop.example.com/tickets/quartet");

/** What is sent to an address by who got a cookie at the page. */
function sent(line: string, to: string, later = 0): string {
  const jar = createJar();
  assert.deepEqual(jar.take(page, [line], now), []);
  return jar.header(new URL(to), now + later);
}

test("createJar() sends a cookie where a browser would, and for as long", () => {
  for (
    const [line, to, expected] of [
      ["a=1", "https://shop.example.com/tickets/", "a=1"],
      ["a=1", "https://shop.example.com/", ""],
      ["a=1; Path=/", "https://shop.example.com/", "a=1"],
      ["a=1; Path=/tick", "https://shop.example.com/tickets", ""],
      ["a=1; Path=/", "https://www.shop.example.com/", ""],
      ["a=1; Path=/; Domain=example.com", "https://other.example.com/", "a=1"],
      ["a=1; Path=/; Domain=.example.com", "https://badexample.com/", ""],
      ["a=1; Path=/; Secure", "http://shop.example.com/", ""],
      ["a=b=c; Path=/", "https://shop.example.com/", "a=b=c"],
      ["__Host-a=1; Path=/; Secure", "https://shop.example.com/", "__Host-a=1"],
    ] as const
  ) assert.equal(sent(line, to), expected, `${line} to ${to}`);
  assert.equal(sent("a=1; Path=/; Max-Age=60", page.href, 59_000), "a=1");
  assert.equal(sent("a=1; Path=/; Max-Age=60", page.href, 61_000), "");
  assert.equal(sent("a=1; Path=/; Expires=Tue, 15 Jan 2030 12:01:00 GMT", page.href, 61_000), "");
});

test("createJar() says why a browser refuses a cookie, and keeps nothing of it", () => {
  for (
    const [line, why] of [
      ["a=1; Domain=other.example.org", /its domain/],
      ["a=1; Domain=com", /too wide/],
      ["__Host-a=1; Secure", /__Host-/],
      ["__Host-a=1; Path=/; Secure; Domain=example.com", /__Host-/],
      ["__Secure-a=1", /__Secure-/],
      ["a=1; SameSite=None", /SameSite=None/],
    ] as const
  ) {
    const jar = createJar();
    assert.match(jar.take(page, [line], now)[0] ?? "", why, line);
    assert.deepEqual(jar.list(now), []);
  }
  assert.match(
    createJar().take(new URL("http://shop.example.com/"), ["a=1; Secure"], now)[0] ?? "",
    /Secure/,
  );
});

test("createJar() replaces and forgets cookies by name, domain and path; the longest path comes first", () => {
  const jar = createJar();
  jar.take(page, ["a=1; Path=/", "a=2", "b=3; Path=/"], now);
  assert.equal(jar.header(page, now), "a=2; a=1; b=3");
  jar.take(page, ["a=4; Path=/", "b=; Path=/; Max-Age=0"], now);
  assert.equal(jar.header(page, now), "a=2; a=4");
  const [first] = jar.list(now);
  assert.ok(first !== undefined);
  jar.remove(first);
  assert.equal(jar.list(now).length, 1);
  jar.clear();
  assert.equal(jar.header(page, now), "");
});

import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { type Context, type ContextKey, contextKey, type Plugin } from "../../mod.ts";
import { gateOf, page, request, untyped } from "./_gates.ts";

/** Lets a function look at the context from within a hook. A fault of it is thrown here. */
function inContext<T>(incoming: Request, look: (ctx: Context) => T, now?: () => number): T {
  const seen: T[] = [];
  const { gate, faults } = gateOf(
    [{ name: "look", prepare: (ctx) => void seen.push(look(ctx)) }],
    now === undefined ? {} : { now },
  );
  gate(incoming, page);
  if (faults[0] !== undefined) throw faults[0].cause;
  return seen[0] as T;
}

describe("ctx.url and ctx.path", () => {
  const urls = [
    "https://shop.example",
    "https://shop.example/",
    "https://shop.example?a=/b",
    "https://shop.example/a/b.js",
    "https://shop.example/a/b?c=/d#e/f",
    "https://shop.example/a#b",
    "https://shop.example:8443/a",
    "http://[::1]:80/a?b",
    "http://127.0.0.1/a",
    "https://shop.example//evil.example/x",
    "https://shop.example/a//b/",
    "https://shop.example/../a",
    "https://shop.example/a/../b",
    "https://shop.example/a/%2e%2E/b",
    "https://shop.example/a/.%2e/b",
    "https://shop.example/a/./b/.",
    "https://shop.example/a/..",
    "https://shop.example/a/.hidden/..b/c..",
    "https://shop.example/a\\..\\b",
    "https://shop.example\\a",
    "https://shop.example/a b\t/\nc",
    "https://shop.example/%zz/%",
    "https://shop.example/%2F/%3F/%23",
    "https://shop.example/é/\u{1F600}/\u0000",
    "https://shop.example/<>\"`{}|^[]~'",
    "https://shop.example/a;b=c,d/@e:f!$&'()*+=",
    "https://shop.example/%E9%A1%B5",
    "HTTPS://SHOP.EXAMPLE/A",
    `https://shop.example/${"a/".repeat(5000)}?${"b".repeat(5000)}`,
  ];

  test("ctx.path is the path that new URL() finds, for each form of a URL", () => {
    for (const url of urls) {
      const incoming = new Request(url);
      assert.equal(inContext(incoming, (ctx) => ctx.path), new URL(incoming.url).pathname, url.slice(0, 60));
    }
  });

  test("ctx.path is the same for a platform that leaves the URL as the visitor wrote it", () => {
    for (const url of urls) {
      // Where the host does not end at a slash nobody is asked: the gate turns the request down.
      if (!/^\w+:\/\/[^/?#\\]+(?:\/|$)/.test(url)) continue;
      const incoming = untyped<Request>({ url, headers: new Headers(), method: "GET" });
      assert.equal(inContext(incoming, (ctx) => ctx.path), new URL(url).pathname, url.slice(0, 60));
    }
  });

  test("ctx.url is parsed once, from a URL that is read once", () => {
    let asked = 0;
    const incoming = untyped<Request>({
      headers: new Headers(),
      get url() {
        asked++;
        return "https://shop.example/a?b=1";
      },
    });
    const urls = inContext(incoming, (ctx) => [ctx.url, ctx.url]);
    assert.equal(urls[0], urls[1]);
    assert.equal(urls[0]?.searchParams.get("b"), "1");
    assert.equal(asked, 1);
  });

  test("ctx.path is computed once", () => {
    let asked = 0;
    const incoming = untyped<Request>({
      headers: new Headers(),
      get url() {
        asked++;
        return "https://shop.example/a?b=1";
      },
    });
    inContext(incoming, (ctx) => [ctx.path, ctx.path]);
    assert.equal(asked, 1);
  });
});

describe("ctx.request, ctx.now() and ctx.dryRun", () => {
  test("ctx.request is the very object that the platform gave", () => {
    const incoming = request("/a");
    assert.equal(inContext(incoming, (ctx) => ctx.request), incoming);
  });

  test("ctx.now() asks the gate's clock each time", () => {
    let time = 41;
    assert.deepEqual(inContext(request(), (ctx) => [ctx.now(), ctx.now()], () => ++time), [42, 43]);
  });

  test("ctx.dryRun is false and nobody takes notes for a real request", () => {
    assert.deepEqual(inContext(request(), (ctx) => [ctx.dryRun, ctx.note]), [false, undefined]);
  });

  test("one context goes through all hooks of a request, and another through the next", async () => {
    const seen: Context[] = [];
    const look = (ctx: Context) => void seen.push(ctx);
    const looking: Plugin = {
      name: "looking",
      match: (ctx) => (look(ctx), true),
      prepare: look,
      decide: look,
      headers: look,
      settled: look,
    };
    const { gate } = gateOf([looking]);
    gate(request(), page);
    await gate.idle();
    gate(request(), page);
    await gate.idle();
    assert.equal(seen.length, 10);
    assert.equal(new Set(seen.slice(0, 5)).size, 1);
    assert.equal(new Set(seen.slice(5)).size, 1);
    assert.notEqual(seen[0], seen[9]);
  });
});

describe("slots", () => {
  const key: ContextKey<string> = contextKey("a word");

  test("ctx.get() gives undefined for a slot that nobody filled", () => {
    assert.equal(inContext(request(), (ctx) => ctx.get(key)), undefined);
  });

  test("ctx.set() fills a slot and replaces what was there", () => {
    assert.deepEqual(
      inContext(request(), (ctx) => {
        ctx.set(key, "a");
        const first = ctx.get(key);
        ctx.set(key, "b");
        return [first, ctx.get(key)];
      }),
      ["a", "b"],
    );
  });

  test("ctx.set() keeps every value, also false ones", () => {
    for (const value of [undefined, null, 0, "", false, NaN]) {
      const slot: ContextKey<unknown> = contextKey("anything");
      assert.equal(inContext(request(), (ctx) => (ctx.set(slot, value), ctx.get(slot))), value);
    }
  });

  test("contextKey() makes a slot of its own for each call, whatever the name", () => {
    const other: ContextKey<string> = contextKey("a word");
    assert.equal(inContext(request(), (ctx) => (ctx.set(key, "a"), ctx.get(other))), undefined);
  });
});

test("ctx.cookieHeader asks the request once, however many look for a cookie", () => {
  const incoming = request("/", { headers: { cookie: "a=1; b=2" } });
  let asked = 0;
  const { headers } = incoming;
  const get = headers.get.bind(headers);
  headers.get = (name) => {
    if (name === "cookie") asked++;
    return get(name);
  };
  Object.defineProperty(incoming, "headers", { value: headers });
  const read = inContext(incoming, (ctx) => [ctx.cookieHeader, ctx.tokens.read("a"), ctx.cookieHeader]);
  assert.deepEqual([read, asked], [["a=1; b=2", "1", "a=1; b=2"], 1]);
  assert.equal(inContext(request(), (ctx) => ctx.cookieHeader), "");
});

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { pageUrlsAt } from "../../../src/url/page-url.ts";
import { siteOf } from "../../../src/url/public-hosts.ts";
import { gateOf, page } from "../_gates.ts";

const often = Array.from({ length: 20 }, (_, at) => at);

test("what is no text is taken for what it is as one, and nothing of it throws", async () => {
  const { gate, faults } = gateOf([]);
  const table: readonly (readonly [url: unknown, status: number])[] = [
    [undefined, 400],
    [null, 400],
    [5, 400],
    [Symbol("a"), 400],
    [new String("https://shop.example/a"), 200],
    [new URL("https://shop.example/a"), 200],
  ];
  for (const [url, status] of table) {
    // Programs hand over objects of their own, and need not be type-checked.
    const request = { url, method: "GET", headers: new Headers() } as unknown as Request;
    for (const _ of often) assert.equal((await gate(request, page)).status, status, String(url));
  }
  assert.deepEqual(faults, []);
});

test("an object that is another URL later is another page then", () => {
  const pageUrl = pageUrlsAt(siteOf(undefined));
  const url = new URL("https://shop.example/a");
  for (const at of often) {
    url.pathname = `/${at >> 2}`;
    assert.equal(pageUrl(url as unknown as string).path, url.pathname);
  }
});

test("a page that is asked for again and again is found out once, and its forms cannot be changed", () => {
  const pageUrl = pageUrlsAt(siteOf(undefined));
  const url = "https://shop.example/caf%C3%A9";
  for (const _ of often) pageUrl(url);
  assert.equal(pageUrl(url), pageUrl(url));
  assert.equal(pageUrl(url).readings, pageUrl(url).readings);
  assert.throws(() => (pageUrl(url).readings as string[]).push("https://shop.example/"), TypeError);
});

test("of a URL with very many forms these are not remembered", () => {
  const pageUrl = pageUrlsAt(siteOf(undefined));
  const url = "https://shop.example:8443/%41/%25E4%BD%A0;x/%5C%2e%41//b%2fc;?q=%20+%41#f%41";
  for (const _ of often) pageUrl(url);
  const one = pageUrl(url);
  assert.equal(pageUrl(url), one);
  assert.ok(one.readings.length > 16);
  assert.notEqual(one.readings, one.readings);
  assert.deepEqual(one.readings, one.readings);
});

test("within one request they are found out once all the same", () => {
  const seen: (readonly string[])[] = [];
  const { gate } = gateOf([{ name: "look", prepare: (ctx) => void seen.push(ctx.readings, ctx.readings) }]);
  const url = "https://shop.example:8443/%41/a;x//b%2fc;?q=%20+%41";
  gate({ url, method: "GET", headers: new Headers() } as unknown as Request, page);
  assert.ok((seen[0]?.length ?? 0) > 16);
  assert.equal(seen[0], seen[1]);
});

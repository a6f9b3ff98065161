import assert from "node:assert/strict";
import { test } from "node:test";

import { requestFacts } from "../../../src/triggers/facts.ts";
import { compileRules, type TriggerCondition } from "../../../src/triggers/rules.ts";

function meets(condition: TriggerCondition, request: Request, url?: string): boolean {
  const facts = requestFacts(request, url === undefined ? {} : { url });
  return typeof compileRules([{ name: "r", any: [condition] }]).match(facts) === "object";
}

function withCookies(cookie: string): Request {
  return new Request("https://shop.test/", { headers: { cookie } });
}

const cookies: readonly [string, string, string][] = [
  ["one of several", "a=1; b=2", "2"],
  ["a percent-encoded value", "b=%C3%A9%3D", "é="],
  ["a broken percent-encoding as it is", "b=%zz", "%zz"],
  ["a quoted value", 'b="2"', "2"],
  ["the last of a name", "b=1; b=2", "2"],
  ["a name in its case", "B=1", ""],
  ["an absent one as empty", "a=1", ""],
  ["a name that Object.prototype has as empty", "toString=1", ""],
];

for (const [what, header, equals] of cookies) {
  test(`requestFacts() reads cookies: ${what}`, () => {
    assert.ok(meets({ cookie: { name: "b", equals } }, withCookies(header)));
    // Among many names the cookies are gone through in another way.
    const others = ["p", "q", "r", "s", "t", "u"].map((name) => ({ name, equals: "" }));
    assert.ok(meets({ cookie: [...others, { name: "b", equals }] }, withCookies(header)));
  });
}

test("requestFacts() reads headers and the user agent, absent ones as empty", () => {
  const request = new Request("https://shop.test/", {
    headers: { "user-agent": "Googlebot/2.1", "x-one": "Alpha" },
  });
  assert.ok(
    meets({
      userAgent: { contains: "GOOGLEBOT", ignoreCase: true },
      header: { name: "X-One", equals: "Alpha" },
    }, request),
  );
  assert.ok(meets({ header: { name: "X-Two", equals: "" } }, request));
  assert.ok(meets({ userAgent: { present: false } }, new Request("https://shop.test/")));
});

test("requestFacts() matches the request's URL, or the one that is given", () => {
  const request = new Request("https://shop.test/a?queueittoken=t");
  assert.ok(meets({ url: { equals: "https://shop.test/a?queueittoken=t" } }, request));
  assert.ok(meets({ url: { equals: "https://shop.test/a" } }, request, "https://shop.test/a"));
  assert.ok(meets({ path: { equals: "/a" }, host: { equals: "shop.test" } }, request));
});

test("requestFacts() uses the normalisation that is given", () => {
  const facts = requestFacts(new Request("https://shop.test/a"), { normalize: (url) => `${url}/normal` });
  const rules = [{ name: "r", any: [{ path: { equals: "/a/normal" } }], normalize: true }];
  assert.equal(typeof compileRules(rules).match(facts), "object");
});

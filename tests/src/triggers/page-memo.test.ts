import assert from "node:assert/strict";
import { test } from "node:test";
import { buildIndex } from "../../../src/triggers/build-index.ts";
import { textPart, type Trigger } from "../../../src/triggers/condition.ts";
import { factsOf } from "../../../src/triggers/facts.ts";
import { normalizeUrl } from "../../../src/triggers/normalize-url.ts";
import { createPages, type Page } from "../../../src/triggers/page-memo.ts";
import { createScratch } from "../../../src/triggers/probe.ts";
import type { Subject } from "../../../src/triggers/target.ts";

const plain = { ignoreCase: false, negative: false };

function partOf(subject: Subject, text: string, normalized = false) {
  const name = subject === "cookie" ? "vip" : "";
  return textPart({ subject, name, normalized }, "contains", [text], plain);
}

/** A memo of triggers, and what it gives for a URL. */
function memoOf(...triggers: readonly Omit<Trigger, "index">[]) {
  const rules = [{ name: "", triggers: triggers.map((trigger, index) => ({ ...trigger, index })) }];
  const index = buildIndex(rules);
  const pages = createPages(index);
  const scratch = createScratch(index.literals, index.candidates.length);
  return (path: string, normalize?: (url: string) => string): Page | undefined => {
    const source = { url: `https://shop.example${path}`, header: () => "", cookie: () => "" };
    return pages(factsOf(normalize === undefined ? source : { ...source, normalize }), scratch);
  };
}

const shop: Omit<Trigger, "index"> = { any: false, parts: [partOf("path", "/shop")] };

/** How often a page is asked for until it is known; `undefined` if it is not. */
function askedUntilKnown(ask: (path: string) => Page | undefined, path: string): number | undefined {
  for (let times = 1; times <= 64; times++) if (ask(path) !== undefined) return times;
  return undefined;
}

test("createPages() remembers one in eight pages that are not known, and gives it again", () => {
  const ask = memoOf(shop);
  assert.equal(askedUntilKnown(ask, "/shop"), 8);
  assert.equal(ask("/shop"), ask("/shop"));
  assert.deepEqual(ask("/shop")?.open, [{ ordinal: 0, rest: undefined }]);
  // One that was known asks for no turn.
  for (let at = 0; at < 7; at++) assert.equal(ask(`/other/${at}`), undefined);
  assert.deepEqual(ask("/other/7")?.open, []);
});

test("createPages() remembers no URL of more than 1024 characters, and none that many triggers may match", () => {
  const ask = memoOf(shop);
  const path = (length: number) => `/${"x".repeat(length - "https://shop.example/".length)}`;
  assert.equal(askedUntilKnown(ask, path(1025)), undefined);
  assert.equal(askedUntilKnown(ask, path(1024)), 8);
  for (const [count, known] of [[16, true], [17, false]] as const) {
    const many = memoOf(...Array.from({ length: count }, () => ({
      any: false,
      parts: [partOf("path", "/shop"), partOf("cookie", "yes")],
    })));
    assert.equal(askedUntilKnown(many, "/shop") !== undefined, known, `${count}`);
  }
});

test("createPages() remembers some hundred pages, and forgets first what nobody asks for", () => {
  const ask = memoOf(shop);
  const remember = (path: string) => {
    const times = askedUntilKnown(ask, path);
    assert.equal(times, 8, path);
  };
  remember("/favourite");
  remember("/forgotten");
  const favourite = ask("/favourite");
  for (let at = 0; at < 254; at++) remember(`/first/${at}`);
  assert.equal(ask("/favourite"), favourite, "256 are kept");
  for (let at = 0; at < 100; at++) remember(`/second/${at}`);
  // From the older half it goes into the younger one.
  assert.equal(ask("/favourite"), favourite);
  for (let at = 0; at < 200; at++) remember(`/third/${at}`);
  assert.equal(ask("/favourite"), favourite);
  assert.equal(ask("/forgotten"), undefined);
});

test("createPages() remembers nothing of a URL that others normalise, where rules ask for that", () => {
  const normalized: Omit<Trigger, "index"> = { any: false, parts: [partOf("path", "/shop", true)] };
  const other = (url: string) => normalizeUrl(url);
  const known = (trigger: Omit<Trigger, "index">, normalize?: (url: string) => string) => {
    const ask = memoOf({ any: true, parts: [partOf("cookie", "yes"), partOf("cookie", "no")] }, trigger);
    return askedUntilKnown((path) => ask(path, normalize), "/shop") !== undefined;
  };
  assert.equal(known(normalized), true);
  assert.equal(known(normalized, normalizeUrl), true);
  assert.equal(known(normalized, other), false);
  assert.equal(known(shop, other), true);
  const mixed = { any: false, parts: [partOf("cookie", "yes"), partOf("path", "/shop", true)] };
  assert.equal(known(mixed, other), false);
});

test("createPages() leaves of a trigger what the URL does not settle", () => {
  const [path, cookie] = [partOf("path", "/shop"), partOf("cookie", "yes")];
  const elsewhere = partOf("path", "/else");
  const opened = (any: boolean, ...parts: readonly ReturnType<typeof partOf>[]) => {
    const ask = memoOf({ any, parts });
    askedUntilKnown(ask, "/shop");
    return ask("/shop")?.open.map(({ rest }) => rest?.parts);
  };
  assert.deepEqual(opened(false, path, cookie), [[cookie]]);
  assert.deepEqual(opened(false, path, elsewhere), []);
  assert.deepEqual(opened(true, elsewhere, path, cookie), [undefined]);
  assert.deepEqual(opened(true, path, cookie), [undefined]);
  assert.deepEqual(opened(true, elsewhere), []);
});

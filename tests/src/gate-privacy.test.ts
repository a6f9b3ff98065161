/** What caches are told of a page that carries a cookie of the gate, and what is reported of headers that cannot be sent. */

import { strict as assert } from "node:assert";
import { test } from "node:test";
import {
  createGate,
  type Decider,
  failClosed,
  type Gate,
  type GateError,
  type HeaderChange,
  type Plugin,
} from "../../mod.ts";
import { isResponse, withPrivacy } from "../../src/pipeline/answer.ts";
import { withHeaders } from "../../src/pipeline/with-headers.ts";

const cookie: HeaderChange = ["set-cookie", "a=1"];

function cacheControlOf(page: string | undefined, ...changes: readonly HeaderChange[]): string | undefined {
  const response = new Response("page", page === undefined ? {} : { headers: { "cache-control": page } });
  const last = withPrivacy(response, [...changes, cookie]).findLast(([name]) => name === "cache-control");
  return last?.[1];
}

test("withPrivacy() keeps a page with a cookie of ours to its visitor, and every other word about it", () => {
  const table: [page: string | undefined, said: string | undefined][] = [
    [undefined, "private"],
    ["", "private"],
    ["max-age=60", "max-age=60, private"],
    ["public, max-age=60", "max-age=60, private"],
    ["PUBLIC", "private"],
    ["s-maxage=60, max-age=5", "max-age=5, private"],
    ["s-maxage =60", "private"],
    ["max-age=5, private", undefined],
    ["public, private", "private"],
    ['private="set-cookie", max-age=5', "max-age=5, private"],
    ['private = "x, public"', "private"],
    ["x-public, x-s-maxage=5", "x-public, x-s-maxage=5, private"],
    ["public-ish, privateer=1", "public-ish, privateer=1, private"],
    ['ext="public, s-maxage=5"', 'ext="public, s-maxage=5", private'],
    ["no-store", undefined],
    ["max-age=5, No-Store", undefined],
    ["no-store-at-all", "no-store-at-all, private"],
  ];
  for (const [page, said] of table) assert.equal(cacheControlOf(page), said, page);
  const response = new Response("page", { headers: { "cache-control": "public" } });
  assert.deepEqual(withPrivacy(response, [["x-a", "b"]]), [["x-a", "b"]], "without a cookie of ours");
});

test("withPrivacy() lets no plugin open what the application keeps from everybody", () => {
  const opening: HeaderChange = ["cache-control", "public, max-age=60"];
  assert.equal(cacheControlOf("no-store", opening), "no-store");
  assert.equal(cacheControlOf("max-age=5", opening), "max-age=60, private");
  assert.equal(cacheControlOf("public", ["cache-control", "no-store"]), "no-store");
});

test("withPrivacy() closes the fields of caches by their whole names", () => {
  const headers = {
    "x-litespeed-cache-control": "public",
    "my-x-litespeed-cache-control": "public",
    "cdn-cache-control-note": "a",
    "my-surrogate-control": "b",
    "surrogate-controls": "c",
    "edge-control": "d",
  };
  const closed = withPrivacy(new Response("page", { headers }), [cookie])
    .filter(([name]) => name !== "set-cookie" && name !== "cache-control");
  assert.deepEqual(closed.toSorted(), [
    ["edge-control", "no-store"],
    ["my-x-litespeed-cache-control", "no-store"],
    ["x-litespeed-cache-control", "no-cache"],
  ]);
});

test("withHeaders() tells the owner what cannot be sent, and why", async () => {
  const faults: GateError[] = [];
  const report = (fault: GateError) => void faults.push(fault);
  const sent = withHeaders(new Response("page"), [["bad name", "1"], ["x-a", "2"]], report);
  assert.equal(sent.headers.get("x-a"), "2");
  const used = new Response("page");
  await used.text();
  assert.equal(withHeaders(used, [["x-a", "2"]], report), used);
  assert.deepEqual(faults.map(({ code, message }) => [code, message]), [
    ["internal", 'The header "bad name" cannot be sent'],
    ["internal", "The response cannot be sent with other headers"],
  ]);
  for (const { cause } of faults) assert.ok(cause instanceof TypeError);
  const page = new Response("page");
  assert.equal(withHeaders(page, [], report), page);
});

test("isResponse() takes nothing for a response that is no object, or cannot be looked at", () => {
  const hidden = new Proxy({}, {
    has() {
      throw new Error("hidden");
    },
  });
  const callable = Object.assign(() => {}, { status: 200, headers: new Headers(), clone: () => {} });
  for (const value of [null, undefined, "status", 5, callable, hidden]) {
    assert.equal(isResponse(value), false);
  }
});

test("a gate keeps its own answers from all caches, but for one that a plugin calls the same for everybody", async () => {
  const headers = { "cache-control": "public, max-age=1" };
  const decided = (more: object, own: Plugin = { name: "nobody" }) => {
    const room: Decider = {
      name: "room",
      decide: () => ({
        action: "respond",
        reason: "room/status",
        response: new Response("{}", { headers }),
        ...more,
      }),
    };
    return createGate({ plugins: [room, own, failClosed()], onError() {} });
  };
  const table: readonly [what: string, gate: Gate, said: string][] = [
    ["left out", decided({}), "no-store"],
    ["not true", decided({ isPublic: "yes" }), "no-store"],
    ["public", decided({ isPublic: true }), "public, max-age=1"],
    [
      "with a cookie of a plugin",
      decided({ isPublic: true }, { name: "a", headers: () => [cookie] }),
      "no-store",
    ],
    [
      "with a cookie of its own",
      decided({
        isPublic: true,
        response: new Response("{}", { headers: { ...headers, "set-cookie": "a=1" } }),
      }),
      "no-store",
    ],
    [
      "answered by another plugin",
      decided({ isPublic: true }, { name: "b", respond: () => new Response("other", { headers }) }),
      "no-store",
    ],
  ];
  for (const [what, gate, said] of table) {
    const response = await gate(new Request("https://shop.example.com/"), () => new Response("page"));
    assert.equal(response.headers.get("cache-control"), said, what);
  }
});

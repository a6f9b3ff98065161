import assert from "node:assert/strict";
import { test } from "node:test";
import { readCookie } from "../../../src/http/cookies.ts";
import { factsOf } from "../../../src/triggers/facts.ts";
import { RequestSource } from "../../../src/triggers/request-source.ts";
import type { Target } from "../../../src/triggers/target.ts";

const url = "https://shop.example/a";

function sourceOf(headers: Record<string, string>): RequestSource {
  return new RequestSource(new Request(url, { headers }), url, (text) => text, {});
}

test("RequestSource reads a cookie alike, however many were asked for before", () => {
  const headers = [
    "a=1; b=2; c=3; d=4; e=5; f=6",
    ' a = 1 ;b="2"; b=3;=x;c;d = %20; e=a=b; f=',
    "f=1; a=b; b; =a",
    "a",
    "",
  ];
  const names = ["a", "b", "c", "d", "e", "f", "none", ""];
  for (const cookie of headers) {
    const source = sourceOf({ cookie });
    for (let round = 0; round < 2; round++) {
      for (const name of names) {
        assert.equal(source.cookie(name), readCookie(cookie, name), `${cookie} ${name} ${round}`);
      }
    }
  }
  const bare = sourceOf({});
  for (const name of names) assert.equal(bare.cookie(name), undefined);
  assert.deepEqual([...bare.cookieNames()], []);
});

test("RequestSource lists the names of cookies and headers that there are", () => {
  const source = sourceOf({ "x-one": "1", cookie: " a = 1; b; c=;=d; a=2" });
  assert.deepEqual([...source.cookieNames()], ["a", "c"]);
  assert.deepEqual([...source.headerNames()].filter((name) => name !== "accept"), ["cookie", "x-one"]);
  // In this order, too: what was listed is what is read.
  assert.equal(source.cookie("a"), "2");
});

test("RequestSource goes through the cookies once, and no earlier than for the fifth name", () => {
  let read = 0;
  const headers = new Headers({ cookie: "a=1; b=2" });
  const request = {
    headers: new Proxy(headers, {
      get(target, key) {
        if (key === "get") read++;
        const value: unknown = Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      },
    }),
  } as Request;
  const source = new RequestSource(request, url, (text) => text, {});
  const cookies = Array.from({ length: 40 }, (_, at) => source.cookie(at % 2 === 0 ? "a" : "b"));
  assert.deepEqual(new Set(cookies), new Set(["1", "2"]));
  assert.equal(read, 5);
});

test("factsOf() asks once for each of many cookies and headers, and tells them apart in both cases", () => {
  const asked: string[] = [];
  const tell = (kind: string) => (name: string) => (asked.push(`${kind} ${name}`), `${kind} ${name}`);
  const facts = factsOf({ url, header: tell("header"), cookie: tell("cookie") });
  const names = Array.from({ length: 8 }, (_, at) => `n${at}`);
  for (let round = 0; round < 2; round++) {
    for (const name of names) {
      for (const subject of ["cookie", "header"] as const) {
        const target: Target = { subject, name, normalized: false };
        assert.equal(facts.text(target, false), `${subject} ${name}`);
        assert.equal(facts.text(target, true), `${subject} ${name}`.toUpperCase());
      }
    }
  }
  assert.equal(asked.length, 16);
  assert.equal(new Set(asked).size, 16);
});

test("factsOf() gives a body that is not there as the empty text, and each that is", () => {
  const facts = factsOf({ url, header: () => "", cookie: () => "" });
  const body: Target = { subject: "body", name: "", normalized: false };
  assert.equal(facts.text(body, false), "");
  for (const text of ["a", "b", "a"]) {
    assert.equal(facts.text(body, true, text), text.toUpperCase());
    assert.equal(facts.text(body, false, text), text);
  }
});

test("factsOf() gives the same facts by their own URL, and one reading where there are no others", () => {
  const facts = factsOf({ url, header: () => "", cookie: () => "" });
  assert.equal(facts.by(url), facts);
  assert.deepEqual(facts.readings, [url]);
  const other = facts.by("https://shop.example/b");
  assert.equal(other.url, "https://shop.example/b");
  assert.equal(other.by("https://shop.example/b"), other);
});

/** Two cookies of one name: browsers send one of the host and one of its domain side by side, in an order that nobody can rely on. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../support/random-cases.ts";
import { cookieTokens } from "../../plugins/cookie-tokens.ts";
import { readRawCookie, readRawCookies } from "../../src/http/cookies.ts";
import { cookieStore } from "../../src/tokens/cookie-store.ts";
import { resolveCookie } from "../../src/cookie-options.ts";
import { contextOf } from "../support/context-of.ts";
import {
  benchOf,
  type Call,
  hybridBench,
  hybridCookie,
  json,
  other,
  promoted,
  queued,
  start,
  token,
  validParts,
} from "./crowdhandler/_helpers.ts";

/** The service promotes one token; it gives another one for those that it does not know, when it does not know them. */
function promotesOnly(visitor: string, knowsOthers: boolean) {
  return ({ path }: Call) => {
    const asked = path.split("/")[1];
    if (asked === visitor) return json({ ...promoted, token: asked });
    return json({ ...queued, token: knowsOthers && asked !== undefined ? asked : "tok_given" });
  };
}

function requestCookies(header: string, domain = "") {
  const request = new Request("https://shop.example.com/", { headers: { cookie: header } });
  return cookieStore(resolveCookie("test", { domain }))(contextOf(request));
}

test("readRawCookies() gives the last four of a name, the last one first, as readRawCookie() reads each", () => {
  const piece = fc.constantFrom(
    "a=1",
    "a=2",
    ' a = "3"',
    "b=4",
    "aa=5",
    "a",
    "",
    "=a",
    'a={"a":"a=6"}',
    "\ta=7 ",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
      const naive = pieces.map((each) => readRawCookie(each, "a")).filter((value) => value !== undefined);
      const read = readRawCookies(pieces.join(";"), "a");
      assert.deepEqual(read, naive.reverse().slice(0, 4));
      assert.equal(read[0], readRawCookie(pieces.join(";"), "a"));
    }),
    { numRuns: 1000 },
  );
  assert.deepEqual(readRawCookies(null, "a"), []);
  assert.deepEqual(readRawCookies("a=1", ""), []);
});

test("cookieTokens() gives what a browser has for other scopes, until the token is written or removed", () => {
  const store = requestCookies("a=1; b=x; a=2%20; a=; a=3");
  assert.equal(store.read("a"), "3");
  assert.deepEqual(store.others?.("a"), ["2 ", "1"]);
  assert.deepEqual(store.others?.("b"), []);
  store.write("a", "4");
  assert.deepEqual(store.others?.("a"), []);
  const long = requestCookies(`a=1; a=${"x".repeat(5000)}; a=2`);
  assert.deepEqual(long.others?.("a"), ["1"]);
});

test("cookieTokens() forgets the cookies of both scopes when several were sent", () => {
  const linesOf = (header: string, domain: string, act: "write" | "remove", value = "3") => {
    const store = requestCookies(header, domain);
    if (act === "write") store.write("a", value);
    else store.remove("a");
    return (store.headers() ?? []).map(([, line]) =>
      line.replace(/; Path.*(?=; Expires)|; Path=.*/, "").slice(0, 30)
    );
  };
  const inDomain = (header: string, act: "write" | "remove", value?: string) =>
    linesOf(header, "example.com", act, value).map((
      line,
    ) => [/^a=\w*/.exec(line)?.[0], line.includes("Domain")]);
  assert.deepEqual(inDomain("a=1; a=2", "remove"), [["a=", true], ["a=", false]]);
  assert.deepEqual(inDomain("a=1", "remove"), [["a=", true]]);
  assert.deepEqual(inDomain("a=1; a=2", "write"), [["a=", false], ["a=3", true]]);
  assert.deepEqual(inDomain("a=1; a=2", "write", "2"), [["a=", false], ["a=2", true]]);
  assert.deepEqual(inDomain("a=1", "write"), [["a=3", true]]);
  assert.deepEqual(linesOf("a=1; a=2", "", "remove").length, 1);
  assert.deepEqual(linesOf("a=1; a=2", "", "write").length, 1);
});

test("crowdhandler() finds the token that is promoted among the cookies of several scopes, and loses none meanwhile", async () => {
  for (const knowsOthers of [true, false]) {
    for (const planted of ["tok_planted", "{}", "", "x".repeat(5000)]) {
      for (
        const cookie of [
          `crowdhandler=${token}; crowdhandler=${planted}`,
          `crowdhandler=${planted}; crowdhandler=${token}`,
        ]
      ) {
        const bench = benchOf({ answers: { requests: promotesOnly(token, knowsOthers) } });
        const first = await bench.visit("/tickets", { cookie });
        assert.equal(first.cookies["crowdhandler"], first.served ? token : undefined, cookie);
        // Whatever is planted is sent again: the visitor is inside on the second page at the latest, and stays there.
        for (let page = 0; page < 3; page++) {
          assert.equal((await bench.visit("/tickets", { cookie })).served, true, cookie);
        }
      }
    }
  }
});

test("crowdhandler() asks about the last of several tokens when nobody can tell, and gives up those that nobody knows", async () => {
  const bench = benchOf({ answers: { requests: promotesOnly("tok_nobody", false) } });
  const cookie = "crowdhandler=tok_one; crowdhandler=tok_two";
  const pages = [await bench.visit("/a", { cookie }), await bench.visit("/a", { cookie })];
  assert.deepEqual(bench.calls.map(({ path }) => path), ["requests/tok_two", "requests/tok_one"]);
  assert.deepEqual(pages.map(({ cookies }) => cookies), [{}, { crowdhandler: "tok_given" }]);
});

test("crowdhandler() asks in turn about tokens that all wait", async () => {
  const bench = benchOf({ answers: { requests: promotesOnly("tok_nobody", true) } });
  for (let page = 0; page < 4; page++) {
    await bench.visit("/a", { cookie: "crowdhandler=tok_one; crowdhandler=tok_two" });
  }
  const asked = bench.calls.map(({ path }) => path.slice(-3));
  assert.deepEqual(asked, ["two", "one", "two", "one"]);
});

test("crowdhandler() asks about another token after the service refused to check one, and gives no promoted one up for it", async () => {
  let refuses = (asked: string): boolean => asked === "tok_planted";
  const requests = ({ path }: Call) => {
    const asked = path.split("/")[1] ?? "";
    return refuses(asked) ? Response.json({}, { status: 400 }) : json({ ...promoted, token: asked });
  };
  for (const make of [benchOf, hybridBench]) {
    refuses = (asked) => asked === "tok_planted";
    const bench = make({ answers: { requests }, address: "203.0.113.7" });
    const cookie = `crowdhandler=${token}; crowdhandler=tok_planted`;
    const visit = async () => (await bench.visit("/tickets", { cookie })).served;
    assert.deepEqual([await visit(), await visit(), await visit()], [false, true, true]);
    refuses = () => true;
    assert.equal(await visit(), false);
    refuses = (asked) => asked === "tok_planted";
    assert.equal(await visit(), true, "it was promoted, and is asked about first");
  }
});

test("crowdhandler() in hybrid mode admits by the first valid session of several scopes and names, without a call", async () => {
  const valid = hybridCookie();
  const over = hybridCookie(validParts(token, start - 3_600_000));
  const foreign = hybridCookie(validParts(other)).replaceAll("%22sig%22%3A%22", "%22sig%22%3A%220");
  for (const planted of [over, foreign, "crowdhandler=", "crowdhandler={", `crowdhandler=${other}`]) {
    for (
      const cookie of [
        `${valid}; ${planted}`,
        `${planted}; ${valid}`,
        `${valid.replace("crowdhandler", "ch-id")}; ${planted}`,
      ]
    ) {
      const bench = hybridBench({ answers: { requests: queued } });
      const { served, cookies } = await bench.visit("/tickets", { cookie });
      assert.equal(served, true, cookie);
      assert.equal(JSON.parse(cookies["crowdhandler"] ?? "{}").tokens[0].token, token);
      assert.deepEqual(bench.calls.map(({ path }) => path), ["rooms"]);
    }
  }
  const many = Array.from({ length: 500 }, () => over).join("; ");
  const bench = hybridBench({ answers: { requests: queued } });
  assert.equal((await bench.visit("/tickets", { cookie: `${valid}; ${many}` })).served, false);
});

test("crowdhandler() in hybrid mode keeps cookies of several scopes while one of them may be promoted", async () => {
  const bench = hybridBench({ answers: { requests: promotesOnly(token, true) } });
  const cookie = `crowdhandler=${token}; crowdhandler=${other}`;
  const first = await bench.visit("/tickets", { cookie });
  assert.deepEqual([first.served, first.cookies], [false, {}]);
  assert.equal((await bench.visit("/tickets", { cookie })).served, true);
});

test("crowdhandler() ends a session in both scopes", async () => {
  const checkout = {
    slug: "hall",
    domain: "https://shop.example.com",
    patternType: "all",
    checkout: "/thanks",
  };
  const bench = benchOf({
    plugins: [cookieTokens({ domain: "example.com" })],
    options: { checkout: true },
    answers: { rooms: [checkout], requests: promotesOnly(token, true) },
  });
  const { response, decision } = await bench.visit("/thanks", {
    cookie: `crowdhandler=${token}; crowdhandler=${token}`,
  });
  assert.equal(decision?.reason, "crowdhandler/checkout");
  const lines = response.headers.getSetCookie();
  assert.deepEqual(lines.map((line) => [line.includes("Max-Age=0"), line.includes("Domain=example.com")]), [
    [true, true],
    [true, false],
  ]);
});

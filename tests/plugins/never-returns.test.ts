// Requests whose answer nobody looks at, and crawlers: they open no place, and nobody sends them to a waiting room.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { problemAnswers, staticFiles } from "../../mod.ts";
import { answered, gateOf, page, provider, queued, request } from "../src/_gates.ts";
import { benchOf, hybridBench, queued as waiting, token } from "./crowdhandler/_helpers.ts";
import { configured, cookieHeader, cookieOf, evented } from "./queue-it/_helpers.ts";

const session = cookieHeader({ event1: cookieOf() });

const kinds: readonly [what: string, init: RequestInit][] = [
  ["a manifest", { headers: { "sec-fetch-dest": "manifest" } }],
  ["a report", { method: "POST", headers: { "sec-fetch-dest": "report" } }],
  ["a report of an old browser", { method: "POST", headers: { "content-type": "application/csp-report" } }],
  ["a beacon", { method: "POST", headers: { "sec-fetch-dest": "empty", "sec-fetch-mode": "no-cors" } }],
];

for (const [what, init] of kinds) {
  for (const [mode, make] of [["full", benchOf], ["hybrid", hybridBench]] as const) {
    test(`crowdhandler() in ${mode} mode opens no place for ${what}, without any plugin`, async () => {
      const bench = make({ answers: { requests: waiting } });
      const { response, cookies } = await bench.visit("/tickets/site", init);
      assert.equal(response.status, 503);
      assert.equal(response.headers.get("location"), null);
      assert.deepEqual(cookies, {});
      assert.deepEqual(bench.calls.filter(({ path }) => path.startsWith("requests")), []);
    });
  }

  test(`crowdhandler() lets ${what} of a visitor in who may enter`, async () => {
    const { served } = await benchOf().visit("/tickets/site", { ...init, cookie: `crowdhandler=${token}` });
    assert.equal(served, true);
  });

  test(`queueItEvent() sends ${what} to no room, and begins, prolongs and ends no session`, async () => {
    const { method = "GET", headers } = init;
    const visitor = { method, headers: headers as Record<string, string> };
    const refused = await evented().visit("/site", visitor);
    assert.equal(refused.response.status, 503);
    assert.equal(refused.response.headers.get("location"), null);
    assert.deepEqual(refused.cookies, []);
    const cookie = cookieHeader({ event1: cookieOf() });
    const inside = await evented({ extendValidity: true }).visit("/site", { ...visitor, cookie });
    assert.equal(inside.served, true);
    assert.deepEqual(inside.cookies, []);
  });

  test(`queueIt() explains what ${what} is, whether or not it would be let in`, async () => {
    const { gate } = configured();
    for (
      const [path, cookie] of [["/event1", undefined], ["/event1", session], ["/about", undefined]] as const
    ) {
      const headers = new Headers(init.headers);
      if (cookie !== undefined) headers.set("cookie", cookie);
      const { steps } = await gate.explain(new Request(`https://shop.test${path}`, { ...init, headers }));
      const notes = steps.flatMap(({ notes }) => notes);
      assert.equal(notes.filter((note) => note.startsWith("never comes back")).length, 1, path);
    }
  });

  test(`problemAnswers() tells ${what} by a document`, () => {
    const { gate } = gateOf([provider(queued), problemAnswers()]);
    const response = answered(gate(request("/site", init), page));
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
  });
}

describe("staticFiles()", () => {
  const table: readonly [path: string, method: string, served: boolean][] = [
    ["/.well-known/acme-challenge/abc", "GET", true],
    ["/.well-known/security.txt", "HEAD", true],
    ["/.well-known/apple-app-site-association", "GET", true],
    ["/.well-known/acme-challenge/a%20b", "GET", true],
    ["/.well-known/webfinger?resource=acct:a@shop.test", "GET", true],
    ["/.well-known/", "GET", false],
    ["/.well-known/checkout", "GET", false],
    ["/.well-known/security.txt?rest_route=/cart", "GET", false],
    ["/.well-known/?rest_route=/cart", "GET", false],
    ["/.well-known", "GET", false],
    ["/.well-knownx/a", "GET", false],
    ["/shop/.well-known/a", "GET", false],
    ["/.well-known/../tickets", "GET", false],
    ["/.well-known/%2e%2e/tickets", "GET", false],
    ["/.well-known/..%2ftickets", "GET", false],
    ["/.well-known/%2e%2e%2ftickets", "GET", false],
    ["/.well-known//tickets", "GET", false],
    ["/.well-known/x;/tickets", "GET", false],
    ["/.well-known/x\\..\\..\\tickets", "GET", false],
    ["/.well-known/hook", "POST", false],
  ];
  for (const [path, method, served] of table) {
    test(`${served ? "leaves" : "protects"} ${method} ${path}`, async () => {
      const { gate } = gateOf([staticFiles(), provider(queued)]);
      // As servers do that do not parse what they were asked.
      const asked = Object.defineProperty(request("/", { method }), "url", {
        value: `https://shop.example${path}`,
      });
      const response = await gate(asked, page);
      assert.equal(response.status === 200, served, String(response.status));
    });
  }

  test("protects what is well known if that is wanted", () => {
    const { gate } = gateOf([staticFiles({ wellKnown: false }), provider(queued)]);
    assert.equal(answered(gate(request("/.well-known/acme-challenge/abc"), page)).status, 302);
  });
});

describe("problemAnswers() and crawlers", () => {
  const crawlers = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0 Safari/537.36",
    "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
    "facebookexternalhit/1.1",
    "Mozilla/5.0 (compatible; YandexRenderResourcesBot/1.0; +http://yandex.com/bots)",
    "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
  ];
  test("do not look for the end of a name for ever: it took a time that grew with the square of its length", async () => {
    for (const name of [`Yandex${"x".repeat(40)}Bot`, `Sogou ${"x ".repeat(40)}spider`]) {
      const { gate } = gateOf([provider(queued), problemAnswers()]);
      assert.equal((await gate(request("/", { headers: { "user-agent": name } }), page)).status, 302);
    }
  });

  for (const agent of crawlers) {
    test(`answer ${agent.slice(0, 60)} with 503 in place of the room`, async () => {
      const { gate } = gateOf([provider(queued), problemAnswers({ status: 429, random: () => 0 })]);
      for (const mode of ["navigate", "no-cors"]) {
        const response = answered(
          gate(request("/", { headers: { "sec-fetch-mode": mode, "user-agent": agent } }), page),
        );
        assert.equal(response.status, 503);
        assert.equal(response.headers.get("retry-after"), "60");
        assert.equal(response.headers.get("location"), null);
        assert.doesNotMatch(await response.text(), /wait\.example/);
      }
    });
  }

  const people = [
    "Mozilla/5.0 (Linux; Android 12; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/120 Mobile DuckDuckGo/5 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120 YaBrowser/24.1 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 GSA/300 Mobile Safari/604.1",
  ];
  for (const agent of people) {
    test(`send people to the room: ${agent.slice(12, 60)}`, () => {
      const { gate } = gateOf([provider(queued), problemAnswers()]);
      assert.equal(answered(gate(request("/", { headers: { "user-agent": agent } }), page)).status, 302);
    });
  }

  test("let the owner's test have the first word", () => {
    const { gate } = gateOf([provider(queued), problemAnswers({ test: () => false })]);
    const headers = { "user-agent": crawlers[0] ?? "" };
    assert.equal(answered(gate(request("/", { headers }), page)).status, 302);
  });
});

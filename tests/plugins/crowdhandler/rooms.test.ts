import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RoomCache } from "../../../plugins/crowdhandler/rooms/room-cache.ts";
import type { Rooms } from "../../../plugins/crowdhandler/rooms/rooms.ts";
import { platform } from "../../../mod.ts";
import { callsBehind } from "../../../src/pipeline/calls.ts";
import type { Call, Calls } from "../../../src/service.ts";
import { contextOf } from "../../support/context-of.ts";
import { type Answers, hybridBench, hybridCookie, json, queued, room, site, start } from "./_helpers.ts";
import { steadily } from "../../support/steadily.ts";

/** Where a visitor without a token is sent who asks for a page. */
async function reasonFor(url: string, rooms: unknown, hosts = ["shop.example.com"]) {
  const bench = hybridBench({
    options: { publicHosts: hosts },
    answers: { requests: { ...queued, slug: null }, rooms: () => json(rooms) },
  });
  const { decision, location } = await bench.visit(url);
  const slug = location === "" ? undefined : new URL(location).pathname.slice(1);
  return { reason: decision?.reason, slug, bench };
}

describe("crowdhandler() matches rooms on host, decoded path and cleaned query", () => {
  const regex = (urlPattern: unknown) => ({ ...room, patternType: "regex", urlPattern });
  const contains = (urlPattern: unknown) => ({ ...room, patternType: "contains", urlPattern });
  const on = (domain: string) => ({ ...room, domain, patternType: "all" });
  const table: [string, string, unknown, boolean][] = [
    ["all", "/", on("https://shop.example.com"), true],
    ["another host", "/", on("https://www.example.com"), false],
    ["a host in upper case with port, dot and path", "/", on("https://SHOP.example.com.:443/x"), true],
    ["a wildcard", "/", on("https://*.example.com"), true],
    ["a wildcard of the host itself", "/", on("https://*.shop.example.com"), false],
    ["a wildcard that is no suffix of labels", "/", on("https://*.ample.com"), false],
    ["no pattern at all", "/null", regex(null), false],
    ["no pattern at all", "/null", contains(null), false],
    ["a substring of the path", "/x/tickets/1", contains("/tickets"), true],
    ["a substring of the query", "/x?y=/tickets", contains("/tickets"), true],
    ["a substring of a reserved parameter", "/x?ch-code=/tickets", contains("/tickets"), false],
    ["a substring in another case", "/Tickets", contains("/tickets"), true],
    ["a substring in another case", "/tickets", contains("/Tickets"), true],
    ["a regular expression in another case", "/TICKETS/7", regex("^/tickets/\\d+$"), true],
    ["an encoded path", "/%74ickets", contains("/tickets"), true],
    ["a pattern with an accent", "/caff%C3%A8", contains("/caffè"), true],
    ["a pattern with an accent in another case", "/CAFF%C3%88", contains("/caffè"), true],
    ["a pattern with an escape in another case", "/MEN%C3%99", contains("/men%C3%B9"), true],
    ["a pattern with a blank", "/late%20night", contains("/late night"), true],
    ["a pattern with a blank in a query", "/x?show=late+night", contains("show=late night"), true],
    ["an encoded query", "/x?y=%2Ftickets", contains("/tickets"), true],
    ["an encoded path beside a broken escape", "/%74icket%73%ff", contains("/ticket"), true],
    ["contains without a pattern", "/tickets", contains(null), false],
    ["contains with an empty pattern", "/tickets", contains(""), false],
    ["a regular expression", "/tickets/7", regex("^/tickets/\\d+$"), true],
    ["a regular expression on the query", "/a?b=1", regex("b=1"), true],
    ["a regular expression on what is cleaned away", "/a?ch-id=1", regex("ch-id"), false],
    ["a regular expression and dot segments", "/a/../tickets", regex("^/tickets$"), true],
    ["a regular expression and encoded dot segments", "/a/%2e%2E/tickets", regex("^/tickets$"), true],
    ["an unknown type", "/tickets", { ...room, patternType: "prefix" }, false],
  ];
  for (const [what, path, entry, isProtected] of table) {
    test(`crowdhandler() ${isProtected ? "finds" : "finds no"} room by ${what}`, async () => {
      const { reason, slug } = await reasonFor(path, [entry]);
      assert.equal(reason, isProtected ? "crowdhandler/queued" : "crowdhandler/unprotected");
      assert.equal(slug, isProtected ? room.slug : undefined);
    });
  }
});

test("crowdhandler() takes the path as the application sees it where a server leaves it as it was written", async () => {
  const bench = hybridBench({
    answers: { requests: queued, rooms: [{ ...room, patternType: "regex", urlPattern: "^/tickets" }] },
  });
  for (const path of ["/a/../tickets", "/./tickets", "/a/%2e%2e/tickets?b=1"]) {
    const request = Object.defineProperty(new Request(site), "url", { value: site + path });
    assert.equal((await bench.handle(request)).status, 302, path);
  }
});

test("crowdhandler() opens no page by a feed in which nothing is a room, and goes on with the one before", async () => {
  let rooms: unknown = [{}, null];
  const bench = hybridBench({ policy: "closed", answers: { requests: queued, rooms: () => json(rooms) } });
  assert.equal((await bench.visit("/other")).served, false);
  assert.deepEqual(bench.errors.map(({ code }) => code), ["malformed"]);
  rooms = [room];
  bench.clock.now += 60_000;
  assert.equal((await bench.visit("/tickets")).decision?.reason, "crowdhandler/queued");
  rooms = [{}, null];
  bench.clock.now += 60_000;
  for (let visit = 0; visit < 3; visit++) {
    assert.equal((await bench.visit("/tickets")).decision?.reason, "crowdhandler/queued");
  }
});

test("crowdhandler() takes the first room that matches", async () => {
  const rooms = [{ ...room, slug: "none", urlPattern: "/none" }, { ...room, slug: "one" }, room];
  assert.equal((await reasonFor("/tickets", rooms)).slug, "one");
});

test("crowdhandler() tests regular expressions without state between visitors", async () => {
  const { bench } = await reasonFor("/", [{ ...room, patternType: "regex", urlPattern: "ti" }]);
  for (let visit = 0; visit < 4; visit++) {
    assert.equal((await bench.visit("/tickets")).decision?.action, "queue");
  }
});

test("crowdhandler() skips and reports rooms that it cannot understand, once, and keeps the others", async () => {
  const rooms = [
    null,
    [],
    "room",
    { ...room, slug: "" },
    { ...room, slug: ".." },
    { ...room, slug: "\ud800" },
    { ...room, domain: null },
    { ...room, slug: "broken", patternType: "regex", urlPattern: "(" },
    room,
  ];
  const { slug, bench } = await reasonFor("/tickets", rooms);
  assert.equal(slug, room.slug);
  assert.equal(bench.warnings.length, 8);
  assert.match(bench.warnings[7] ?? "", /room "broken" of the feed is skipped, its pattern/);
  bench.clock.now += 60_000;
  await bench.visit("/tickets");
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(bench.calls.filter(({ path }) => path === "rooms").length, 2);
  assert.equal(bench.warnings.length, 8);
});

describe("crowdhandler() lets no address keep the patterns of rooms busy", () => {
  const long = `/tickets${"a".repeat(1900)}!`;
  const table: [string, string, string, boolean, number][] = [
    ["the pattern of a regular language goes back", "(a+)+$", long, false, 0],
    ["an innocent pattern goes back", ".*a.*a.*a.*a.*b", long, false, 0],
    ["a pattern looks around, and the page is short", "^/(?!assets)", "/assets/a", false, 1],
    ["a pattern looks around, and finds the page", "^/(?!assets)", "/tickets", true, 1],
    ["a pattern looks around, and the page is long", "^/(?!tickets)", long, true, 1],
    ["a pattern may explode", "(?!x)(a+)+$", "/tickets/aaa!", true, 1],
  ];
  for (const [what, pattern, path, isProtected, warnings] of table) {
    test(`crowdhandler() ${isProtected ? "protects" : "does not protect"} a page when ${what}`, async () => {
      const { reason, bench } = await reasonFor(path, [{
        ...room,
        patternType: "regex",
        urlPattern: pattern,
      }]);
      assert.equal(reason, isProtected ? "crowdhandler/queued" : "crowdhandler/unprotected");
      assert.equal(bench.warnings.length, warnings);
    });
  }
});

test("crowdhandler() protects the pages of a room whose checkout pattern is broken", async () => {
  const { slug, bench } = await reasonFor("/tickets", [{ ...room, checkout: "(" }]);
  assert.equal(slug, room.slug);
  assert.match(bench.warnings[0] ?? "", /checkout pattern that is no regular expression/);
});

describe("crowdhandler() fails without a usable feed", () => {
  const feeds: [string, () => Response, string][] = [
    ["HTTP 500", () => new Response(null, { status: 500 }), "unreachable"],
    ["HTTP 401", () => new Response(null, { status: 401 }), "rejected"],
    ["no list", () => json({}), "malformed"],
    ["no JSON", () => new Response("<html>"), "malformed"],
    ["too much", () => new Response(`{"result":[]}${" ".repeat(4 * 1024 * 1024)}`), "malformed"],
  ];
  for (const [what, rooms, code] of feeds) {
    test(`crowdhandler() fails with ${code} when the feed is ${what}`, async () => {
      const bench = hybridBench({ answers: { rooms } });
      assert.equal((await bench.visit("/tickets")).served, true);
      assert.deepEqual(bench.errors.map((error) => error.code), [code]);
    });
  }
});

test("crowdhandler() sends a visitor whose feed is missing to wait with the known token", async () => {
  const bench = hybridBench({
    policy: "closed",
    answers: { rooms: () => new Response(null, { status: 500 }) },
  });
  const { location, cookies } = await bench.visit("/tickets", { cookie: hybridCookie() });
  assert.ok(location.startsWith("https://wait.crowdhandler.com/?url="), location);
  assert.ok(location.includes("&ch-id=tok_7pDi5dRB2nUi&"), location);
  assert.deepEqual(cookies, {});
});

test("crowdhandler() fetches the feed once for all who wait for it, and not on each page", async () => {
  const bench = hybridBench({ answers: { requests: queued } });
  await Promise.all(Array.from({ length: 20 }, () => bench.visit("/tickets")));
  await bench.visit("/tickets");
  assert.equal(bench.calls.filter(({ path }) => path === "rooms").length, 1);
});

test("crowdhandler() serves from a stale feed while a new one is fetched, and goes on when it cannot be had", async () => {
  let rooms: Exclude<Answers["rooms"], undefined> = [room];
  const bench = hybridBench({
    answers: { requests: queued, rooms: (call) => typeof rooms === "function" ? rooms(call) : json(rooms) },
    options: { rooms: { ttlMs: 1000, maxStaleMs: 10_000 } },
  });
  const fetches = () => bench.calls.filter(({ path }) => path === "rooms").length;
  const action = async () => {
    const { decision } = await bench.visit("/tickets");
    await new Promise((resolve) => setTimeout(resolve));
    return decision?.action;
  };
  assert.equal(await action(), "queue");
  rooms = () => new Response(null, { status: 503 });
  bench.clock.now += 1000;
  assert.equal(await action(), "queue", "the copy is used");
  assert.equal(fetches(), 2);
  bench.clock.now += 4999;
  assert.equal(await action(), "queue");
  assert.equal(fetches(), 2, "a failed fetch is not repeated at once");
  bench.clock.now += 1;
  assert.equal(await action(), "queue");
  assert.equal(fetches(), 3);
  assert.deepEqual(bench.errors, []);
  bench.clock.now += 5000;
  assert.equal(await action(), "admit", "the copy is too old: the policy decides");
  assert.equal(fetches(), 4);
  assert.equal(await action(), "admit");
  assert.equal(fetches(), 4, "during an outage nobody waits for a fetch");
  rooms = [];
  bench.clock.now += 5000;
  await bench.visit("/tickets");
  const { decision } = await bench.visit("/tickets");
  assert.equal(decision?.reason, "crowdhandler/unprotected");
  assert.equal(bench.errors.length, 2);
});

test("crowdhandler() asks the platform to keep a refresh in the background alive", async () => {
  const bench = hybridBench({ options: { rooms: { ttlMs: 1000 } } });
  await bench.visit("/other");
  bench.clock.now += 1000;
  const kept: Promise<unknown>[] = [];
  const waitUntil = (work: Promise<unknown>) => void kept.push(work);
  const request = new Request(`${site}/other`);
  const response = bench.gate(request, () => new Response("page"), {}, { waitUntil });
  assert.ok(response instanceof Response, "nobody waits for it");
  assert.equal(kept.length, 1);
  await Promise.all(kept);
  assert.equal(bench.calls.length, 2);
});

test("crowdhandler() checks visitors as always where the platform keeps nothing alive", async () => {
  const functions = [
    () => {
      throw new TypeError("Illegal invocation");
    },
    () => Promise.reject(new Error("the request has ended")),
  ];
  for (const waitUntil of functions) {
    const bench = hybridBench({ answers: { requests: queued } });
    const request = new Request(`${site}/tickets`);
    const response = await bench.gate(request, () => new Response("page"), platform({ waitUntil }));
    assert.equal(response.status, 302);
    assert.deepEqual(bench.errors, []);
  }
});

const direct = callsBehind();

test(
  "RoomCache gives up waiting for a fetch that never ends, and begins another later",
  steadily(async () => {
    let loads = 0;
    const load: Call<Rooms> = {
      what: "GET /v1/rooms",
      timeoutMs: 10,
      make() {
        loads++;
        return loads === 1 ? new Promise<Rooms>(() => {}) : Promise.resolve([]);
      },
    };
    const cache = new RoomCache(load, { ttlMs: 1000, maxStaleMs: 0 });
    // A request that its platform has ended: no timer of it runs any more.
    const ended: Calls = {
      ...direct,
      run: (call) => (call.make(new AbortController().signal), new Promise(() => {})),
    };
    const ctx = contextOf(new Request(site), [], () => start);
    await assert.rejects(Promise.resolve(cache.get(ctx, ended, start)), { code: "timeout" });
    await assert.rejects(Promise.resolve(cache.get(ctx, direct, start + 19)), { code: "timeout" });
    assert.equal(loads, 1);
    assert.deepEqual(await cache.get(ctx, direct, start + 20), []);
    assert.equal(loads, 2);
    assert.deepEqual(cache.get(ctx, direct, start + 21), []);
  }),
);

test("RoomCache goes on after the clock was set back", async () => {
  let loads = 0;
  const make = () => Promise.resolve(void loads++).then(() => []);
  const cache = new RoomCache({ what: "GET /v1/rooms", timeoutMs: 10, make }, { ttlMs: 1000, maxStaleMs: 0 });
  const ctx = contextOf(new Request(site), [], () => start);
  await cache.get(ctx, direct, start);
  assert.deepEqual(cache.get(ctx, direct, start - 3_600_000), [], "the copy is used");
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(cache.get(ctx, direct, start - 3_600_000 + 1), []);
  assert.equal(loads, 2, "and renewed once");
});

test("RoomCache tells the age of its rooms by a timer of its own", async () => {
  let time = 5000;
  const make = () => Promise.resolve([]);
  const load = { what: "GET /v1/rooms", timeoutMs: 10, make };
  const cache = new RoomCache(load, { ttlMs: 1000, maxStaleMs: 0, timer: () => time });
  assert.equal(cache.ageMs(), undefined);
  await cache.get(contextOf(new Request(site), [], () => start), direct, start);
  time += 1234.5;
  assert.equal(cache.ageMs(), 1235);
  time = 0;
  assert.equal(cache.ageMs(), 0, "of a timer that went back");
});

test("RoomCache takes a fetch that had no turn for no failure of the service", async () => {
  const load = { what: "GET /v1/rooms", timeoutMs: 10, make: () => Promise.resolve([]) };
  const cache = new RoomCache(load, { ttlMs: 1000, maxStaleMs: 0 });
  const crowded: Calls = { ...direct, run: () => new Promise(() => {}) };
  const ctx = contextOf(new Request(site), [], () => start);
  await assert.rejects(Promise.resolve(cache.get(ctx, crowded, start)), {
    code: "overloaded",
    message: "GET /v1/rooms had no turn in its time",
  });
});

test("RoomCache takes no rooms of a fetch that was given up in place of later ones", async () => {
  const answers: ((rooms: Rooms) => void)[] = [];
  const load: Call<Rooms> = {
    what: "GET /v1/rooms",
    timeoutMs: 10,
    make: () => new Promise((resolve) => answers.push(resolve)),
  };
  const cache = new RoomCache(load, { ttlMs: 1000, maxStaleMs: 0 });
  const ctx = contextOf(new Request(site), [], () => start);
  const first = Promise.resolve(cache.get(ctx, direct, start));
  const second = Promise.resolve(cache.get(ctx, direct, start + 20));
  const [late, early] = [[], []];
  answers[1]?.(early);
  assert.equal(await second, early);
  answers[0]?.(late);
  assert.equal(await first, late, "who waits for it has nothing better");
  assert.equal(cache.get(ctx, direct, start + 21), early);
});

/** W3, W4, W14 to W16, W21, W24, W25, W27, W29, W32, W56: what the waiting room decides. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failOpen } from "../../../plugins/failure-policy/mod.ts";
import type { Command, WaitingRoomOptions } from "../../../plugins/waiting-room/mod.ts";
import { createSealer } from "../../../plugins/waiting-room/tickets/mod.ts";
import { type FailureCode, ServiceError } from "../../../src/errors.ts";
import type { Plugin, Policy } from "../../../src/plugin.ts";
import { steadily } from "../../support/steadily.ts";
import { settle, start } from "./_node.ts";
import { type Browser, type RoomBench, roomBench, secret, site } from "./_room.ts";

const cookie = "__Host-stanchion-main";
const down = () => Promise.reject(new TypeError("connect ECONNREFUSED"));
/** Nobody is let in, and everybody is called. */
const full = { admitPerMinute: 60, capacity: 0 };

describe("waitingRoom() at the door", () => {
  test("lets in where nobody waits, and asks nobody about the pass for a minute", async () => {
    const bench = roomBench();
    const visitor = bench.browser();
    const first = await visitor.open("/tickets");
    assert.deepEqual([first.status, first.reason, first.text], [200, "waiting-room/admitted", "the shop"]);
    assert.match(first.response.headers.getSetCookie()[0] ?? "", /; Path=\/; Secure; HttpOnly; SameSite=Lax/);
    assert.equal(first.response.headers.get("cache-control"), "private");
    // The claim is confirmed by the first request that brings it.
    const second = await visitor.open("/tickets/7");
    assert.deepEqual([second.reason, second.outcome.decision.facts?.proven], [
      "waiting-room/pass",
      "service",
    ]);
    const asked = bench.store.batches.length;
    for (let at = 0; at < 5; at++) {
      const next = await visitor.open("/tickets/8");
      assert.deepEqual([next.reason, next.isSync], ["waiting-room/pass", true]);
      assert.deepEqual(next.response.headers.getSetCookie(), []);
      assert.equal(next.outcome.decision.facts?.proven, "signature");
    }
    assert.equal(bench.store.batches.length, asked);
  });

  test("tells who it is by a tag, and never by the ticket", async () => {
    const { browser } = roomBench();
    const visitor = browser();
    const first = await visitor.open("/");
    const { facts } = first.outcome.decision;
    assert.equal(facts?.room, "main");
    assert.match(facts?.visitor ?? "", /^[\w-]{8}$/);
    assert.ok(!(visitor.jar.get(cookie) ?? "").startsWith(facts?.visitor ?? ""));
    assert.equal((await visitor.open("/")).outcome.decision.facts?.visitor, facts?.visitor);
  });

  test("keeps pages of people inside from shared caches, by whatever header these go", async () => {
    const { browser } = roomBench(
      {},
      [],
      undefined,
      () =>
        new Response("hello", {
          headers: {
            "cache-control": "public, max-age=600, s-maxage=900",
            "cdn-cache-control": "max-age=900",
            "surrogate-control": "max-age=900",
          },
        }),
    );
    const visitor = browser();
    for (let at = 0; at < 3; at++) {
      const { headers } = (await visitor.open("/")).response;
      assert.equal(headers.get("cache-control"), "max-age=600, private");
      assert.equal(headers.get("cdn-cache-control"), "no-store");
      assert.equal(headers.get("surrogate-control"), "no-store");
    }
  });

  test("lets in no more than the limits say, and shows the others the page in its place", async () => {
    const { browser } = roomBench({ admitPerMinute: 60, burstSeconds: 0 });
    const all = await Promise.all(Array.from({ length: 10 }, () => browser().open("/tickets?x=1")));
    assert.equal(all.filter(({ served }) => served).length, 3);
    const waiting = all.find(({ served }) => !served);
    assert.equal(waiting?.status, 503);
    assert.equal(waiting?.reason, "waiting-room/waiting");
    assert.equal(waiting?.response.headers.get("location"), null);
    assert.equal(waiting?.response.headers.get("cache-control"), "no-store");
    assert.equal(waiting?.response.headers.get("x-robots-tag"), "noindex");
    assert.match(waiting?.response.headers.get("retry-after") ?? "", /^\d+$/);
    assert.equal(waiting?.response.headers.getSetCookie().length, 1);
    assert.ok((waiting?.outcome.decision.facts?.place?.position ?? 0) >= 1);
  });

  const statuses = [503, 200, 202, 429] as const;
  for (const status of statuses) {
    test(`answers the page with ${status} where the owner says so`, async () => {
      const { browser } = roomBench({ ...full, status });
      assert.equal((await browser().open("/")).status, status);
    });
  }

  test("lets who waits in at their turn, on the page that they asked for", async () => {
    const bench = roomBench({ admitPerMinute: 60, burstSeconds: 0 });
    await Promise.all(Array.from({ length: 3 }, () => bench.browser().open("/")));
    const visitor = bench.browser();
    const waiting = await visitor.open("/tickets/7");
    assert.equal(waiting.reason, "waiting-room/waiting");
    const early = await visitor.open("/tickets/7");
    assert.equal(early.reason, "waiting-room/waiting");
    await bench.pass(5000);
    const turn = await visitor.open("/tickets/7");
    assert.deepEqual([turn.reason, turn.served], ["waiting-room/admitted", true]);
  });

  test("answers from memory whoever calls again before half of the wait is over", async () => {
    const bench = roomBench(full);
    const visitor = bench.browser();
    await visitor.open("/");
    await settle();
    const asked = bench.store.batches.length;
    for (let at = 0; at < 5; at++) {
      const { reason, outcome } = await visitor.open("/");
      assert.equal(reason, "waiting-room/waiting");
      assert.equal(outcome.decision.facts?.place?.position, 1);
    }
    assert.equal(bench.store.batches.length, asked);
  });

  test("asks nobody about who is far from the front, but for the status", async () => {
    const bench = roomBench({ admitPerMinute: 0 });
    const all = Array.from({ length: 30 }, () => bench.browser());
    const first = await Promise.all(all.map((visitor) => visitor.open("/")));
    const far = first.findIndex(({ reason }) => reason === "waiting-room/far");
    assert.ok(far > 0);
    const asked = bench.store.batches.length;
    for (let at = 0; at < 5; at++) {
      assert.equal((await all[far]?.open("/"))?.reason, "waiting-room/far");
    }
    assert.equal(bench.store.batches.length, asked);
  });

  test("one ticket in five tabs is one place", async () => {
    const bench = roomBench(full);
    const visitor = bench.browser();
    await visitor.open("/");
    await bench.pass(30_000);
    await Promise.all(Array.from({ length: 5 }, () => visitor.open("/")));
    const status = await bench.store.status("stanchion:main");
    assert.deepEqual([status?.issued, status?.present], [1, 1]);
  });

  test("protects with the first room that matches, and leaves the rest alone", async () => {
    const rooms: WaitingRoomOptions["rooms"] = [
      {
        name: "staff",
        admitPerMinute: 0,
        match: { path: "/tickets", cookie: { name: "staff", present: true } },
      },
      { name: "tickets", admitPerMinute: 60, match: [{ path: "/tickets" }, { path: { contains: "seat" } }] },
      { name: "cart", admitPerMinute: 60, match: ({ path }) => path === "/cart" },
    ];
    const { browser } = roomBench({ rooms });
    const paths: readonly [path: string, room: string | undefined, headers?: Record<string, string>][] = [
      ["/tickets", "tickets"],
      ["/tickets/7?x", "tickets"],
      ["/TICKETS/7", "tickets"],
      ["/a/../%74ickets/", "tickets"],
      ["//tickets", "tickets"],
      ["/ticketsandmore", undefined],
      ["/my-seats", "tickets"],
      ["/cart", "cart"],
      ["/", undefined],
      ["/tickets", "staff", { cookie: "staff=1" }],
    ];
    for (const [path, room, headers] of paths) {
      const { outcome: { decision } } = await browser(headers).open(path);
      assert.equal(decision.facts?.room, room, path);
      if (room === undefined) {
        assert.deepEqual(decision, { action: "bypass", reason: "waiting-room/unmatched" });
      }
    }
  });

  test("keeps the tickets of rooms apart", async () => {
    const { browser } = roomBench({
      rooms: [
        { name: "a", admitPerMinute: 60, match: { path: "/a" } },
        { name: "b", admitPerMinute: 60, match: { path: "/b" } },
      ],
    });
    const visitor = browser();
    await visitor.open("/a");
    await visitor.open("/b");
    assert.deepEqual([...visitor.jar.keys()], ["__Host-stanchion-a", "__Host-stanchion-b"]);
    visitor.jar.set("__Host-stanchion-b", visitor.jar.get("__Host-stanchion-a") ?? "");
    assert.equal((await visitor.open("/b")).reason, "waiting-room/admitted");
  });

  test("binds places to what the owner says", async () => {
    const { browser } = roomBench({ bind: ({ request }) => request.headers.get("x-account") ?? "" });
    const visitor = browser({ "x-account": "ada" });
    await visitor.open("/");
    await visitor.open("/");
    assert.equal((await visitor.open("/")).reason, "waiting-room/pass");
    const thief = browser({ "x-account": "eve" });
    thief.jar.set(cookie, visitor.jar.get(cookie) ?? "");
    assert.equal((await thief.open("/")).reason, "waiting-room/admitted", "it is nobody's pass");
  });

  test("gives an identity one number, whatever browser it comes with", async () => {
    const bench = roomBench({ ...full, identify: ({ request }) => request.headers.get("x-account") ?? "" });
    for (let at = 0; at < 3; at++) await bench.browser({ "x-account": "ada" }).open("/");
    assert.equal((await bench.store.status("stanchion:main"))?.issued, 1);
    await bench.browser().open("/");
    await bench.browser().open("/");
    assert.equal((await bench.store.status("stanchion:main"))?.issued, 3);
  });
});

describe("waitingRoom() and identities (W26)", () => {
  const identify = ({ request }: { readonly request: Request }) => request.headers.get("x-account") ?? "";
  const ada = { "x-account": "ada" };
  const eve = { "x-account": "eve" };

  /** Somebody with the cookies of another. */
  function withCookies(bench: RoomBench, from: Browser, headers: Record<string, string> = {}): Browser {
    const browser = bench.browser(headers);
    for (const [name, value] of from.jar) browser.jar.set(name, value);
    return browser;
  }

  test("a ticket of one counts for no other, in the page, at the endpoints and in the header", async () => {
    const bench = roomBench({ ...full, identify });
    const visitor = bench.browser(ada);
    const tag = (await visitor.open("/")).outcome.decision.facts?.visitor;
    const thief = withCookies(bench, visitor, eve);
    assert.equal((await thief.post("/.stanchion/main/check-in")).text, '{"is":"unknown"}');
    await thief.post("/.stanchion/main/leave");
    assert.equal(
      (await bench.store.status("stanchion:main"))?.present,
      1,
      "nobody gives the place of another back",
    );
    const native = {
      ...eve,
      "stanchion-ticket": visitor.jar.get(cookie) ?? "",
      "sec-fetch-site": "same-origin",
    };
    const request = new Request(`${site}/.stanchion/main/check-in`, { method: "POST", headers: native });
    assert.equal((await bench.ask(request)).text, '{"is":"unknown"}');
    const other = await withCookies(bench, visitor, eve).open("/");
    assert.notEqual(other.outcome.decision.facts?.visitor, tag);
    assert.equal((await bench.store.status("stanchion:main"))?.issued, 2);
    assert.equal((await withCookies(bench, visitor, ada).open("/")).outcome.decision.facts?.visitor, tag);
  });

  test("a pass of one lets no other in", async () => {
    const bench = roomBench({ capacity: 1, identify });
    const visitor = bench.browser(ada);
    await visitor.open("/");
    await visitor.open("/");
    assert.equal((await withCookies(bench, visitor, ada).open("/")).reason, "waiting-room/pass");
    assert.equal((await withCookies(bench, visitor, eve).open("/")).served, false);
  });

  test("nobody loses a place by signing in or out", async () => {
    for (const [before, after] of [[{}, ada], [ada, {}]] as const) {
      for (const limits of [full, { capacity: 1 }]) {
        const bench = roomBench({ ...limits, identify });
        const visitor = bench.browser(before);
        await visitor.open("/");
        const tag = (await visitor.open("/")).outcome.decision.facts?.visitor;
        const { outcome: { decision } } = await withCookies(bench, visitor, after).open("/");
        assert.equal(decision.facts?.visitor, tag);
      }
    }
  });

  test("with bind as well, what was taken before signing in counts no more", async () => {
    const bench = roomBench({ ...full, identify, bind: identify });
    const visitor = bench.browser();
    const tag = (await visitor.open("/")).outcome.decision.facts?.visitor;
    const { outcome: { decision } } = await withCookies(bench, visitor, ada).open("/");
    assert.notEqual(decision.facts?.visitor, tag);
  });

  test("tickets and passes outlive a rotation of the keys", async () => {
    const next = "another key of these tests, of 40 bytes!";
    for (const limits of [full, { capacity: 1 }]) {
      const before = roomBench({ ...limits, identify });
      const visitor = before.browser(ada);
      await visitor.open("/");
      const tag = (await visitor.open("/")).outcome.decision.facts?.visitor;
      const bench = roomBench({ ...limits, identify, store: before.store, secretKeys: [next, secret] });
      const { outcome: { decision } } = await withCookies(bench, visitor, ada).open("/");
      assert.equal(decision.facts?.visitor, tag);
      const other = await withCookies(bench, visitor, eve).open("/");
      assert.notEqual(other.outcome.decision.facts?.visitor, tag);
    }
  });

  test("explain() says why a ticket does not count", async () => {
    const bench = roomBench({ ...full, identify });
    const visitor = bench.browser(ada);
    await visitor.open("/");
    const headers = { ...eve, cookie: `${cookie}=${visitor.jar.get(cookie)}` };
    const told = JSON.stringify(await bench.gate.explain(new Request(`${site}/`, { headers })));
    assert.ok(told.includes("a ticket of another identity does not count"), told);
  });
});

describe("waitingRoom() takes numbers by navigations alone", () => {
  const others: readonly [what: string, headers: Record<string, string>, init?: RequestInit][] = [
    ["a picture", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }],
    ["a script's call", { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }],
    ["a frame", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }],
    ["a page in advance", {
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
      "sec-purpose": "prefetch;prerender",
    }],
    ["HEAD", {}, { method: "HEAD" }],
  ];
  for (const [what, headers, init] of others) {
    test(`${what} gets none, and no cookie`, async () => {
      const bench = roomBench();
      const request = new Request(`${site}/`, { ...init, headers });
      const { status, response, served } = await bench.ask(request);
      assert.deepEqual([status, served], [503, false]);
      assert.deepEqual(response.headers.getSetCookie(), []);
      assert.equal(await bench.store.status("stanchion:main").then((found) => found?.issued ?? 0), 0);
    });
  }

  test("a program without fetch metadata gets one, and a document that says where it stands", async () => {
    const bench = roomBench(full);
    const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
      bench.ask(
        new Request(`${site}${path}`, { method, headers: { accept: "application/json", ...headers } }),
      );
    const { status, response, text } = await ask("/api/seats");
    assert.equal(status, 503);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    const told = JSON.parse(text) as Record<string, unknown>;
    assert.equal(told["type"], "https://jsr.io/@stanchion/stanchion/doc/~/WaitingRoomProblem");
    assert.equal(told["poll"], `${site}/.stanchion/main/check-in`);
    assert.deepEqual(told["place"], { position: 1, ahead: 0 });
    assert.ok(Number(told["seconds"]) > 0);
    const ticket = response.headers.get("stanchion-ticket");
    assert.ok(ticket);
    const polled = await ask("/.stanchion/main/check-in", { "stanchion-ticket": ticket }, "POST");
    assert.equal((JSON.parse(polled.text) as { is: string }).is, "waiting");
  });

  test("a script's call is answered with a document, also when its pass has run out", async () => {
    const bench = roomBench();
    const visitor = bench.browser();
    await visitor.open("/");
    await visitor.open("/");
    assert.equal((await visitor.fetch("/api/seats")).served, true);
    await bench.pass(3_600_000);
    const { status, text, response } = await visitor.fetch("/api/seats", {
      headers: { referer: `${site}/tickets` },
    });
    assert.equal(status, 503);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    // Whether the room protects the page of the script as well nobody knows: that it waits there has an address of its own.
    const told = JSON.parse(text) as { readonly waitingRoom: string };
    assert.equal(told.waitingRoom, `${site}/.stanchion/main/wait?page=%2Ftickets`);
  });
});

describe("waitingRoom() inside", () => {
  test("renews a pass after a minute, and keeps it for whoever is active", async () => {
    const bench = roomBench({ admitPerMinute: 60, sessionMinutes: 2, maxSessionMinutes: 10 });
    const visitor = bench.browser();
    await visitor.open("/");
    await visitor.open("/");
    for (let at = 0; at < 5; at++) {
      await bench.pass(90_000);
      assert.equal((await visitor.open("/")).reason, "waiting-room/pass");
    }
    const again = await visitor.open("/");
    assert.equal(again.isSync, true);
  });

  test("ends a visit at its longest, however active somebody is", async () => {
    const bench = roomBench({ admitPerMinute: 60, sessionMinutes: 2, maxSessionMinutes: 4 });
    const visitor = bench.browser();
    const first = (await visitor.open("/")).outcome.decision.facts?.visitor;
    let ended = 0;
    for (let at = 0; at < 6 && ended === 0; at++) {
      const { outcome } = await visitor.open("/");
      if (outcome.decision.facts?.visitor !== first) ended = bench.clock.now - start;
      await bench.pass(60_000);
    }
    assert.ok(ended >= 240_000 && ended <= 300_000, `ended after ${ended} ms`);
  });

  test("ends a visit at its longest, also for who brings the old ticket again and again", async () => {
    const bench = roomBench({ admitPerMinute: 60, sessionMinutes: 2, maxSessionMinutes: 4 });
    // The burst goes to others, so that this one waits, and has a ticket.
    for (let at = 0; at < 4; at++) await bench.browser().open("/");
    const visitor = bench.browser();
    assert.equal((await visitor.open("/")).served, false);
    const ticket = new Map(visitor.jar);
    await bench.pass(20_000);
    const began = bench.clock.now;
    const first = (await visitor.open("/")).outcome.decision.facts?.visitor;
    assert.ok(first);
    await visitor.open("/");
    let ended = 0;
    for (let at = 0; at < 8 && ended === 0; at++) {
      // Long enough for this process to have forgotten what it renewed, as if it were another one.
      await bench.pass(70_000);
      const browser = bench.browser();
      for (const [name, value] of ticket) browser.jar.set(name, value);
      const { outcome, served } = await browser.open("/");
      if (!served || outcome.decision.facts?.visitor !== first) ended = bench.clock.now - began;
      await browser.open("/");
    }
    assert.equal(ended, 140_000);
  });

  test("takes a form that comes up to a minute late, once", async () => {
    const bench = roomBench({ admitPerMinute: 60, sessionMinutes: 2 });
    const visitor = bench.browser();
    await visitor.open("/");
    await visitor.open("/");
    await bench.pass(140_000);
    const late = await visitor.open("/order", { method: "POST", body: "x=1" });
    assert.deepEqual([late.reason, late.served], ["waiting-room/pass", true]);
    await bench.pass(100_000);
    const later = await visitor.open("/order", { method: "POST", body: "x=1" });
    assert.equal(later.reason === "waiting-room/pass", false);
  });

  test("gives the place back to whoever leaves, and keeps it as long as a copy of the pass is good", async () => {
    const bench = roomBench({ capacity: 1 });
    const visitor = bench.browser();
    await visitor.open("/");
    await visitor.open("/");
    const left = await visitor.post("/.stanchion/main/leave");
    assert.equal(left.text, '{"is":"left"}');
    assert.equal(visitor.jar.size, 0);
    const next = bench.browser();
    assert.equal((await next.open("/")).served, false);
    await bench.pass(70_000);
    assert.equal((await next.open("/")).served, true);
  });
});

describe("waitingRoom() while its store fails", () => {
  /** Somebody inside, whose pass was just renewed. */
  async function inside(options: Partial<WaitingRoomOptions> = {}) {
    const bench = roomBench(options);
    const visitor = bench.browser();
    await visitor.open("/");
    await visitor.open("/");
    return { bench, visitor };
  }

  test("serves people inside before their pass has to be checked, and five minutes more", async () => {
    const { bench, visitor } = await inside();
    bench.store.fault = down;
    assert.deepEqual((await visitor.open("/")).reason, "waiting-room/pass");
    await bench.pass(59_000);
    assert.deepEqual((await visitor.open("/")).reason, "waiting-room/pass");
    assert.deepEqual(bench.errors, []);
    for (let minutes = 0; minutes < 5; minutes++) {
      await bench.pass(59_000);
      assert.deepEqual((await visitor.open("/")).reason, "waiting-room/grace", `after ${minutes} minutes`);
    }
    await bench.pass(59_000);
    const { served, outcome } = await visitor.open("/");
    assert.deepEqual([served, outcome.failure?.code], [false, "unreachable"]);
  });

  for (const code of ["overloaded", "rejected", "malformed", "timeout"] as const) {
    test(`serves people inside on, and says so in the health, where it fails as ${code}`, async () => {
      const { bench, visitor } = await inside();
      bench.store.fault = () => Promise.reject(new ServiceError(code, "Redis refused with OOM"));
      await bench.pass(61_000);
      assert.equal((await visitor.open("/")).reason, "waiting-room/grace");
      assert.equal(bench.provider.health?.().storeFailing, true);
      bench.store.fault = undefined;
      await bench.pass(1000);
      assert.equal((await visitor.open("/")).reason, "waiting-room/pass");
      assert.equal(bench.provider.health?.().storeFailing, false);
    });
  }

  test("serves nobody beyond the end of a pass", async () => {
    const { bench, visitor } = await inside({ admitPerMinute: 60, sessionMinutes: 2 });
    bench.store.fault = down;
    await bench.pass(119_000);
    assert.equal((await visitor.open("/")).served, true);
    await bench.pass(2000);
    assert.equal((await visitor.open("/")).served, false);
  });

  for (
    const [what, ms, served] of [["serves whoever read a page", 90_000, true], [
      "serves nobody",
      150_000,
      false,
    ]] as const
  ) {
    test(`${what} whose check was due while the store still answered, ${ms / 1000} s after it was made`, async () => {
      const { bench, visitor } = await inside();
      await bench.pass(ms);
      await bench.browser().open("/");
      bench.store.fault = down;
      assert.equal((await visitor.open("/")).served, served);
    });
  }

  test("serves whoever was just let in and could not be confirmed", async () => {
    const bench = roomBench();
    const visitor = bench.browser();
    await visitor.open("/");
    bench.store.fault = down;
    await bench.pass(10_000);
    assert.equal((await visitor.open("/")).reason, "waiting-room/grace");
  });

  test("keeps the page of who waits, and their place", async () => {
    const bench = roomBench(full);
    const visitor = bench.browser();
    await visitor.open("/");
    const ticket = visitor.jar.get(cookie);
    bench.store.fault = down;
    await bench.pass(30_000);
    const { reason, status, text } = await visitor.open("/");
    assert.deepEqual([reason, status], ["waiting-room/reconnecting", 503]);
    assert.ok(text.includes("Your place is kept"));
    assert.equal(visitor.jar.get(cookie), ticket);
    assert.deepEqual(bench.errors, []);
    const { status: answered, response } = await visitor.post("/.stanchion/main/check-in");
    assert.equal(answered, 503);
    assert.ok(response.headers.has("retry-after"));
  });

  test("tells who is called to ask again soon, in a process that knows no time yet", async () => {
    const { browser } = roomBench({ admitPerMinute: 60, burstSeconds: 0 });
    const visitor = browser();
    for (let visits = 0; visits < 4; visits++) {
      visitor.jar.clear();
      await visitor.open("/");
    }
    const other = roomBench();
    other.store.fault = down;
    const again = other.browser();
    again.jar.set(cookie, visitor.jar.get(cookie) ?? "");
    const { reason, response } = await again.open("/");
    assert.equal(reason, "waiting-room/reconnecting");
    assert.ok(Number(response.headers.get("retry-after")) <= 60);
  });

  const policies: readonly [what: string, policy: Policy | undefined, code: FailureCode, served: boolean][] =
    [
      ["closes", undefined, "unreachable", false],
      ["opens", failOpen(), "unreachable", true],
      ["opens, but not for a crowd", failOpen(), "overloaded", false],
      ["opens for a crowd by its name", failOpen({ overloaded: "admit" }), "overloaded", true],
    ];
  for (const [what, policy, code, served] of policies) {
    test(`leaves newcomers to the policy, which ${what}`, async () => {
      const bench = roomBench({}, [], policy);
      bench.store.fault = () => Promise.reject(new ServiceError(code, "The store does not answer"));
      const { outcome, served: was, status, text, response, reason } = await bench.browser().open("/");
      assert.equal(was, served);
      assert.equal(outcome.failure?.code, code);
      assert.equal(outcome.failure?.facts?.room, "main");
      if (!served) {
        // Nobody is left in front of a page that does nothing any more.
        assert.deepEqual([reason, status], [`failure-policy/queued-${code}`, 503]);
        assert.match(text, /<script nonce=/);
        assert.match(text, /http-equiv="refresh"/);
        assert.ok(Number(response.headers.get("retry-after")) >= 8);
        assert.match(response.headers.get("cache-control") ?? "", /no-store/);
        assert.deepEqual(response.headers.getSetCookie(), []);
      }
      bench.store.fault = undefined;
      await bench.pass(5);
      assert.equal(
        (await bench.browser().open("/")).reason,
        "waiting-room/admitted",
        "it recovers by itself",
      );
    });
  }

  test("tells programs that come while the store is away when to come again", async () => {
    const bench = roomBench();
    bench.store.fault = down;
    const headers = { accept: "application/json", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };
    const { response, text } = await bench.browser().open("/", { headers });
    assert.deepEqual([response.status, response.headers.get("content-type")], [
      503,
      "application/problem+json",
    ]);
    assert.equal(JSON.parse(text).seconds, 8);
  });
});

describe("waitingRoom() and what visitors keep", () => {
  test("ends the longest session, whatever ticket is brought and however late", async () => {
    const bench = roomBench({ admitPerMinute: 60, burstSeconds: 0, maxSessionMinutes: 30 });
    for (let at = 0; at < 3; at++) await bench.browser().open("/");
    const visitor = bench.browser();
    await visitor.open("/");
    const ticket = visitor.jar.get(cookie) ?? "";
    await bench.pass(2000);
    const { outcome: { decision }, reason } = await visitor.open("/");
    assert.equal(reason, "waiting-room/admitted");
    for (let minute = 1; minute <= 29; minute++) {
      await bench.pass(60_000);
      // Less than five minutes before the end it looks like a claim that nobody took yet.
      if (minute === 28) visitor.jar.set(cookie, ticket);
      const { outcome } = await visitor.open("/");
      assert.equal(outcome.decision.facts?.visitor, decision.facts?.visitor, `in minute ${minute}`);
    }
    await bench.pass(60_000);
    const { outcome } = await visitor.open("/");
    assert.notEqual(outcome.decision.facts?.visitor, decision.facts?.visitor, "it is another visit");
  });

  test("begins no longest session anew for an identity that comes without cookies", async () => {
    const options = { sessionMinutes: 5, maxSessionMinutes: 10, identify: () => "somebody" };
    const bench = roomBench(options);
    const visitor = bench.browser();
    await visitor.open("/");
    const reasons = new Set<string>();
    for (let minute = 1; minute <= 11; minute++) {
      await bench.pass(60_000);
      if (minute % 4 === 0) visitor.jar.clear();
      reasons.add(
        `${(await bench.store.status("stanchion:main"))?.admitted} ${(await visitor.open("/")).reason}`,
      );
    }
    assert.ok((await bench.store.status("stanchion:main"))?.admitted === 2, [...reasons].join(", "));
  });

  test("is known again by those who wait far away where a restart lost everything", async () => {
    const limits = { admitPerMinute: 60, burstSeconds: 0 };
    const before = roomBench(limits);
    let visitor = before.browser();
    for (let at = 0; at < 151; at++) await (visitor = before.browser()).open("/");
    const after = roomBench(limits);
    after.clock.now += 60_000;
    const far = after.browser();
    far.jar.set(cookie, visitor.jar.get(cookie) ?? "");
    assert.equal((await far.open("/")).reason, "waiting-room/far");
    const newcomer = await after.browser().open("/");
    assert.deepEqual([newcomer.served, newcomer.reason], [false, "waiting-room/later"]);
    const status = await after.store.status("stanchion:main");
    assert.deepEqual([status?.issued, status?.recoveries], [151, 1]);
  });

  test("keeps who waits for days, however far they are, and makes no ticket younger (W25)", async () => {
    const bench = roomBench();
    const sealer = createSealer([secret]);
    let visitor = bench.browser();
    await visitor.open("/");
    const [batch] = bench.store.batches;
    assert.ok(batch);
    const pause: Command = { do: "control", change: { mode: "paused" }, revision: undefined };
    await bench.store.run("stanchion:main", { ...batch, commands: [pause] });
    for (let at = 0; at < 30; at++) await (visitor = bench.browser()).open("/");
    const text = () => visitor.jar.get(cookie) ?? "";
    const first = sealer.open("stanchion:main", text(), "");
    assert.ok(first?.kind === "ticket");
    for (const hours of [20, 20, 0.9]) {
      await bench.pass(hours * 3_600_000);
      const { reason, response } = await visitor.open("/");
      assert.equal(reason, "waiting-room/far", `after ${hours} hours`);
      const cookies = response.headers.getSetCookie();
      assert.equal(cookies.length, hours > 1 ? 1 : 0, "nothing is signed for who comes again soon");
      if (hours > 1) assert.match(cookies[0] ?? "", /; Max-Age=86400\b/);
    }
    // So does a page that stays open.
    for (let days = 0; days < 3; days++) {
      await bench.pass(20 * 3_600_000);
      assert.match((await visitor.post("/.stanchion/main/check-in")).text, /^\{"is":"far",.*"number":31,/);
    }
    const { keptAt: _keptAt, ...kept } = sealer.open("stanchion:main", text(), "") as typeof first;
    assert.deepEqual(kept, first, "it proves a loss as before");
    await bench.pass(25 * 3_600_000);
    const { outcome } = await visitor.open("/");
    assert.notEqual(outcome.decision.facts?.visitor, first.tag, "who stayed away for a day has lost it");
  });

  test("takes no ticket of an old line for the proof that this one lost its state", async () => {
    const limits = { admitPerMinute: 600, capacity: 5 };
    const before = roomBench(limits);
    for (let at = 0; at < 20; at++) await before.browser().open("/");
    const visitor = before.browser();
    await visitor.open("/");
    for (const [days, recoveries] of [[0.9, 1], [1.1, 0]] as const) {
      const after = roomBench(limits);
      after.clock.now += days * 86_400_000;
      assert.ok((await after.browser().open("/")).served);
      const kept = after.browser();
      kept.jar.set(cookie, visitor.jar.get(cookie) ?? "");
      await kept.post("/.stanchion/main/check-in");
      assert.equal(
        (await after.store.status("stanchion:main"))?.recoveries,
        recoveries,
        `after ${days} days`,
      );
    }
  });

  test("tells nobody to come back in a hundred years where the room's time is not known", async () => {
    const before = roomBench(full);
    const visitor = before.browser();
    await visitor.open("/");
    const bench = roomBench(full);
    bench.store.fault = down;
    const called = bench.browser();
    called.jar.set(cookie, visitor.jar.get(cookie) ?? "");
    const { reason, response } = await called.open("/");
    assert.equal(reason, "waiting-room/reconnecting");
    assert.ok(Number(response.headers.get("retry-after")) <= 15);
  });

  test("counts in no room of another prefix, though it has the same name and keys", async () => {
    const staging = roomBench({ prefix: "staging" });
    const visitor = staging.browser();
    await visitor.open("/");
    assert.equal((await visitor.open("/")).reason, "waiting-room/pass");
    const bench = roomBench({ prefix: "production", capacity: 0 });
    const guest = bench.browser();
    guest.jar.set(cookie, visitor.jar.get(cookie) ?? "");
    const { served, reason } = await guest.open("/");
    assert.deepEqual([served, reason], [false, "waiting-room/waiting"]);
    assert.equal((await bench.store.status("production:main"))?.recoveries, 0);
  });
});

describe("waitingRoom() and functions of its owner", () => {
  const wrong: readonly [what: string, options: Partial<WaitingRoomOptions>][] = [
    ["match throws", { admitPerMinute: 60, match: fails }],
    ["match returns no boolean", { admitPerMinute: 60, match: (() => "yes") as unknown as () => boolean }],
    ["bind throws", { bind: fails }],
    ["bind returns no text", { bind: (() => 7) as unknown as () => string }],
    ["bind returns a promise", { bind: (() => Promise.reject(new Error("x"))) as unknown as () => string }],
    ["match is rejected", { admitPerMinute: 60, match: () => Promise.reject(new Error("x")) }],
    ["identify throws", { identify: fails }],
    ["identify returns no text", { identify: (() => undefined) as unknown as () => string }],
    ["identify returns a promise that never comes", { identify: never as unknown as () => string }],
  ];
  for (const [what, options] of wrong) {
    test(`${what}: the policy decides, by the cause internal`, async () => {
      const bench = roomBench(options);
      const { outcome, served } = await bench.browser().open("/");
      assert.equal(served, false);
      assert.equal(outcome.failure?.code, "internal", outcome.failure?.message);
    });
  }

  test(
    "match never answers: the policy decides, by the cause timeout",
    steadily(async () => {
      const options = { admitPerMinute: 60, match: never, storeTimeoutMs: 10 };
      const bench = roomBench(options, [], undefined, undefined, { hookTimeoutMs: 100 });
      const { outcome, served } = await bench.browser().open("/");
      assert.deepEqual([served, outcome.failure?.code], [false, "timeout"]);
    }),
  );

  // Made with the first request: Workers let others not touch what belongs to one.
  let used: Response | undefined;
  const pages: readonly [what: string, page: unknown, why: RegExp][] = [
    ["throws", fails, /Error/],
    ["fails later", () => Promise.reject(new TypeError("x")), /TypeError/],
    ["returns nothing", () => undefined, /"page" must return a text or a Response/],
    [
      "returns one Response again and again",
      () => used ??= new Response("please wait"),
      /"page" returned a Response that was used already/,
    ],
    ["never returns", () => new Promise(() => {}), /"page" made none within 2000 ms/],
  ];
  for (const [what, page, why] of pages) {
    test(
      `a page that ${what} lets nobody in: the plain one is shown`,
      steadily(async () => {
        const bench = roomBench({ ...full, page } as Partial<WaitingRoomOptions>, [], failOpen());
        for (let at = 0; at < 2; at++) {
          const { served, reason, text } = await bench.browser().open("/");
          assert.deepEqual([served, reason], [false, "waiting-room/waiting"]);
          assert.ok(text === "please wait" || text.includes('data-part="heading"'));
        }
        assert.equal(bench.warnings.length, 1);
        assert.match(bench.warnings[0] ?? "", why);
      }),
    );
  }

  test("has the youngest configuration in force, whatever the clocks of the processes say", async () => {
    const bench = roomBench();
    const { store, clock } = bench;
    const fast = roomBench({ store, now: () => clock.now + 86_400_000 });
    assert.ok((await fast.browser().open("/")).served);
    clock.now += 1000;
    const stopped = roomBench({ admitPerMinute: 0, store, now: () => clock.now - 86_400_000 });
    assert.equal((await stopped.browser().open("/")).served, false);
    clock.now += 1000;
    assert.equal((await fast.browser().open("/")).served, false, "who began before does not take it back");
    assert.equal((await store.status("stanchion:main"))?.limits.admitPerMinute, 0);
  });

  test("explains what it found, and changes nothing", async () => {
    const bench = roomBench({ capacity: 5 });
    const visitor = bench.browser();
    await visitor.open("/");
    await visitor.open("/");
    const headers = { cookie: `${cookie}=${visitor.jar.get(cookie)}` };
    const known = await bench.gate.explain(new Request(`${site}/`, { headers }));
    assert.equal(known.decision.reason, "waiting-room/pass");
    const notes = JSON.stringify(known);
    for (const said of ["60 a minute", "5 inside", "a pass with number 1", "good without a question"]) {
      assert.ok(notes.includes(said), `${said} in ${notes}`);
    }
    const forged = await bench.gate.explain(new Request(`${site}/`, { headers: { cookie: `${cookie}=x` } }));
    assert.equal(forged.decision.reason, "waiting-room/unasked");
    assert.ok(JSON.stringify(forged).includes("no ticket and no pass that counts"));
    assert.equal((await bench.store.status("stanchion:main"))?.issued, 1);
  });

  test("explains in a process that has not asked the room yet, and asks it for nothing", async () => {
    const before = roomBench({ capacity: 1 });
    const [inside, called] = [before.browser(), before.browser()];
    for (const visitor of [inside, inside, called]) await visitor.open("/");
    const bench = roomBench({ capacity: 1, store: before.store });
    bench.clock.now = before.clock.now;
    before.store.batches.length = 0;
    const explain = async (visitor: Browser | undefined, path = "/") => {
      const headers = visitor && { cookie: `${cookie}=${visitor.jar.get(cookie)}` };
      return await bench.gate.explain(new Request(site + path, { headers: headers ?? {} }));
    };
    const known = await explain(inside);
    assert.equal(known.decision.reason, "waiting-room/pass");
    assert.ok(JSON.stringify(known).includes("goes by its own clock"));
    assert.equal((await explain(called)).decision.reason, "waiting-room/waiting");
    assert.equal((await explain(undefined)).decision.reason, "waiting-room/unasked");
    assert.equal(
      (await explain(undefined, "/.stanchion/main/status")).decision.reason,
      "waiting-room/status",
    );
    bench.clock.now += 3_600_000;
    assert.equal(
      (await explain(inside)).decision.reason,
      "waiting-room/unasked",
      "the pass has ended by any clock",
    );
    before.store.fault = down;
    assert.equal((await explain(called)).decision.reason, "waiting-room/reconnecting");
    assert.deepEqual(before.store.batches, []);
  });

  test("opens no place for what nobody looks at", async () => {
    const passive: Plugin = { name: "in-advance", supplies: { passive: () => true } };
    const bench = roomBench(full, [passive]);
    const { served, reason, response } = await bench.browser().open("/");
    assert.deepEqual([served, reason, response.headers.getSetCookie()], [false, "waiting-room/unasked", []]);
  });
});

function fails(): never {
  throw new Error("a fault of the owner's");
}

function never(): Promise<never> {
  return new Promise(() => {});
}

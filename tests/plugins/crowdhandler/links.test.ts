/** Links that bring another token than the visitor has: they cost nobody the place. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../../support/random-cases.ts";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { storageTokens } from "../../../plugins/storage-tokens/mod.ts";
import { mapStorage } from "../../support/map-storage.ts";
import {
  type Bench,
  benchOf,
  type BenchOptions,
  type Call,
  hybridBench,
  hybridCookie,
  json,
  other,
  promoted,
  queued,
  requested,
  room,
  signature,
  site,
  token,
} from "./_helpers.ts";

const garbage = "tok_garbage";
const inside = `crowdhandler=${token}`;

/** A service that promotes some tokens; for those it does not know it gives out a new one. */
function serviceFor(...tokens: readonly string[]) {
  return ({ path }: Call) => {
    const asked = path.split("/")[1];
    if (asked !== undefined && tokens.includes(asked)) return json({ ...promoted, token: asked });
    return json({ ...queued, token: "tok_given" });
  };
}

function cookieOf(cookies: Readonly<Record<string, string>>, before: string): string {
  const pairs = Object.entries(cookies);
  return pairs.length === 0
    ? before
    : pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("; ");
}

/** Follows a link and the redirects behind it, as a browser does. */
async function follow(
  bench: Bench,
  path: string,
  cookie: string,
  headers: Readonly<Record<string, string>> = {},
) {
  let kept = cookie;
  let url = site + path;
  for (let hops = 0; hops < 5; hops++) {
    const calls = bench.calls.length;
    const visit = await bench.visit(url, { cookie: kept, headers });
    kept = cookieOf(visit.cookies, kept);
    assert.ok(bench.calls.slice(calls).filter(({ path }) => path.startsWith("requests")).length <= 1);
    if (visit.decision?.action !== "redirect") return { ...visit, cookie: kept };
    url = visit.location;
  }
  return assert.fail("redirected without end");
}

const links = [
  `/tickets?ch-id=${garbage}`,
  `/tickets?a=1&CH-ID=${garbage}&b=2`,
  `/tickets?ch-id=${garbage}&ch-id-signature=x&ch-requested=${requested}&ch-fresh=true`,
];
const browser = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };

test("crowdhandler() keeps who is inside in, whatever token a link brings that is not promoted", async () => {
  const modes: BenchOptions["options"][] = [
    {},
    { cleanUrl: "after-check" },
    { cleanUrl: "never" },
    { loopGuard: true },
    { lite: true },
  ];
  for (const options of modes) {
    for (const path of links) {
      const answers = { requests: serviceFor(token), rooms: [room] };
      const bench = benchOf({ options: options ?? {}, answers });
      const landed = await follow(bench, path, inside, browser);
      assert.equal(landed.served, true, path);
      assert.equal((await bench.visit("/tickets", { cookie: landed.cookie })).served, true);
      const hybrid = hybridBench({
        options: { ...options, cleanUrl: options?.cleanUrl ?? "after-check" },
        answers: { requests: queued },
      });
      const valid = await follow(hybrid, path, hybridCookie(), browser);
      assert.equal(valid.served, true, path);
      assert.equal((await hybrid.visit("/tickets", { cookie: valid.cookie })).served, true);
    }
  }
});

test("crowdhandler() keeps who is inside in after a link that is opened as a program opens it", async () => {
  const bench = benchOf({ answers: { requests: serviceFor(token) } });
  assert.equal((await follow(bench, links[0] ?? "", inside)).served, true);
  // With all that the waiting room adds, it is believed as recorded, unless the stored token is known to be promoted.
  assert.equal((await follow(bench, links[2] ?? "", inside)).served, true);
  const stranger = benchOf({ answers: { requests: serviceFor(token) } });
  const blind = await stranger.visit(links[2] ?? "", { cookie: inside });
  assert.deepEqual([blind.cookies, stranger.calls], [{ crowdhandler: garbage }, []]);
});

test("crowdhandler() takes the token of a link in place of the stored one as soon as it is promoted", async () => {
  for (const headers of [{}, browser]) {
    const bench = benchOf({ answers: { requests: serviceFor(other) } });
    const first = await bench.visit(`/tickets?ch-id=${other}`, { cookie: inside, headers });
    assert.equal(first.decision?.reason, "crowdhandler/clean-url");
    assert.deepEqual(first.cookies, { crowdhandler: other });
    assert.equal(first.location, `${site}/tickets`);
  }
});

test("crowdhandler() stores a link's token at once where none is stored, or the same", async () => {
  for (const cookie of ["", "crowdhandler=no", inside]) {
    const bench = benchOf();
    const { cookies } = await bench.visit(`/tickets?ch-id=${token}`, { cookie, headers: browser });
    assert.deepEqual([cookies, bench.calls], [{ crowdhandler: token }, []], cookie);
  }
});

test("crowdhandler() refuses a POST with a link's token that is not promoted, and leaves the stored one alone", async () => {
  const bench = benchOf({ answers: { requests: serviceFor(token) } });
  const posted = await bench.visit(links[0] ?? "", { method: "POST", cookie: inside });
  assert.deepEqual([posted.decision?.action, posted.cookies], ["queue", {}]);
  assert.equal((await bench.visit("/tickets", { cookie: inside })).served, true);
  const hybrid = hybridBench({ answers: { requests: queued } });
  assert.equal((await hybrid.visit(links[0] ?? "", { method: "POST", cookie: hybridCookie() })).served, true);
});

test("crowdhandler() keeps the stored token when a link's cannot be checked, and sends it along to the room", async () => {
  for (const make of [benchOf, hybridBench]) {
    const answers = { requests: () => new Response(null, { status: 500 }) };
    const bench = make({ answers, policy: "closed" });
    const cookie = make === benchOf ? inside : hybridCookie();
    const { cookies, location } = await bench.visit(links[0] ?? "", { cookie, headers: browser });
    assert.deepEqual(cookies, {});
    assert.equal(new URL(location).searchParams.get("ch-id"), token);
  }
});

test("crowdhandler() with lite sends nobody to the validator for a stale token of somebody else's link", async () => {
  const stale = "tok0A1100000000";
  const bench = benchOf({ options: { lite: true }, answers: { rooms: [room], requests: serviceFor(token) } });
  const landed = await follow(bench, `/tickets?ch-id=${stale}`, inside, browser);
  assert.equal(landed.served, true);
  assert.deepEqual(bench.calls.map(({ path }) => path), ["rooms", `requests/${token}`]);
});

test("crowdhandler() keeps places through any series of links, pages and stores", async () => {
  const step = fc.record({
    link: fc.constantFrom("", garbage, other, token, "tok_x"),
    signed: fc.boolean(),
    method: fc.constantFrom("GET", "HEAD", "POST"),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.boolean(),
      fc.boolean(),
      async (steps, isStored, isHybrid) => {
        const plugins = [isStored ? storageTokens({ storage: mapStorage().storage }) : cookieTokens()];
        const answers = { requests: serviceFor(token) };
        const bench = (isHybrid ? hybridBench : benchOf)({ plugins, answers });
        // The room is entered twice, so that every store has shown that it is kept.
        let { cookie } = await follow(bench, `/tickets?ch-id=${token}`, "", browser);
        for (const { link, signed, method } of steps) {
          const parts = [
            link && `ch-id=${link}`,
            signed && link && `ch-id-signature=${signature(other)}&ch-requested=x`,
          ];
          const path = `/tickets?${parts.filter(Boolean).join("&")}`;
          const { cookies } = await bench.visit(path, { cookie, method, headers: browser });
          cookie = cookieOf(cookies, cookie);
          const next = await follow(bench, "/tickets", cookie, browser);
          cookie = next.cookie;
          assert.equal(next.served, true, JSON.stringify({ link, signed, method }));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("crowdhandler() takes no token in place of the stored one because a page outside the rooms lets everybody in", async () => {
  /** What the service answers outside the rooms to a token that it does not know. */
  for (const given of [garbage, null, "tok_given"]) {
    for (const cleanUrl of ["first", "after-check", "never"] as const) {
      const requests = ({ query, path }: Call) =>
        query["url"]?.includes("/tickets")
          ? serviceFor(token)({ path } as Call)
          : json({ status: 0, token: path.includes(garbage) ? given : token, responseID: null, promoted: 1 });
      const bench = benchOf({ options: { cleanUrl }, answers: { requests } });
      const first = await follow(bench, `/about?ch-id=${garbage}`, inside, browser);
      assert.equal(first.served, true);
      const next = await follow(bench, "/tickets", first.cookie, browser);
      assert.equal(next.served, true, `${given}, ${cleanUrl}: ${first.cookie}`);
    }
  }
});

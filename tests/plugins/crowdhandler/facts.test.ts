/** What the provider says of a visitor beside the decision: facts for other plugins, and answers of its own. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crowdhandler } from "../../../plugins/crowdhandler/mod.ts";
import type { Decision, Facts } from "../../../src/decision.ts";
import { benchOf, hybridBench, hybridCookie, publicKey, queued, room, site, token } from "./_helpers.ts";

const rooms = [{ ...room, checkout: "^/tickets/thanks" }];
const cookie = `crowdhandler=${token}`;

/** How visitors come back: by this parameter, to a page without those of an earlier return. */
const back = {
  returnBy: "url",
  returnWithout: ["ch-code", "ch-fresh", "ch-id", "ch-id-signature", "ch-public-key", "ch-requested"],
};

function factsOf(decision: Decision | undefined): Facts | undefined {
  return decision?.facts;
}

describe("the facts of crowdhandler()", () => {
  test("tell on a checkout page whose session ends, and in which room", async () => {
    const options = { checkout: true };
    const full = await benchOf({ options, answers: { rooms } }).visit("/tickets/thanks", { cookie });
    assert.deepEqual(factsOf(full.decision), {
      room: room.slug,
      visitor: token,
      proven: "service",
      place: undefined,
      ends: true,
    });
    const hybrid = hybridBench({ options, answers: { rooms } });
    const { decision } = await hybrid.visit("/tickets/thanks", { cookie: hybridCookie() });
    assert.deepEqual(factsOf(decision), { room: room.slug, visitor: token, proven: "signature", ends: true });
  });

  test("tell a place only of who waits in one", async () => {
    const table: [answer: object, place: unknown][] = [
      [{ promoted: 0, position: 648 }, { position: 648 }],
      [{ promoted: 0, position: 1 }, { position: 1 }],
      [{ promoted: 0, position: 0 }, undefined],
      [{ promoted: 0 }, undefined],
      [{ promoted: 1, slug: "hall", position: 5 }, undefined],
    ];
    for (const [requests, place] of table) {
      const { decision } = await benchOf({ answers: { requests } }).visit("/tickets", { cookie });
      assert.deepEqual(factsOf(decision)?.place, place, JSON.stringify(requests));
    }
  });

  test("name the visitor, but no proof, on a page outside every room", async () => {
    const bench = benchOf({ answers: { requests: { promoted: 1, status: 0, token } } });
    const { decision } = await bench.visit("/about", { cookie });
    assert.equal(decision?.reason, "crowdhandler/unprotected");
    assert.deepEqual(factsOf(decision), {
      room: undefined,
      visitor: token,
      proven: undefined,
      place: undefined,
    });
  });

  test("name the room that would be asked about a new visitor, and nobody who would wait", async () => {
    const bench = hybridBench();
    const { decision } = await bench.gate.explain(new Request(`${site}/tickets`));
    assert.equal(decision.reason, "crowdhandler/not-asked");
    assert.deepEqual(factsOf(decision), { room: room.slug, ...back });
  });

  test("say by which parameter a visitor comes back, from wherever", async () => {
    const lite = hybridBench({ options: { lite: true } });
    const { decision } = await lite.visit("/tickets");
    assert.equal(decision?.reason, "crowdhandler/lite");
    assert.deepEqual(factsOf(decision), { room: room.slug, visitor: undefined, ...back });
    const down = hybridBench({
      policy: "closed",
      answers: { requests: () => new Response(null, { status: 500 }) },
    });
    const failed = await down.visit("/tickets", { cookie });
    assert.equal(failed.decision?.action, "queue");
    assert.equal(factsOf(failed.decision)?.returnBy, "url");
    assert.deepEqual([factsOf(failed.decision)?.room, factsOf(failed.decision)?.visitor], [room.slug, token]);
  });
});

test("crowdhandler() sends a new visitor to wait, or to be validated, without a token and with an empty code", async () => {
  const down = benchOf({
    policy: "closed",
    answers: { requests: () => new Response(null, { status: 500 }) },
  });
  const back = encodeURIComponent(`${site}/tickets`);
  assert.equal(
    (await down.visit("/tickets")).location,
    `https://wait.crowdhandler.com/?url=${back}&ch-code=&ch-public-key=${publicKey}`,
  );
  const lite = benchOf({ options: { lite: true }, answers: { rooms } });
  assert.equal(
    (await lite.visit("/tickets")).location,
    `https://api.crowdhandler.com/v1/redirect/requests?ch-public-key=${publicKey}&url=${back}&ch-code=`,
  );
});

test("crowdhandler() answers a visitor who keeps no cookies in plain text, which nobody stores", async () => {
  const bench = benchOf({ options: { loopGuard: true }, answers: { requests: queued } });
  const { response } = await bench.visit("/a?ch-fresh=1");
  assert.equal(response.status, 403);
  assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.equal(response.headers.get("cache-control"), "no-store");
});

test("crowdhandler() takes an answer with any data of a room for one from within it", async () => {
  const table: [answer: object, reason: string][] = [
    [{ promoted: 1 }, "crowdhandler/unprotected"],
    [{ promoted: 1, slug: "hall" }, "crowdhandler/promoted"],
    [{ promoted: 1, responseID: "0a1b" }, "crowdhandler/promoted"],
  ];
  for (const [requests, reason] of table) {
    const { decision } = await benchOf({ answers: { requests } }).visit("/a", { cookie });
    assert.equal(decision?.reason, reason, JSON.stringify(requests));
  }
});

test("crowdhandler() warns on the console where no other listener is given", async () => {
  const said: unknown[] = [];
  const { warn } = console;
  console.warn = (message) => void said.push(message);
  try {
    await benchOf({ options: { publicHosts: undefined as never, warn: undefined as never } }).visit("/a");
  } finally {
    console.warn = warn;
  }
  assert.equal(said.length, 1);
  assert.match(String(said[0]), /^crowdhandler: "publicHosts" is not set/);
});

test("crowdhandler() tells in full mode why lite and checkout do nothing without the rooms feed", async () => {
  const bench = benchOf({
    options: { lite: true },
    answers: { rooms: () => new Response(null, { status: 500 }) },
  });
  const { steps } = await bench.gate.explain(new Request(`${site}/tickets`, { headers: { cookie } }));
  const notes = steps.flatMap((step) => step.notes);
  assert.ok(notes.some((note) => note.startsWith("the rooms feed is not available")), notes.join("; "));
});

test("crowdhandler() without a feed says so, and tells no age", () => {
  const { health } = crowdhandler({ publicKey, publicHosts: ["shop.example.com"], lite: true });
  assert.deepEqual(health?.(), { roomsFeedLoaded: false });
});

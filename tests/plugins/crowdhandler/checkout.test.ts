import assert from "node:assert/strict";
import { test } from "node:test";
import { benchOf, hybridBench, hybridCookie, promoted, queued, room, token } from "./_helpers.ts";

const rooms = [{ ...room, checkout: "^/tickets/thanks" }];
const options = { checkout: true };

test("crowdhandler() with checkout ends the session of a promoted visitor on a checkout page", async () => {
  for (
    const [bench, cookie] of [
      [benchOf({ options, answers: { rooms } }), `crowdhandler=${token}`],
      [hybridBench({ options, answers: { rooms } }), hybridCookie()],
      [hybridBench({ options, answers: { rooms } }), `crowdhandler=${token}`],
    ] as const
  ) {
    const { served, decision, response } = await bench.visit("/tickets/thanks?order=1", { cookie });
    assert.equal(served, true);
    assert.equal(decision?.reason, "crowdhandler/checkout");
    const lines = response.headers.getSetCookie();
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /^crowdhandler=;.*Max-Age=0/);
  }
});

test("crowdhandler() with checkout forgets the token under every name that holds one", async () => {
  const bench = benchOf({ options, answers: { rooms } });
  const { response } = await bench.visit("/tickets/thanks", {
    cookie: `crowdhandler=${token}; ch-id=${token}`,
  });
  assert.deepEqual(response.headers.getSetCookie().map((line) => line.split(";")[0]), [
    "crowdhandler=",
    "ch-id=",
  ]);
});

test("crowdhandler() with checkout keeps the session of a queued visitor and on other pages", async () => {
  const waiting = benchOf({ options, answers: { rooms, requests: queued } });
  const queuedVisit = await waiting.visit("/tickets/thanks", { cookie: `crowdhandler=${token}` });
  assert.equal(queuedVisit.decision?.action, "queue");
  assert.deepEqual(queuedVisit.cookies, { crowdhandler: token });
  const shopping = benchOf({ options, answers: { rooms } });
  assert.deepEqual((await shopping.visit("/tickets/cart")).cookies, { crowdhandler: token });
  const off = hybridBench({ answers: { rooms, requests: promoted } });
  assert.equal((await off.visit("/tickets/thanks")).decision?.reason, "crowdhandler/promoted");
});

test("crowdhandler() with checkout works on hosts of the room only", async () => {
  const elsewhere = [{ ...room, domain: "https://www.example.com", checkout: "." }];
  const bench = benchOf({ options, answers: { rooms: elsewhere } });
  assert.equal((await bench.visit("/a")).decision?.reason, "crowdhandler/promoted");
});

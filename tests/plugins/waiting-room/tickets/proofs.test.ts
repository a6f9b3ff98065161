import assert from "node:assert/strict";
import { test } from "node:test";
import {
  firstPass,
  renewedPass,
  standingOf,
  takesLatePost,
  ticketOf,
} from "../../../../plugins/waiting-room/tickets/mod.ts";
import { now, pass } from "./_proofs.ts";

const place = { epoch: 2, number: 7, tag: "abcdefgh" };

test("firstPass() is a claim, renewed by the first request that brings it (W15)", () => {
  const first = firstPass(place, now + 60_000, now);
  const { since, check, until, isClaim, isLate } = first;
  assert.deepEqual([since, check, until, isClaim, isLate], [now, now + 60_000, now + 60_000, true, false]);
  assert.equal(standingOf(first, now), "due");
  assert.equal(standingOf(first, now + 60_000), "ended");
});

test("renewedPass() is good for a minute without being asked for, and never beyond its end (W16)", () => {
  const first = firstPass(place, now + 60_000, now);
  const next = renewedPass(first, now + 900_000, now + 5000);
  assert.deepEqual([next.since, next.issuedAt, next.check], [now, now + 5000, now + 65_000]);
  assert.deepEqual([next.isClaim, next.isLate], [false, false]);
  assert.equal(standingOf(next, now + 64_999), "good");
  assert.equal(standingOf(next, now + 65_000), "due");
  assert.equal(standingOf(next, now + 900_000), "ended");
  assert.equal(renewedPass(next, now + 65_500, now + 65_000).check, now + 65_500);
});

test("renewedPass() is asked for at half of a short session, so that it can go on", () => {
  const first = firstPass(place, now + 60_000, now);
  const table: [number, number][] = [[120_000, 60_000], [60_000, 30_000], [9000, 4500], [1500, 1000], [
    400,
    400,
  ]];
  for (const [lastsMs, checkMs] of table) {
    assert.equal(renewedPass(first, now + lastsMs, now).check, now + checkMs, `${lastsMs} ms`);
  }
});

test("takesLatePost() takes one form, at most a minute late (W16)", () => {
  const { until } = pass;
  const table: [string, number, boolean, boolean][] = [
    ["POST", until, false, true],
    ["POST", until + 60_000, false, true],
    ["POST", until + 60_001, false, false],
    ["POST", until - 1, false, false],
    ["POST", until, true, false],
    ["GET", until, false, false],
    ["post", until, false, false],
  ];
  for (const [method, at, isLate, takes] of table) {
    assert.equal(takesLatePost({ ...pass, isLate }, method, at), takes, `${method} ${at - until} ${isLate}`);
  }
  const late = renewedPass(pass, until + 60_000, until + 1, true);
  assert.equal(late.isLate, true);
  assert.equal(renewedPass(late, until + 120_000, until + 2).isLate, true);
});

test("ticketOf() takes of an outcome what says who somebody is", () => {
  const outcome = { is: "far", ...place };
  assert.deepEqual(ticketOf(outcome, now), { kind: "ticket", ...place, issuedAt: now, notBefore: 0 });
  assert.equal(ticketOf(outcome, now, now + 5).notBefore, now + 5);
});

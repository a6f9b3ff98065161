import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readRecord, recordOf } from "../../../../plugins/waiting-room/machine/mod.ts";
import { beginning, is, type Room, roomOf, seenOf } from "./_room.ts";

/** A room in which five are inside, and two more wait; ten may be inside. */
function lived(more: Parameters<typeof roomOf>[0] = {}): Room {
  const room = roomOf({ admitPerMinute: 600, burstSeconds: 0, capacity: 10, ...more });
  for (let at = 0; at < 5; at++) {
    room.now += 1000;
    is(room.enter(`in${at}`), "admitted");
    is(room.renew(at + 1, `in${at}`), "renewed");
  }
  room.change({ limits: { admitPerMinute: 0 } });
  room.joins("w0");
  room.joins("w1");
  room.change({ limits: { admitPerMinute: 600 } });
  room.pass(30_000);
  return room;
}

describe("a store that lost everything (W17)", () => {
  test("is found out by what a node saw, and goes on from there", () => {
    const room = lived();
    const before = seenOf(room);
    room.seen = before;
    room.lose();
    const { status } = room.batch();
    for (const name of ["epoch", "revision", "issued", "frontier", "passed", "admitted", "mode"] as const) {
      assert.equal(status[name], before[name], name);
    }
    assert.deepEqual([status.ghosts, status.sessions, status.recoveries, status.free], [5, 0, 1, 0]);
  });

  test("gives neither numbers nor admissions for three seconds", () => {
    const room = lived();
    room.seen = seenOf(room);
    room.lose();
    assert.deepEqual(is(room.enter("new"), "later").seconds, 3);
    is(room.checkIn(6, "w0"), "waiting");
    room.now += 2999;
    is(room.enter("new"), "later");
    is(room.checkIn(6, "w0"), "waiting");
    room.now += 1;
    is(room.checkIn(6, "w0"), "admitted");
    assert.ok("number" in room.enter("new"));
  });

  test("lets each good pass back in, which takes one of the places that were kept", () => {
    const room = lived();
    room.seen = seenOf(room);
    room.lose();
    room.batch();
    for (let at = 0; at < 5; at++) {
      is(room.renew(at + 1, `in${at}`, { until: beginning + 800_000 }), "renewed");
    }
    const { ghosts, sessions } = room.batch().status;
    assert.deepEqual([ghosts, sessions], [0, 5]);
    is(room.renew(5, "nobody", { until: beginning }), "ended");
  });

  test("keeps the places to the end, or ever fewer of them, as the owner chose", () => {
    for (const [recovery, kept] of [["strict", 10], ["linear", 5]] as const) {
      const room = lived({ recovery });
      room.seen = { ...seenOf(room), sessions: 10 };
      room.lose();
      assert.equal(room.batch().status.ghosts, 10);
      room.pass(450_000);
      assert.equal(room.batch().status.ghosts, kept);
      room.pass(450_000);
      assert.equal(room.batch().status.ghosts, 0);
    }
  });

  test("keeps those places through a second loss", () => {
    const room = lived();
    room.seen = seenOf(room);
    room.lose();
    room.pass(10_000);
    room.seen = seenOf(room);
    room.lose();
    assert.equal(room.batch().status.ghosts, 5);
  });

  test("is found out by a ticket above all that were given, where no node knows anything", () => {
    const room = lived();
    const number = room.state.issued;
    room.lose();
    const outcome = room.checkIn(number, "w1", { issuedAt: beginning });
    assert.notEqual(outcome.is, "unknown");
    const { issued, ghosts, recoveries } = room.batch().status;
    assert.deepEqual([issued, ghosts, recoveries], [number, 10, 1]);
    is(room.enter("new"), "later");
  });

  test("is found out by a ticket that is older than the state, whatever its number", () => {
    const room = lived();
    room.lose();
    for (let at = 0; at < 9; at++) room.batch({ do: "enter", tag: `new${at}` });
    is(room.checkIn(3, "old", { issuedAt: beginning }), "waiting");
    assert.equal(room.batch().status.recoveries, 1);
  });

  test("stays paused where it was, and keeps its note", () => {
    const room = lived();
    room.change({ mode: "paused", note: "a moment" });
    room.seen = seenOf(room);
    room.lose();
    const { mode, note } = room.batch().status;
    assert.deepEqual([mode, note], ["paused", "a moment"]);
  });

  test("goes on from the time that the nodes saw, and reckons the hold and the bucket from there", () => {
    const room = lived();
    room.now -= 3_600_000;
    room.pass(2000);
    const before = seenOf({ ...room, state: room.state, now: room.state.last - beginning });
    room.seen = before;
    room.lose();
    const { status } = room.batch();
    assert.ok(status.now >= before.now);
    assert.equal(status.free, 0);
    is(room.enter("new"), "later");
    room.now += 2999;
    is(room.enter("new"), "later");
  });

  test("is not found out by what is as old as the store, or told of fewer sessions", () => {
    const room = lived();
    room.seen = { ...seenOf(room), sessions: 9 };
    assert.equal(room.batch().status.recoveries, 0);
  });
});

describe("a store that lost its last seconds (W17)", () => {
  test("lengthens what would end soon, and lets those back in who were renewed in the lost time", () => {
    const room = lived({ sessionMs: 120_000 });
    const older = readRecord(structuredClone(recordOf(room.state)));
    room.pass(60_000);
    const { until } = is(room.renew(1, "in0"), "renewed");
    room.seen = { ...seenOf(room), admitted: room.state.admitted + 1 };
    room.lose(older);
    assert.equal(room.batch().status.recoveries, 1);
    room.pass(100_000);
    const outcome = is(room.renew(1, "in0", { until }), "renewed");
    assert.ok(outcome.until > until);
  });

  for (const others of [0, 1000]) {
    test(`is found out where renewals are all that was lost, though others asked for ${others} ms since`, () => {
      const room = lived({ sessionMs: 120_000 });
      const older = readRecord(structuredClone(recordOf(room.state)));
      const olderSeen = seenOf(room);
      room.now += 100;
      const { until } = is(room.renew(1, "in0"), "renewed");
      const seen = seenOf(room);
      room.lose(older);
      room.seen = olderSeen;
      if (others > 0) room.pass(others);
      room.seen = seen;
      const { recoveries, ghosts } = room.batch().status;
      assert.deepEqual([recoveries, ghosts], [1, 0]);
      room.seen = seenOf(room);
      // Nobody asks before the pass ends almost: the store's own time for the session has been over for long.
      room.now = until - 1 - beginning;
      assert.equal(room.batch().status.sessions, 5);
      assert.ok(is(room.renew(1, "in0", { until }), "renewed").until > until);
      assert.equal(room.batch().status.recoveries, 1);
    });
  }

  test("keeps the places of those who were taken back in the lost time", () => {
    const room = lived({ sessionMs: 120_000 });
    const passes = Array.from({ length: 5 }, (_, at) => is(room.renew(at + 1, `in${at}`), "renewed").until);
    room.seen = seenOf(room);
    room.lose();
    assert.equal(room.batch().status.ghosts, 5);
    room.pass(40_000);
    const older = readRecord(structuredClone(recordOf(room.state)));
    room.now += 1000;
    for (const [at, until] of passes.entries()) is(room.renew(at + 1, `in${at}`, { until }), "renewed");
    room.seen = seenOf(room);
    assert.deepEqual([room.seen.ghosts, room.seen.sessions], [0, 5]);
    room.lose(older);
    assert.equal(room.batch().status.ghosts, 5);
    // The places that were kept after the first loss would be free now.
    room.pass(100_000);
    assert.equal(room.batch().status.ghosts, 5);
  });

  test("keeps places after a loss before which others were kept that are free by now", () => {
    const room = lived({ sessionMs: 120_000 });
    room.seen = { ...seenOf(room), sessions: 8 };
    room.lose();
    assert.equal(room.batch().status.ghosts, 8);
    room.pass(121_000);
    assert.equal(room.batch().status.ghosts, 0);
    room.seen = { ...seenOf(room), sessions: 3, admitted: room.state.admitted + 3 };
    assert.equal(room.batch().status.ghosts, 3);
  });

  test("keeps a place for each one who was let in, however many others went in the lost time", () => {
    const room = lived();
    const older = readRecord(structuredClone(recordOf(room.state)));
    for (let at = 0; at < 2; at++) room.leave(at + 1, `in${at}`);
    room.pass(66_000);
    for (const [at, tag] of ["w0", "w1"].entries()) is(room.checkIn(6 + at, tag), "admitted");
    room.seen = seenOf(room);
    room.lose(older);
    const { ghosts, sessions } = room.batch().status;
    assert.deepEqual([ghosts, sessions], [2, 5]);
  });

  test("never takes back who left", () => {
    const room = lived();
    room.leave(1, "in0");
    room.seen = { ...seenOf(room), admitted: room.state.admitted + 1 };
    room.batch();
    is(room.renew(1, "in0", { until: beginning + 800_000 }), "ended");
    room.pass(66_000);
    is(room.renew(1, "in0", { until: beginning + 800_000 }), "ended");
  });

  test("admits no ticket twice that was used before", () => {
    const room = lived({ sessionMs: 60_000 });
    room.pass(70_000);
    const older = readRecord(structuredClone(recordOf(room.state)));
    room.pass(5000);
    room.seen = { ...seenOf(room), admitted: room.state.admitted + 1 };
    room.lose(older);
    room.pass(10_000);
    assert.equal(is(room.checkIn(1, "in0"), "lapsed").wasUsed, true);
  });
});

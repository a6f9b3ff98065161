import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { beginning, fill, is, roomOf } from "./_room.ts";

describe("what is asked twice (W14)", () => {
  test("gives one tag one number for a minute", () => {
    const room = roomOf();
    fill(room, 3);
    const first = is(room.enter("tag"), "waiting");
    room.now = 500;
    assert.equal(is(room.enter("tag"), "waiting").number, first.number);
    assert.equal(room.state.joined, 4);
    const again = is(room.enter("in0"), "admitted");
    assert.deepEqual([again.number, again.again], [1, true]);
    room.pass(80_000);
    assert.equal(room.state.recent.size, 0);
  });

  test("admits one ticket once, in however many tabs", () => {
    const room = roomOf();
    fill(room, 3);
    const number = room.joins("tag");
    room.now = 1000;
    const first = is(room.checkIn(number, "tag"), "admitted");
    for (let tab = 0; tab < 5; tab++) {
      const { again, isConfirmed, until } = is(room.checkIn(number, "tag"), "admitted");
      assert.deepEqual([again, isConfirmed, until], [true, false, first.until]);
    }
    assert.deepEqual([room.state.admitted, room.state.sessions.size], [4, 4]);
  });

  test("says whether the pass was brought since, for a ticket does not know when the session began", () => {
    const room = roomOf();
    fill(room, 3);
    const number = room.joins("tag");
    room.now = 1000;
    assert.equal(is(room.checkIn(number, "tag"), "admitted").isConfirmed, false);
    assert.equal(is(room.checkIn(number, "tag"), "admitted").isConfirmed, false);
    room.renew(number, "tag");
    assert.equal(is(room.checkIn(number, "tag"), "admitted").isConfirmed, true);
  });

  test("keeps two people apart who have one number, by their tags", () => {
    const room = roomOf();
    fill(room, 3);
    const number = room.joins("one");
    room.now = 1000;
    is(room.checkIn(number, "one"), "admitted");
    is(room.checkIn(number, "other"), "waiting");
  });

  test("renews and leaves twice as once", () => {
    const room = roomOf();
    const [first] = fill(room, 1);
    assert.ok(first !== undefined);
    const { until } = is(room.renew(1, "in0"), "renewed");
    assert.equal(is(room.renew(1, "in0"), "renewed").until, until);
    is(room.leave(1, "in0"), "left");
    const score = room.state.sessions.score("1.in0");
    room.now = 1000;
    is(room.leave(1, "in0"), "left");
    assert.deepEqual([room.state.sessions.score("1.in0"), room.state.left], [score, 1]);
  });
});

describe("the first claim (W15)", () => {
  test("is good for a minute, or five where a page was served with it, but for no more than a session", () => {
    for (
      const [servesPage, sessionMs, lasts] of [
        [false, 900_000, 60_000],
        [true, 900_000, 300_000],
        [true, 120_000, 120_000],
      ] as const
    ) {
      const room = roomOf({ sessionMs });
      assert.equal(is(room.enter("tag", { servesPage }), "admitted").until, beginning + lasts);
    }
  });

  test("becomes a whole session by whatever brings the pass", () => {
    const room = roomOf();
    fill(room, 1);
    assert.equal(is(room.renew(1, "in0", { extends: false }), "renewed").until, beginning + 900_000);
  });

  test("that nobody took is no use of the ticket, which is next again", () => {
    const room = roomOf();
    fill(room, 1);
    room.pass(65_000);
    assert.equal(room.state.sessions.size, 0);
    const { again, number } = is(room.checkIn(1, "in0"), "admitted");
    assert.deepEqual([again, number], [false, 1]);
  });
});

describe("passes and leaving (W16)", () => {
  test("lengthens a pass by a request, and not by a ping alone", () => {
    const room = roomOf();
    fill(room, 1);
    const { until } = is(room.renew(1, "in0"), "renewed");
    room.now = 100_000;
    assert.equal(is(room.renew(1, "in0", { extends: false }), "renewed").until, until);
    assert.equal(is(room.renew(1, "in0"), "renewed").until, until + 100_000);
  });

  test("lengthens a pass never beyond the longest session", () => {
    const room = roomOf();
    fill(room, 1);
    const latest = beginning + 950_000;
    is(room.renew(1, "in0", { latest }), "renewed");
    room.now = 100_000;
    assert.equal(is(room.renew(1, "in0", { latest }), "renewed").until, latest);
  });

  test("keeps the place of somebody who left for as long as a copy of the pass is good, and renews nothing", () => {
    const room = roomOf({ admitPerMinute: 6000, capacity: 1 });
    fill(room, 1);
    is(room.renew(1, "in0"), "renewed");
    const next = room.joins("next");
    is(room.leave(1, "in0"), "left");
    is(room.renew(1, "in0"), "ended");
    room.now = 64_999;
    is(room.checkIn(next, "next"), "waiting");
    assert.equal(is(room.checkIn(1, "in0"), "lapsed").wasUsed, true);
    room.now = 65_000;
    is(room.checkIn(next, "next"), "admitted");
    is(room.renew(1, "in0", { isLatePost: true, until: beginning + 60_000 }), "ended");
  });

  test("takes a form that is up to a minute late once more, even above the capacity", () => {
    const room = roomOf({ admitPerMinute: 6000, capacity: 1 });
    fill(room, 1);
    const { until } = is(room.renew(1, "in0"), "renewed");
    room.pass(until - beginning + 30_000);
    is(room.enter("next"), "admitted");
    const late = { until, isLatePost: true };
    assert.equal(is(room.renew(1, "in0", late), "renewed").until, beginning + room.now + 60_000);
    assert.equal(room.state.sessions.size, 2);
  });

  test("takes no form that is later, and no page that is late at all", () => {
    const room = roomOf();
    fill(room, 1);
    const { until } = is(room.renew(1, "in0"), "renewed");
    room.pass(until - beginning + 10_000);
    is(room.renew(1, "in0", { until }), "ended");
    room.pass(51_000);
    is(room.renew(1, "in0", { until, isLatePost: true }), "ended");
  });

  test("takes no form of somebody who has left, however far the line has gone, nor in a recovery", () => {
    const room = roomOf({ admitPerMinute: 6000, returnMs: 60_000 });
    fill(room, 1);
    const { until } = is(room.renew(1, "in0"), "renewed");
    room.pass(100_000);
    is(room.leave(1, "in0"), "left");
    // Others are let in past the number, so that it is below the line behind which places are lost.
    for (let at = 0; room.now < until - beginning + 30_000; at++) {
      is(room.enter(`other${at}`), "admitted");
      room.pass(10_000);
    }
    assert.ok((room.state.line[0] ?? 0) > 1);
    is(room.renew(1, "in0", { until, isLatePost: true }), "ended");
    room.state.recoverUntil = beginning + room.now + 60_000;
    is(room.renew(1, "in0", { until: beginning + room.now + 1000 }), "ended");
    is(room.renew(2, "other0", { until: beginning + room.now + 1000 }), "renewed");
  });

  test("forgets who was inside once no pass and no form can come any more", () => {
    const room = roomOf({ sessionMs: 120_000 });
    fill(room, 2);
    for (const tag of ["in0", "in1"]) is(room.renew(tag === "in0" ? 1 : 2, tag), "renewed");
    is(room.leave(2, "in1"), "left");
    room.pass(183_000);
    assert.deepEqual([room.state.sessions.size, room.state.over.size], [0, 2]);
    room.pass(3000);
    assert.equal(room.state.over.size, 0);
  });

  test("tells a number that was never inside that it has ended", () => {
    const room = roomOf();
    fill(room, 1);
    is(room.renew(1, "nobody"), "ended");
  });
});

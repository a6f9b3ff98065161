import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { wanted } from "../../../../plugins/waiting-room/machine/mod.ts";
import { beginning, is, limits, type Room, roomOf } from "./_room.ts";

/** A room with so many in line, of whom nobody comes by itself. */
function lineOf(count: number, more: Parameters<typeof roomOf>[0] = {}, opensAt: number = 0): Room {
  const room = roomOf(more, { opensAt });
  room.state.issued = count;
  return room;
}

describe("the frontier (W12)", () => {
  const wants: readonly (readonly [admitPerMinute: number, capacity: number, want: number])[] = [
    [60, -1, 70],
    [600, -1, 610],
    [0.5, -1, 10.5],
    [0, -1, 10],
    [600, 40, 50],
    [600, 0, 10],
    [30, 100, 40],
  ];
  for (const [admitPerMinute, capacity, want] of wants) {
    test(`wants ${want} at ${admitPerMinute} a minute and a capacity of ${capacity}`, () => {
      const { state } = roomOf({ admitPerMinute, capacity });
      assert.equal(wanted(state, state, state.last), want);
    });
  }

  test("calls as many as are wanted, by the share that is expected to come", () => {
    const room = lineOf(10_000);
    room.now = 250;
    assert.equal(room.batch().status.frontier, 100);
  });

  test("moves no more than every quarter of a second, and calls nobody who does not exist", () => {
    const room = lineOf(50);
    room.now = 249;
    assert.equal(room.batch().status.frontier, 0);
    room.now = 250;
    assert.equal(room.batch().status.frontier, 50);
  });

  test("goes on to those behind where nobody comes, and gets past a million of them", () => {
    const room = lineOf(1_000_000);
    room.pass(600_000);
    assert.equal(room.state.frontier, 1_000_000);
  });

  test("calls no more where as many are there as are wanted", () => {
    const room = lineOf(10_000);
    room.now = 250;
    room.batch();
    room.change({ limits: { admitPerMinute: 60 } });
    for (let at = 1; at <= 100; at++) room.checkIn(at, `w${at}`);
    const { frontier } = room.batch().status;
    room.now = 500;
    assert.equal(room.batch().status.frontier, frontier);
  });

  test("keeps newcomers from the fast path for ten seconds after it moved (W9)", () => {
    const room = lineOf(5);
    room.now = 250;
    room.batch();
    assert.equal(room.state.quietUntil, beginning + 10_250);
    is(room.enter("new"), "waiting");
    room.now = 10_250;
    is(room.enter("next"), "admitted");
  });

  const moves: readonly (readonly [mode: Parameters<Room["change"]>[0]["mode"] & string, calls: boolean])[] =
    [
      ["open", true],
      ["draining", true],
      ["paused", false],
      ["closed", false],
      ["sold-out", false],
      ["bypass", false],
    ];
  for (const [mode, calls] of moves) {
    test(`${calls ? "moves" : "stands still"} while the room is ${mode}`, () => {
      const room = lineOf(1000);
      room.change({ mode });
      room.now = 250;
      assert.equal(room.batch().status.frontier > 0, calls);
    });
  }
});

describe("before it opens (W34)", () => {
  test("a room gives numbers, calls people a minute before, and admits nobody", () => {
    const room = roomOf({}, { opensAt: 120_000 });
    const first = is(room.enter("first"), "far");
    assert.equal(first.number, 1);
    room.now = 59_999;
    assert.equal(room.batch().status.frontier, 0);
    is(room.checkIn(1, "first"), "far");
    room.now = 60_249;
    assert.equal(room.batch().status.frontier, 1);
    is(room.checkIn(1, "first"), "waiting");
    room.now = 119_999;
    is(room.checkIn(1, "first"), "waiting");
    room.now = 120_000;
    const { status, outcomes: [outcome] } = room.batch({
      do: "checkIn",
      epoch: 1,
      number: 1,
      tag: "first",
      issuedAt: beginning,
    });
    assert.equal(outcome?.is, "admitted");
    assert.deepEqual([status.mode, status.openedAt], ["open", beginning + 120_000]);
  });
});

describe("the status (W28)", () => {
  const polls: readonly (readonly [issued: number, share: number, poll: number])[] = [
    [0, 0.7, 20],
    [100_000, 0.7, 20],
    [1_000_000, 0.7, 140],
    [1_000_000, 0.1, 60],
    [10_000_000, 1, 1800],
  ];
  for (const [issued, share, poll] of polls) {
    test(`tells ${issued} who wait, of whom ${share} come, to look every ${poll} s`, () => {
      const room = roomOf();
      room.state.issued = issued;
      room.state.share = share;
      assert.equal(room.batch().status.poll, poll);
    });
  }

  test("tells how fast the head of the line moves, and nothing of that before anybody is let in", () => {
    const room = roomOf();
    assert.deepEqual([room.batch().status.pace, room.batch().status.flow], [0, 0]);
    room.state.issued = 2000;
    for (let second = 0; second < 300; second++) {
      room.now += 1000;
      room.batch();
      // Every other one comes.
      for (let number = 2; number <= room.state.frontier; number += 2) {
        if (number > room.state.passed && room.state.sessions.score(`${number}.w`) === undefined) {
          room.checkIn(number, "w");
        }
      }
    }
    const { pace, flow } = room.batch().status;
    assert.ok(Math.abs(flow - limits.admitPerMinute / 60) < 0.1, String(flow));
    assert.ok(Math.abs(pace - 2 * flow) < 0.2, String(pace));
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { paceOf } from "../../../../plugins/waiting-room/machine/mod.ts";
import { beginning, fill, is, limits, roomOf } from "./_room.ts";

describe("the rate (W7)", () => {
  const paces: readonly (readonly [admitPerMinute: number, burstSeconds: number, interval: number, burst: number])[] = [
    [60, 2, 1_000_000, 3],
    [60, 10, 1_000_000, 11],
    [60, 0, 1_000_000, 3],
    [600, 3, 100_000, 31],
    [0.5, 60, 120_000_000, 3],
    [7, 3, 8_571_429, 3],
    [600_000, 3, 100, 30_001],
    [0, 3, 0, 0],
  ];
  for (const [admitPerMinute, burstSeconds, interval, burst] of paces) {
    test(`of ${admitPerMinute} a minute and ${burstSeconds} s is one in ${interval} µs, and ${burst} at once`, () => {
      assert.deepEqual(paceOf({ ...limits, admitPerMinute, burstSeconds }), { interval, burst });
    });
  }

  test("lets a burst in at once, and then one in each interval", () => {
    const room = roomOf();
    assert.deepEqual(fill(room, 3).map(({ free }) => free), [3, 2, 1]);
    const number = room.joins("next");
    room.now = 999;
    is(room.checkIn(number, "next"), "waiting");
    room.now = 1000;
    assert.equal(is(room.checkIn(number, "next"), "admitted").again, false);
  });

  test("saves up no more than a burst, however long nobody comes", () => {
    const room = roomOf();
    room.now = 86_400_000;
    fill(room, 3);
    is(room.enter("next"), "waiting");
  });

  test("of 0 lets nobody in, and nobody is owed anything afterwards", () => {
    const room = roomOf({ admitPerMinute: 0 });
    const number = room.joins("first");
    room.pass(60_000);
    is(room.checkIn(number, "first"), "waiting");
    room.change({ limits: { admitPerMinute: 60 } });
    is(room.checkIn(number, "first"), "waiting");
    room.now += 1000;
    is(room.checkIn(number, "first"), "admitted");
  });

  test("that changes keeps the share of the burst that is owed, so that one that flaps admits no more", () => {
    const room = roomOf();
    fill(room, 3);
    const number = room.joins("next");
    for (let turn = 0; turn < 20; turn++) {
      room.change({ limits: { admitPerMinute: turn % 2 === 0 ? 6000 : 60 } });
      is(room.checkIn(number, "next"), "waiting");
    }
    room.now += 1000;
    is(room.checkIn(number, "next"), "admitted");
  });

  test("of a state that others share begins with one (W17)", () => {
    const room = roomOf({}, { isShared: true });
    fill(room, 1);
    is(room.enter("next"), "waiting");
  });
});

describe("the capacity (W8)", () => {
  test("is never exceeded, and a place is free five seconds after its pass", () => {
    const room = roomOf({ admitPerMinute: 6000, capacity: 2 });
    const [first] = fill(room, 2);
    const number = room.joins("next");
    room.now = (first?.until ?? 0) - beginning + 4999;
    is(room.checkIn(number, "next"), "waiting");
    room.now += 1;
    is(room.checkIn(number, "next"), "admitted");
  });

  test("that is lowered throws nobody out, and admits nobody until there is a place", () => {
    const room = roomOf({ admitPerMinute: 6000, capacity: 5 });
    const inside = fill(room, 5);
    for (const { number, tag } of inside) is(room.renew(number, tag), "renewed");
    const next = room.joins("next");
    room.change({ limits: { capacity: 2 } });
    for (const { number, tag } of inside.slice(0, 3)) is(room.leave(number, tag), "left");
    room.now = 65_000;
    for (const { number, tag } of inside.slice(3)) is(room.renew(number, tag), "renewed");
    is(room.checkIn(next, "next"), "waiting");
    const [{ number, tag } = { number: 0, tag: "" }] = inside.slice(3);
    is(room.leave(number, tag), "left");
    room.now = 131_000;
    is(room.checkIn(next, "next"), "admitted");
  });

  test("of 0 admits nobody", () => {
    is(roomOf({ capacity: 0 }).enter("first"), "waiting");
  });
});

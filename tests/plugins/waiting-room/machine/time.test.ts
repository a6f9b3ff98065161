import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { beginning, fill, is, roomOf } from "./_room.ts";

describe("the time of a room (W6)", () => {
  const steps: readonly (readonly [name: string, byMs: number, goesTo: number])[] = [
    ["stands still while the clock goes back by no more than five seconds", -5000, 0],
    ["goes on from where it was when the clock goes back by more", -5001, 1000],
    ["goes on from where it was when the clock goes back by an hour", -3_600_000, 1000],
    ["follows a clock that goes forward", 7000, 8000],
  ];
  for (const [name, byMs, goesTo] of steps) {
    test(name, () => {
      const room = roomOf();
      room.now = 100_000;
      const before = room.batch().status.now;
      room.now += byMs;
      assert.equal(room.batch().status.now, Math.max(before, before + byMs));
      room.now += 1000;
      assert.equal(room.batch().status.now, before + goesTo);
    });
  }

  test("neither ends nor freezes a room whose clock goes back by an hour", () => {
    const room = roomOf();
    room.pass(10_000);
    fill(room, 3);
    const number = room.joins("next");
    room.now -= 3_600_000;
    is(room.checkIn(number, "next"), "waiting");
    room.now += 1000;
    is(room.checkIn(number, "next"), "admitted");
  });
});

describe("a clock that goes back and is put right (W6)", () => {
  for (const byMs of [6000, 30_000, 3_600_000, 36_000_000]) {
    test(`by ${byMs} ms ends nobody's session, and takes nobody's place`, () => {
      const room = roomOf();
      room.pass(10_000);
      const guests = fill(room, 3);
      const number = room.joins("next");
      const before = room.batch().status.now;
      for (let times = 0; times < 3; times++) {
        room.now -= byMs;
        room.batch();
        room.now += 1000;
        room.batch();
        room.now += byMs;
        room.batch();
      }
      const { status } = room.batch();
      assert.equal(status.sessions, guests.length);
      assert.ok(status.now - before <= 3000);
      assert.notEqual(room.checkIn(number, "next").is, "lapsed");
    });
  }

  test("goes on at once after an hour back in which nobody came for an hour", () => {
    const room = roomOf();
    room.pass(10_000);
    room.now -= 3_600_000;
    const before = room.batch().status.now;
    room.now += 3_700_000;
    assert.equal(room.batch().status.now, before + 100_000);
    room.now += 3_700_000;
    assert.equal(room.batch().status.now, before + 3_800_000);
  });
});

describe("a batch", () => {
  test("of more than a hundred commands is refused (W18)", () => {
    const room = roomOf();
    const command = { do: "enter", tag: "first" } as const;
    assert.throws(
      () => room.batch(...Array.from({ length: 101 }, () => command)),
      /101 commands, which is more than 100/,
    );
    assert.equal(room.batch(...Array.from({ length: 100 }, () => command)).outcomes.length, 100);
  });

  test("takes its commands in order, after time has passed (W5)", () => {
    const room = roomOf({ admitPerMinute: 6000, capacity: 1 });
    const [first] = fill(room, 1);
    room.now = (first?.until ?? 0) - beginning + 5000;
    const { outcomes } = room.batch({ do: "enter", tag: "one" }, { do: "enter", tag: "two" });
    assert.deepEqual(outcomes.map((outcome) => outcome.is), ["admitted", "waiting"]);
  });

  test("sweeps no more than a thousand expiries, and the next one goes on (W18)", () => {
    const room = roomOf({ admitPerMinute: 600_000, burstSeconds: 60 });
    for (let at = 0; at < 25; at++) {
      room.batch(
        ...Array.from({ length: 100 }, (_, each) => ({ do: "enter", tag: `t${at}.${each}` }) as const),
      );
    }
    assert.equal(room.state.sessions.size, 2500);
    room.now = 65_000;
    assert.deepEqual([1, 2, 3].map(() => room.batch().status.sessions), [1500, 500, 0]);
  });
});

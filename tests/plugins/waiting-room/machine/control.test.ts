import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Configured,
  createState,
  type RoomMode,
  step,
} from "../../../../plugins/waiting-room/machine/mod.ts";
import { beginning, fill, is, limits, roomOf } from "./_room.ts";

describe("the modes of a room", () => {
  const modes: readonly (readonly [mode: RoomMode, comes: string, returns: string])[] = [
    ["open", "admitted", "admitted"],
    ["scheduled", "far", "waiting"],
    ["paused", "far", "waiting"],
    ["draining", "closed", "admitted"],
    ["closed", "closed", "closed"],
    ["sold-out", "closed", "closed"],
    ["bypass", "admitted", "admitted"],
  ];
  for (const [mode, comes, returns] of modes) {
    test(`${mode}: a newcomer is ${comes}, somebody who was called is ${returns}, who is inside stays`, () => {
      const room = roomOf();
      const [inside] = fill(room, 3);
      assert.ok(inside !== undefined);
      const number = room.joins("called");
      room.pass(30_000);
      room.change(mode === "scheduled" ? { opensAt: beginning + 600_000 } : { mode });
      assert.equal(room.checkIn(number, "called").is, returns);
      assert.equal(room.enter("new").is, comes);
      is(room.renew(inside.number, inside.tag), "renewed");
      is(room.checkIn(inside.number, inside.tag), "admitted");
    });
  }

  test("bypass admits whoever comes and counts them, and going back throws nobody out", () => {
    const room = roomOf({ capacity: 3 });
    room.change({ mode: "bypass" });
    fill(room, 50);
    assert.equal(room.state.sessions.size, 50);
    room.change({ mode: "open" });
    is(room.renew(1, "in0"), "renewed");
    // The line begins behind those who came by.
    is(room.enter("new"), "waiting");
  });

  test("a room closes at its time, and what was sold out stays so", () => {
    const room = roomOf({}, { closesAt: 10_000 });
    room.now = 9999;
    is(room.enter("one"), "admitted");
    room.now = 10_000;
    is(room.enter("two"), "closed");
    assert.equal(room.batch().status.mode, "closed");
    const sold = roomOf({}, { closesAt: 10_000 });
    sold.change({ mode: "sold-out" });
    sold.now = 10_000;
    assert.equal(sold.batch().status.mode, "sold-out");
  });

  for (const [how, change] of [["deployed", "deploy"], ["ordered", "change"]] as const) {
    test(`a room that closed opens again where another opening is ${how}`, () => {
      const day = 86_400_000;
      const room = roomOf({}, { opensAt: 1000, closesAt: 10_000 });
      room.now = 10_000;
      is(room.enter("today"), "closed");
      room[change]({ opensAt: beginning + day, closesAt: beginning + day + 10_000 });
      assert.equal(room.batch().status.mode, "scheduled");
      room.now = day;
      is(room.enter("tomorrow"), "admitted");
      room.now = day + 10_000;
      is(room.enter("late"), "closed");
      // A time that is over opens nothing.
      room[change]({ opensAt: beginning + day + 5000, closesAt: 0 });
      assert.equal(room.batch().status.mode, "closed");
    });
  }

  test("a closing that was ordered for one opening does not close the room before the next one", () => {
    const day = 86_400_000;
    const room = roomOf({}, { opensAt: 1000 });
    room.now = 2000;
    room.change({ closesAt: beginning + 20_000 });
    room.change({ mode: "closed" });
    room.deploy({ opensAt: beginning + day });
    room.now = 20_000;
    const { mode, closesAt } = room.batch().status;
    assert.deepEqual([mode, closesAt], ["scheduled", 0]);
    room.now = day;
    is(room.enter("tomorrow"), "admitted");
  });

  test("an opening that has been stays known where none is configured any more, and one to come does not", () => {
    const room = roomOf({}, { opensAt: 1000 });
    room.now = 2000;
    room.deploy({ opensAt: 0 });
    assert.deepEqual([room.state.opensAt, room.state.mode], [beginning + 1000, "open"]);
    const early = roomOf({}, { opensAt: 9000 });
    early.now = 2000;
    early.deploy({ opensAt: 0 });
    assert.deepEqual([early.state.opensAt, early.state.mode], [0, "open"]);
  });

  test("a room that is opened by hand has opened now", () => {
    const room = roomOf({}, { opensAt: 3_600_000 });
    room.now = 1000;
    room.change({ mode: "open" });
    const { opensAt, openedAt, mode } = room.batch().status;
    assert.deepEqual([opensAt, openedAt, mode], [beginning + 1000, beginning + 1000, "open"]);
  });
});

describe("changes of a room (W35)", () => {
  test("that were made after another one saw the room are a conflict", () => {
    const room = roomOf();
    const paused = { do: "control", change: { mode: "paused" }, revision: 0 } as const;
    const { outcomes } = room.batch(paused, paused);
    assert.deepEqual(outcomes, [{ is: "ok", revision: 1 }, { is: "conflict", revision: 1 }]);
  });

  test("leave alone what they do not name", () => {
    const room = roomOf();
    room.change({ note: "soon", limits: { capacity: 5 } });
    const { status } = room.batch();
    assert.deepEqual(status.limits, { ...limits, capacity: 5 });
    assert.deepEqual([status.note, status.mode, status.revision], ["soon", "open", 1]);
  });

  test("that drop the line leave inside who is there, and know no older ticket", () => {
    const room = roomOf();
    const [inside] = fill(room, 3);
    assert.ok(inside !== undefined);
    const number = room.joins("waiting");
    room.change({ dropsLine: true });
    const { epoch, issued, present } = room.batch().status;
    assert.deepEqual([epoch, issued, present], [2, 0, 0]);
    is(room.checkIn(number, "waiting", { epoch: 1 }), "unknown");
    is(room.checkIn(inside.number, inside.tag, { epoch: 1 }), "admitted");
    is(room.renew(inside.number, inside.tag, { epoch: 1 }), "renewed");
  });
});

describe("the configuration of a room (W1)", () => {
  const first: Configured = { limits, opensAt: 0, closesAt: 0, note: "", since: beginning };
  const run = (state: ReturnType<typeof createState>, room: Configured) =>
    step(state, { room, seen: undefined, commands: [] }, beginning).status;

  test("counts where it is younger, and only what is new in it", () => {
    const state = createState(first, beginning, false);
    step(
      state,
      {
        room: first,
        seen: undefined,
        commands: [{ do: "control", change: { limits: { capacity: 9 } }, revision: 0 }],
      },
      beginning,
    );
    const second = { ...first, since: beginning + 1, limits: { ...limits, admitPerMinute: 90 }, note: "new" };
    const { limits: found, note, revision } = run(state, second);
    assert.deepEqual([found.admitPerMinute, found.capacity, note, revision], [90, 9, "new", 2]);
    assert.equal(run(state, first).limits.admitPerMinute, 90);
    assert.equal(run(state, { ...second, since: beginning + 2 }).revision, 2);
  });
});

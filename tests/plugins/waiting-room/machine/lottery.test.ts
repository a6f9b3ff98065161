import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Draw, step } from "../../../../plugins/waiting-room/machine/mod.ts";
import { beginning, is, type Room, roomOf, seenOf } from "./_room.ts";

const opensAt = 300_000;

/** A room that opens after five minutes by a lottery, and is bound to a secret. */
function lotteryRoom(): Room {
  const room = roomOf({}, { opensAt, order: "lottery" });
  is(room.change({ commit: { commitment: "bound", opensAt: beginning + opensAt } }), "ok");
  return room;
}

/** The same with so many who registered in time. */
function closedRoom(count: number): Room {
  const room = lotteryRoom();
  for (let at = 1; at <= count; at++) is(room.enter(`tag${at}`), "registered");
  room.now = opensAt - 60_000;
  assert.equal(room.batch().status.registered, count);
  return room;
}

function drawnRoom(count: number): Room {
  const room = closedRoom(count);
  room.change({ draw: drawOf(room) });
  return room;
}

function drawOf({ state }: Room, more: Partial<Draw> = {}): Draw {
  return { epoch: state.epoch, registered: state.registered, drawnBy: "beacon", beacon: "6c3f", ...more };
}

describe("registration for a lottery (W39)", () => {
  test("begins when the lottery is bound to a secret, and never before", () => {
    const room = roomOf({}, { opensAt, order: "lottery" });
    assert.deepEqual(room.enter("early"), { is: "later", seconds: 1 });
    room.change({ commit: { commitment: "bound", opensAt: 1 } });
    room.change({ commit: { commitment: "another", opensAt: 2 } });
    assert.deepEqual([room.state.commitment, room.state.committedFor], ["bound", 1]);
    assert.deepEqual(room.enter("early"), { is: "registered", number: 1, tag: "early" });
  });

  test("gives numbers that are no places: nobody is called by one", () => {
    const room = lotteryRoom();
    assert.deepEqual(room.enter("a"), { is: "registered", number: 1, tag: "a" });
    assert.deepEqual(room.enter("a"), { is: "registered", number: 1, tag: "a" });
    assert.deepEqual(room.enter("b", { isIdentity: true }), { is: "registered", number: 2, tag: "b" });
    is(room.checkIn(2, "b", { isRegistration: true }), "registered");
    is(room.checkIn(3, "c", { isRegistration: true }), "registered");
    // That was a proof that the state was lost: three were given.
    assert.equal(room.state.recoveries, 1);
    room.now = opensAt - 60_001;
    const { status } = room.batch();
    assert.deepEqual([status.registered, status.frontier, status.mode], [-1, 0, "scheduled"]);
  });

  test("keeps nobody out where everybody is let in, whether they ask again for a number or bring the one they have", () => {
    const room = lotteryRoom();
    is(room.enter("a"), "registered");
    is(room.enter("b", { isIdentity: true }), "registered");
    room.change({ mode: "bypass" });
    // The order is not drawn.
    assert.equal(room.batch().status.registered, 2);
    is(room.checkIn(1, "a", { isRegistration: true }), "admitted");
    is(room.enter("b", { isIdentity: true }), "admitted");
    is(room.enter("late"), "admitted");
    assert.deepEqual([room.batch().status.sessions, room.state.frontier], [3, 0]);
    // The account has one visit, wherever else it comes from.
    room.change({ mode: "open" });
    is(room.enter("b", { isIdentity: true }), "admitted");
    assert.equal(room.batch().status.sessions, 3);
  });

  test("lets newcomers in by bypass while people register, in the very batch of the order, and calls nobody for it", () => {
    const room = lotteryRoom();
    is(room.enter("a"), "registered");
    const { outcomes } = room.batch({ do: "control", change: { mode: "bypass" }, revision: undefined }, {
      do: "enter",
      tag: "b",
    });
    assert.deepEqual(outcomes.map((outcome) => outcome.is), ["ok", "admitted"]);
    assert.equal(room.state.frontier, 0);
  });

  test("closes a minute before the opening, and earlier where very many registered", () => {
    const room = lotteryRoom();
    room.now = opensAt - 60_001;
    is(room.enter("a"), "registered");
    room.now = opensAt - 60_000;
    assert.deepEqual(room.enter("a"), { is: "registered", number: 1, tag: "a" });
    const { status, outcomes: [late] } = room.batch({ do: "enter", tag: "late" });
    assert.deepEqual([status.registered, status.issued], [1, 2]);
    assert.deepEqual(late, { is: "far", number: 2, tag: "late" });
    const large = lotteryRoom();
    large.state.issued = 1_000_000;
    large.now = opensAt - 200_001;
    assert.equal(large.batch().status.registered, -1);
    large.now = opensAt - 200_000;
    assert.equal(large.batch().status.registered, 1_000_000);
  });

  test("waits for what other nodes know before it closes after a loss", () => {
    const room = lotteryRoom();
    for (const tag of ["a", "b", "c"]) room.enter(tag);
    const seen = seenOf(room);
    room.now = opensAt - 60_500;
    room.lose();
    room.batch();
    room.now = opensAt - 60_000;
    room.seen = seen;
    assert.equal(room.batch().status.registered, -1);
    room.now += 3000;
    const { status } = room.batch();
    assert.deepEqual([status.registered, status.commitment], [3, "bound"]);
  });
});

describe("the draw (W40)", () => {
  test("is made once, of as many as registered, and in no other line", () => {
    const room = closedRoom(3);
    for (const wrong of [{ registered: 2 }, { epoch: 2 }]) {
      room.change({ draw: drawOf(room, wrong) });
      assert.equal(room.state.drawnBy, "");
    }
    room.change({ draw: drawOf(room) });
    room.change({ draw: drawOf(room, { drawnBy: "committed", beacon: "" }) });
    const { status } = room.batch();
    assert.deepEqual([status.registered, status.drawnBy, status.beacon], [3, "beacon", "6c3f"]);
  });

  test("comes before anybody is called or admitted, however late it is", () => {
    const room = closedRoom(3);
    room.pass(120_000);
    assert.deepEqual([room.batch().status.mode, room.state.frontier], ["scheduled", 0]);
    room.change({ draw: drawOf(room) });
    const { status } = room.batch();
    // There is a minute left to call people.
    assert.equal(status.opensAt, beginning + room.now + 60_000);
    room.pass(1000);
    assert.equal(room.state.frontier, 3);
    is(room.checkIn(2, "tag2"), "waiting");
    room.pass(60_000);
    assert.equal(room.batch().status.mode, "open");
  });

  test("in time it changes nothing about the opening", () => {
    const room = drawnRoom(3);
    room.pass(30_000);
    assert.deepEqual([room.state.opensAt, room.state.frontier], [beginning + opensAt, 3]);
    room.pass(30_000);
    is(room.checkIn(1, "tag3"), "admitted");
  });

  test("keeps to who came later the places behind", () => {
    const room = drawnRoom(3);
    assert.deepEqual(room.enter("late"), { is: "far", number: 4, tag: "late" });
  });

  test("is not needed where nobody registered", () => {
    const room = lotteryRoom();
    room.now = opensAt;
    assert.deepEqual([room.batch().status.mode, room.state.registered], ["open", 0]);
    is(room.enter("a"), "admitted");
  });

  test("is awaited where a room is opened by hand", () => {
    const room = lotteryRoom();
    is(room.enter("a"), "registered");
    room.change({ mode: "open" });
    room.pass(1000);
    assert.deepEqual([room.state.registered, room.state.frontier], [1, 0]);
    is(room.enter("b"), "far");
    room.change({ draw: drawOf(room) });
    room.pass(1000);
    is(room.checkIn(1, "a"), "admitted");
  });

  test("counts for one line only: another one begins without a lottery", () => {
    const room = drawnRoom(3);
    room.change({ dropsLine: true });
    const { status } = room.batch();
    assert.deepEqual([status.epoch, status.registered, status.drawnBy], [2, 0, ""]);
    is(room.enter("a"), "waiting");
  });

  test("a line that is dropped during registration begins with a registration", () => {
    const room = lotteryRoom();
    room.enter("a");
    room.change({ dropsLine: true });
    assert.deepEqual(room.enter("b"), { is: "registered", number: 1, tag: "b" });
  });
});

describe("a lottery and a loss of the state (W17)", () => {
  test("what a node has seen of a draw is the draw, whatever else is lost", () => {
    const room = drawnRoom(5);
    is(room.enter("late"), "far");
    const seen = seenOf(room);
    room.lose();
    room.seen = seen;
    const { status } = room.batch();
    assert.deepEqual([status.registered, status.drawnBy, status.beacon, status.issued], [
      5,
      "beacon",
      "6c3f",
      6,
    ]);
    room.seen = undefined;
    room.change({ draw: drawOf(room, { beacon: "another" }) });
    assert.equal(room.state.beacon, "6c3f");
  });

  test("a state that fell back to the registration has the same draw", () => {
    const room = lotteryRoom();
    for (const tag of ["a", "b"]) room.enter(tag);
    const other = lotteryRoom();
    other.enter("a");
    room.now = other.now = opensAt - 60_000;
    room.batch();
    room.change({ draw: drawOf(room) });
    const seen = seenOf(room);
    room.lose(other.state);
    // It closes by itself, with fewer numbers, before anybody says what was.
    room.now += 500;
    room.batch();
    assert.equal(room.state.registered, 1);
    room.seen = seen;
    assert.deepEqual([room.batch().status.registered, room.state.drawnBy], [2, "beacon"]);
  });

  test("a registration that the state does not know any more proves the loss", () => {
    const room = lotteryRoom();
    for (const tag of ["a", "b"]) room.enter(tag);
    room.lose();
    room.change({ commit: { commitment: "bound", opensAt: beginning + opensAt } });
    is(room.checkIn(2, "b", { isRegistration: true }), "registered");
    assert.equal(room.state.issued, 2);
    is(room.enter("c"), "later");
    room.now += 3000;
    assert.deepEqual(room.enter("c"), { is: "registered", number: 3, tag: "c" });
  });
});

describe("identities of a lottery (W26)", () => {
  test("keep their registrations until all places are over", () => {
    const room = roomOf({ returnMs: 5000, admitPerMinute: 600 }, { opensAt, order: "lottery" });
    room.change({ commit: { commitment: "bound", opensAt: 1 } });
    for (let at = 1; at <= 30; at++) room.enter(`id${at}`, { isIdentity: true });
    room.now = opensAt - 60_000;
    room.batch();
    room.change({ draw: drawOf(room) });
    room.pass(60_000);
    for (let place = 10; place <= 20; place++) {
      room.checkIn(place, `x${place}`);
      room.pass(1000);
    }
    assert.ok((room.state.line[0] ?? 0) >= 1 && (room.state.line[0] ?? 0) < 30);
    assert.deepEqual(room.enter("id1", { isIdentity: true }), { is: "registered", number: 1, tag: "id1" });
  });
});

describe("the order of a room (W1)", () => {
  test("changes while nobody has a number, and never afterwards", () => {
    const room = roomOf({}, { opensAt });
    const lottery = { ...room.state.configured, order: "lottery" as const, since: beginning + 1 };
    room.batch();
    const changed = roomOf({}, { opensAt });
    changed.enter("a");
    for (const { state } of [room, changed]) {
      step(state, { room: lottery, seen: undefined, commands: [] }, beginning + 10);
    }
    assert.deepEqual([room.state.order, room.state.registered], ["lottery", -1]);
    assert.deepEqual([changed.state.order, changed.state.registered], ["arrival", 0]);
  });
});

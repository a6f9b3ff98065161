/** W38: a rate that follows what the application can take. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Autotune,
  readRecord,
  recordOf,
  type Report,
  statusOf,
  type Tuned,
} from "../../../../plugins/waiting-room/machine/mod.ts";
import { beginning, is, type Room, roomOf, seenOf } from "./_room.ts";

const autotune: Autotune = { targetMs: 100, maxErrorRate: 0.05, min: 30, max: 900 };

/** What was heard of so many visitors. */
function heard(meanMs: number, errors = 0, visitors = 40): Report {
  return { visitors, timed: visitors, sumMs: visitors * meanMs, errors: visitors * errors };
}

const quick = heard(50);
const slow = heard(150);

function tunedRoom(admitPerMinute = 600): Room {
  const room = roomOf({ admitPerMinute, burstSeconds: 3 }, { autotune });
  room.batch();
  return room;
}

/** Ten seconds in which a report comes, and as many people as a share of the rate. */
function tenSeconds(room: Room, report: Report | undefined, used = 1): Tuned {
  const count = Math.round(room.state.limits.admitPerMinute / 6 * used);
  const end = room.now + 10_000;
  for (let at = 1; at <= count; at++) {
    room.now = end - 10_000 + Math.floor(10_000 * at / count);
    is(room.enter(`${end}.${at}`), "admitted");
  }
  room.now = end;
  room.report = report;
  return tunedOf(room);
}

function tunedOf(room: Room): Tuned {
  const { tuned } = room.batch().status;
  assert.ok(tuned);
  return tuned;
}

function rateOf({ state }: Room): number {
  return state.limits.admitPerMinute;
}

describe("a rate that is tuned (W38)", () => {
  const decisions: readonly (readonly [
    about: string,
    report: Report | undefined,
    used: number,
    why: Tuned["why"],
    rate: number,
  ])[] = [
    ["falls to seven tenths where answers take too long", slow, 1, "slow", 420],
    ["and where too many fail", heard(50, 0.06, 100), 1, "errors", 420],
    ["and where all fail, of whom nothing is measured", { ...quick, timed: 0, errors: 40 }, 1, "errors", 420],
    ["grows by a fiftieth where all is well, and it was used", quick, 1, "used", 612],
    ["stays where it was not used: nothing is known of a higher one", quick, 0.85, "unused", 600],
    ["stays where answers take exactly as long as they may", heard(100), 0.5, "unused", 600],
    ["stays with as many errors as may be", heard(50, 0.05, 100), 0.5, "unused", 600],
    [
      "stays where three errors are all, as of one visitor in several reports",
      heard(50, 0.3, 10),
      0.5,
      "unused",
      600,
    ],
  ];
  for (const [about, report, used, why, rate] of decisions) {
    test(about, () => {
      const room = tunedRoom();
      const tuned = tenSeconds(room, report, used);
      assert.deepEqual([tuned.why, tuned.from, Math.round(rateOf(room) * 1e6) / 1e6], [why, 600, rate]);
      assert.equal(tuned.at, beginning + room.now);
    });
  }

  test("tells by which figures it was decided", () => {
    const room = tunedRoom();
    const { visitors, meanMs, errorRate, used, heldSince } = tenSeconds(room, heard(150, 0.02, 50), 0.5);
    assert.deepEqual([visitors, meanMs, errorRate, used, heldSince], [50, 150, 0.02, 0.5, 0]);
  });

  test("grows by one a minute at least, and stays within its bounds", () => {
    const room = tunedRoom(30);
    tenSeconds(room, slow);
    assert.equal(rateOf(room), 30);
    tenSeconds(room, quick);
    assert.equal(rateOf(room), 31);
    const high = tunedRoom(890);
    tenSeconds(high, quick);
    assert.equal(rateOf(high), 900);
  });

  test("adds up what all nodes tell, and decides once", () => {
    const room = tunedRoom();
    room.now = 4000;
    for (const report of [quick, quick, slow]) {
      room.report = report;
      room.batch();
    }
    room.now = 10_000;
    const tuned = tunedOf(room);
    assert.deepEqual([tuned.visitors, Math.round(tuned.meanMs)], [120, 83]);
    room.report = slow;
    room.batch();
    room.now = 19_999;
    assert.equal(tunedOf(room).at, tuned.at);
    room.now = 20_000;
    assert.deepEqual([tunedOf(room).why, tunedOf(room).visitors], ["slow", 40]);
  });

  test("waits up to a minute for five visitors, and then stays", () => {
    const room = tunedRoom();
    room.report = heard(150, 0, 4);
    room.pass(59_750);
    assert.equal(tunedOf(room).why, "new");
    room.pass(250);
    assert.deepEqual([tunedOf(room).why, rateOf(room)], ["few", 600]);
    room.report = heard(150, 0, 4);
    room.pass(30_000);
    room.report = heard(150, 0, 1);
    room.batch();
    assert.deepEqual([tunedOf(room).why, rateOf(room)], ["slow", 420]);
  });

  test("does not move while nobody is let in, and forgets what was heard before", () => {
    for (const mode of ["paused", "closed", "bypass"] as const) {
      const room = tunedRoom();
      room.now = 5000;
      room.report = slow;
      room.batch();
      room.change({ mode });
      room.report = slow;
      room.pass(60_000);
      room.change({ mode: "open" });
      room.pass(61_000);
      assert.deepEqual([tunedOf(room).why, rateOf(room)], ["few", 600], mode);
    }
  });

  test("changes by the rule of every rate: what is owed stays the same share of the burst (W7)", () => {
    const room = tunedRoom();
    room.now = 10_000;
    for (let at = 0; at < 31; at++) is(room.enter(`b${at}`), "admitted");
    is(room.enter("next"), "waiting");
    room.report = slow;
    const { status } = room.batch();
    assert.deepEqual([status.tuned?.why, status.free, status.revision], ["slow", 0, 0]);
  });

  test("is nobody's where none is configured, whatever nodes report", () => {
    const room = roomOf();
    room.report = slow;
    room.pass(20_000);
    const { status } = room.batch();
    assert.deepEqual([status.tuned, rateOf(room)], [undefined, 60]);
  });
});

describe("a rate that is tuned, and whoever runs the room", () => {
  test("holds what they set, outside of the bounds as well, until they hand it back", () => {
    const room = tunedRoom();
    room.change({ limits: { admitPerMinute: 0 } });
    const since = beginning + room.now;
    room.pass(3_600_000);
    assert.deepEqual([rateOf(room), tunedOf(room).heldSince], [0, since]);
    tenSeconds(room, quick, 0);
    assert.deepEqual([rateOf(room), tunedOf(room).why], [0, "held"]);
    room.change({ autotune: true });
    // A rate of nobody that becomes one of somebody begins with nothing saved up.
    assert.deepEqual([tunedOf(room).heldSince, rateOf(room)], [0, 30]);
    tenSeconds(room, quick);
    assert.equal(rateOf(room), 31);
  });

  test("holds it by a word, too, and a change that hands it over at once is where it begins", () => {
    const room = tunedRoom();
    room.change({ autotune: false });
    tenSeconds(room, slow);
    assert.deepEqual([rateOf(room), tunedOf(room).why], [600, "held"]);
    room.change({ limits: { admitPerMinute: 300 }, autotune: true });
    tenSeconds(room, slow);
    assert.equal(rateOf(room), 210);
  });

  test("goes on after any other change, and none of its decisions is in the way of one", () => {
    const room = tunedRoom();
    const { revision } = tenSeconds(room, slow) && room.batch().status;
    is(room.one({ do: "control", change: { limits: { capacity: 500 }, note: "soon" }, revision }), "ok");
    tenSeconds(room, slow, 0);
    assert.equal(Math.round(rateOf(room)), 294);
  });

  test("is what a younger configuration says, where that says another one", () => {
    const room = tunedRoom();
    room.change({ limits: { admitPerMinute: 0 } });
    room.now = 1000;
    room.deploy({ note: "soon" });
    assert.deepEqual([rateOf(room), tunedOf(room).heldSince > 0], [0, true]);
    room.now = 2000;
    room.deploy({ limits: { ...room.state.configured.limits, admitPerMinute: 120 } });
    assert.deepEqual([rateOf(room), tunedOf(room).heldSince], [120, 0]);
    room.now = 3000;
    room.deploy({ autotune: { ...autotune, max: 100 } });
    assert.equal(rateOf(room), 100);
  });

  test("is the configured one again where it is not tuned any more, unless somebody set it", () => {
    for (const [change, rate] of [[{}, 120], [{ limits: { admitPerMinute: 7 } }, 7]] as const) {
      const room = tunedRoom(120);
      tenSeconds(room, slow);
      room.change(change);
      const { autotune: _autotune, ...without } = room.state.configured;
      // What is left out counts as not given.
      room.deploy({ ...without, autotune: undefined } as Partial<typeof without>);
      assert.deepEqual([rateOf(room), room.batch().status.tuned], [rate, undefined]);
    }
  });

  test("stays what somebody had set before it was tuned", () => {
    const room = roomOf({ admitPerMinute: 600 });
    room.change({ limits: { admitPerMinute: 0 } });
    room.now = 1000;
    room.deploy({ autotune });
    assert.deepEqual([rateOf(room), tunedOf(room).heldSince], [0, beginning + 1000]);
  });
});

describe("a rate that is tuned, and a store that lost it (W17)", () => {
  test("goes on where the nodes saw it last", () => {
    const room = tunedRoom();
    tenSeconds(room, slow);
    room.seen = seenOf(room);
    room.lose();
    const { status } = room.batch();
    assert.deepEqual([status.limits.admitPerMinute, status.tuned], [420, room.seen.tuned]);
  });

  test("goes on by what is younger: a decision that the node has not seen, or a change", () => {
    const room = tunedRoom();
    tenSeconds(room, slow);
    const old = seenOf(room);
    tenSeconds(room, slow);
    const kept = readRecord(structuredClone(recordOf(room.state)));
    // It went back a little, and knows a later decision than the node.
    room.seen = { ...old, admitted: 1_000_000 };
    room.lose(kept);
    assert.equal(Math.round(room.batch().status.limits.admitPerMinute), 294);
    room.seen = undefined;
    room.change({ limits: { admitPerMinute: 0 } });
    room.seen = seenOf(room);
    room.lose();
    const { status } = room.batch();
    assert.deepEqual([status.limits.admitPerMinute, (status.tuned?.heldSince ?? 0) > 0], [0, true]);
  });

  test("begins at the configured one where no node knows, and counts nothing that was lost", () => {
    const room = tunedRoom();
    tenSeconds(room, slow);
    room.lose();
    const { status } = room.batch();
    assert.deepEqual([status.limits.admitPerMinute, status.tuned?.why], [600, "new"]);
    assert.equal(statusOf(room.state, status.now).tuned?.at, 0);
  });
});

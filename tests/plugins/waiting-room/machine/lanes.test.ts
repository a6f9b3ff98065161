import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  priorityBase,
  readRecord,
  recordOf,
  statusOf,
} from "../../../../plugins/waiting-room/machine/mod.ts";
import { beginning, fill, is, type Room, roomOf } from "./_room.ts";

const priority = { weight: 3 };

/** Opens a room before which so many wait in each lane, and all are there. */
function crowdOf(
  more: Parameters<typeof roomOf>[0],
  weight: number,
  [some, others]: readonly [number, number],
) {
  const room = roomOf({ admitPerMinute: 60, burstSeconds: 0, ...more }, {
    priority: { weight },
    opensAt: 1000,
  });
  const all = {
    some: Array.from({ length: some }, (_, at) => room.joins(`p${at}`, { isPriority: true })),
    others: Array.from({ length: others }, (_, at) => room.joins(`o${at}`)),
  };
  room.now = 1000;
  return { room, all };
}

interface Lanes {
  readonly some: readonly number[];
  readonly others: readonly number[];
}

function enters(room: Room, tag: string) {
  return room.enter(tag, { isPriority: true });
}

/** Lets everybody call, again and again for so long, and tells who comes in, in their order: `p` and `o` with their turns. */
function admitted(room: Room, { some, others }: Lanes, ms: number): readonly string[] {
  const found: string[] = [];
  const until = room.now + ms;
  for (; room.now < until; room.now += 250) {
    for (const [letter, lane] of [["o", others], ["p", some]] as const) {
      for (const [at, number] of lane.entries()) {
        const tag = `${letter}${at}`;
        if (found.includes(tag)) continue;
        if (room.checkIn(number, tag).is === "admitted") found.push(tag);
      }
    }
  }
  return found;
}

function ofLane(found: readonly string[], letter: string): readonly string[] {
  return found.filter((tag) => tag.startsWith(letter));
}

describe("two lanes (W42)", () => {
  test("give numbers apart, and a number says of which lane it is", () => {
    const room = roomOf({ admitPerMinute: 0 }, { priority });
    assert.deepEqual([room.joins("a"), room.joins("b")], [1, 2]);
    assert.equal(is(enters(room, "c"), "waiting").number, priorityBase + 1);
    assert.equal(is(enters(room, "d"), "waiting").number, priorityBase + 2);
    // Sent again after a lost answer.
    assert.equal(is(enters(room, "d"), "waiting").number, priorityBase + 2);
    assert.equal(room.joins("e"), 3);
    const { status } = room.batch();
    assert.deepEqual([status.issued, status.priority?.issued, status.joined], [3, priorityBase + 2, 5]);
    assert.deepEqual([status.present, status.priority?.present], [3, 2]);
  });

  test("are one where the room has no other, whoever asks for it", () => {
    const room = roomOf({ admitPerMinute: 0 });
    assert.equal(is(enters(room, "a"), "waiting").number, 1);
    assert.equal(room.state.priority, undefined);
    assert.ok(!("priority" in room.batch().status));
  });

  test("share what is admitted by their weights, in order in each", () => {
    const { room, all } = crowdOf({}, 3, [60, 20]);
    const found = admitted(room, all, 40_000);
    const some = ofLane(found, "p");
    const others = ofLane(found, "o");
    assert.equal(found.length, some.length + others.length);
    assert.ok(Math.abs(some.length - 3 * others.length) <= 3, `${some.length} and ${others.length}`);
    assert.deepEqual(some, some.map((_, at) => `p${at}`));
    assert.deepEqual(others, others.map((_, at) => `o${at}`));
    // Never more than a turn of one lane in a row.
    assert.doesNotMatch(found.map(([letter]) => letter).join("").slice(8), /pppp|oo/);
  });

  test("may have weights that are fractions, and less than one", () => {
    const { room, all } = crowdOf({}, 0.5, [25, 50]);
    const found = admitted(room, all, 36_000);
    assert.ok(Math.abs(2 * ofLane(found, "p").length - ofLane(found, "o").length) <= 2, String(found));
  });

  for (const [empty, full] of [["some", "others"], ["others", "some"]] as const) {
    test(`give all to the one lane where the other is empty: ${full}, and nothing is owed to ${empty}`, () => {
      const { room, all } = crowdOf({}, 3, [40, 20]);
      const letter = full === "some" ? "p" : "o";
      for (const [at, number] of all[empty].entries()) {
        room.leave(number, `${empty === "some" ? "p" : "o"}${at}`);
      }
      const found = admitted(room, { some: [], others: [], [full]: all[full] }, 15_000);
      assert.ok(found.length >= 15, String(found.length));
      assert.equal(ofLane(found, letter).length, found.length);
      assert.equal(room.state.priority?.ahead, 0);
    });
  }

  test("let a newcomer in before those who wait in the other lane, where it is the lane's turn", () => {
    const room = roomOf({ admitPerMinute: 60, burstSeconds: 0 }, { priority });
    fill(room, 3);
    const waiting = Array.from({ length: 5 }, (_, at) => room.joins(`o${at}`));
    room.now += 1000;
    assert.equal(enters(room, "new").is, "admitted");
    // Then it is that of the others: of the first one, and not of all.
    room.now += 1000;
    const next = is(enters(room, "next"), "waiting").number;
    assert.deepEqual([room.checkIn(waiting[1] ?? 0, "o1").is, room.checkIn(waiting[0] ?? 0, "o0").is], [
      "waiting",
      "admitted",
    ]);
    room.now += 1000;
    assert.deepEqual([room.checkIn(waiting[1] ?? 0, "o1").is, room.checkIn(next, "next").is], [
      "waiting",
      "admitted",
    ]);
  });

  test("are no way past the limits", () => {
    const { room, all } = crowdOf({ admitPerMinute: 6000, burstSeconds: 3, capacity: 8 }, 3, [20, 20]);
    const found = admitted(room, all, 5000);
    assert.deepEqual([ofLane(found, "p").length, ofLane(found, "o").length], [6, 2]);
    assert.equal(room.state.sessions.size, 8);
  });

  test("lose places each by those of the own lane who were let in past them", () => {
    const { room, all: { some, others } } = crowdOf({ returnMs: 10_000 }, 3, [60, 5]);
    // The first of each goes away; only the others of the priority lane go on.
    for (; room.now < 60_000; room.now += 1000) {
      for (const [at, number] of some.entries()) if (at > 0) room.checkIn(number, `p${at}`);
    }
    assert.equal(is(room.checkIn(some[0] ?? 0, "p0"), "lapsed").wasUsed, false);
    assert.notEqual(room.checkIn(others[0] ?? 0, "o0").is, "lapsed");
  });

  test("begin anew where the line is dropped, and nobody inside goes", () => {
    const room = roomOf({}, { priority });
    const { number } = is(enters(room, "in"), "admitted");
    enters(room, "more");
    room.change({ dropsLine: true });
    assert.deepEqual([room.state.priority?.issued, room.state.priority?.passed], [
      priorityBase,
      priorityBase,
    ]);
    assert.equal(
      is(room.one({ do: "checkIn", epoch: 1, number, tag: "in", issuedAt: beginning }), "admitted").again,
      true,
    );
    assert.equal(is(enters(room, "next"), "admitted").number, priorityBase + 1);
  });

  test("come and go with the configuration, and who has a number keeps it", () => {
    const room = roomOf({ admitPerMinute: 0 });
    room.joins("a");
    room.now += 1000;
    room.deploy({ priority: { weight: 2 } });
    const { number } = is(enters(room, "b"), "waiting");
    assert.deepEqual([number, room.state.priority?.weight], [priorityBase + 1, 2]);
    room.now += 1000;
    room.deploy({ priority: { weight: 5 } });
    assert.equal(room.state.priority?.weight, 5);
    room.now += 1000;
    const { priority: _priority, ...without } = room.state.configured;
    room.deploy({ ...without, priority: undefined as never });
    assert.equal(room.checkIn(number, "b").is, "waiting");
  });

  test("are written and read again as they were, and what an older one lacks is added", () => {
    const { room } = crowdOf({}, 3, [20, 20]);
    room.pass(3000);
    const written = recordOf(room.state);
    const read = readRecord(JSON.parse(JSON.stringify(written)));
    assert.deepEqual(recordOf(read), written);
    assert.deepEqual(statusOf(read, read.last), statusOf(room.state, room.state.last));
    const older = readRecord({
      ...written,
      scalars: { ...written.scalars, priority: { issued: priorityBase + 9 } },
    });
    assert.deepEqual([older.priority?.issued, older.priority?.share], [priorityBase + 9, 0.7]);
    assert.throws(
      () => readRecord({ ...written, scalars: { ...written.scalars, priority: { issued: "many" } } }),
      /"issued" that is none/,
    );
  });
});

describe("two lanes after a loss of the state (W17, W42)", () => {
  test("come back by what a node saw of them", () => {
    const { room, all } = crowdOf({}, 3, [30, 30]);
    admitted(room, all, 20_000);
    const { status } = room.batch();
    room.lose();
    room.seen = status;
    const { status: next } = room.batch();
    assert.equal(next.recoveries, 1);
    for (const name of ["issued", "frontier", "passed", "admitted"] as const) {
      assert.equal(next.priority?.[name], status.priority?.[name], name);
    }
    assert.equal(enters(room, "new").is, "later");
  });

  test("come back by a ticket, also where nobody is configured to have priority any more", () => {
    for (const own of [priority, undefined]) {
      const room = roomOf({ admitPerMinute: 0 }, own === undefined ? {} : { priority: own });
      assert.equal(room.checkIn(priorityBase + 40, "a").is, "far");
      assert.deepEqual([room.state.recoveries, room.state.priority?.issued], [1, priorityBase + 40]);
      assert.equal(room.state.issued, 0);
    }
  });

  test("are not found to be lost by a node that saw as much", () => {
    const { room, all } = crowdOf({}, 3, [20, 20]);
    admitted(room, all, 5000);
    room.seen = room.batch().status;
    assert.equal(room.batch().status.recoveries, 0);
  });
});

describe("a single place for two lanes (W10, W42)", () => {
  for (const ahead of [-1, 0, 0.5, 1]) {
    test(`goes to somebody where hidden pages of both were passed, and one of them is ${ahead} ahead`, () => {
      const { room, all } = crowdOf({ capacity: 1 }, 3, [2, 2]);
      const { state } = room;
      assert.ok(state.priority !== undefined);
      const [p0 = 0, p1 = 0] = all.some, [o0 = 0, o1 = 0] = all.others;
      // Before each who shows the page there is one in the other lane who does not, and behind each one in their own.
      Object.assign(state, { passed: o1, frontier: o1 });
      Object.assign(state.priority, { passed: p1, frontier: p1, ahead });
      state.mode = "paused";
      const call = () =>
        [
          room.checkIn(o0, "o0"),
          room.checkIn(o1, "o1", { isHidden: true }),
          room.checkIn(p0, "p0"),
          room.checkIn(p1, "p1", { isHidden: true }),
        ].map((outcome) => outcome.is);
      assert.deepEqual(new Set(call()), new Set(["waiting"]));
      state.mode = "open";
      room.now += 1000;
      assert.ok(call().includes("admitted"));
    });
  }
});

describe("a lane of which nobody shows the page (W10, W42)", () => {
  for (const hidden of ["some", "others"] as const) {
    test(`has its turn beside a crowd of the other one: ${hidden}`, () => {
      const sizes = hidden === "some" ? [1, 12] as const : [12, 1] as const;
      const { room, all } = crowdOf({ capacity: 1, admitPerMinute: 600 }, 3, sizes);
      const { state } = room;
      assert.ok(state.priority !== undefined);
      const [h0 = 0] = all[hidden];
      const crowd = all[hidden === "some" ? "others" : "some"];
      Object.assign(state, { passed: hidden === "some" ? 0 : h0, frontier: all.others.at(-1) });
      Object.assign(state.priority, {
        passed: hidden === "some" ? h0 : priorityBase,
        frontier: all.some.at(-1),
      });
      const [own, other] = hidden === "some" ? ["p", "o"] : ["o", "p"];
      const callHidden = () => room.checkIn(h0, `${own}0`, { isHidden: true }).is;
      let before = 0;
      for (let turns = 0; callHidden() !== "admitted" && turns < 12; turns++) {
        for (const [at, number] of crowd.entries()) {
          const tag = `${other}${at}`;
          if (room.checkIn(number, tag).is !== "admitted") continue;
          before++;
          room.renew(number, tag);
          room.leave(number, tag);
        }
        room.now += 60_000;
      }
      assert.ok(before <= 4, `${before} of the others came first`);
    });
  }
});

describe("an identity (W26, W42)", () => {
  const account = { isIdentity: true };

  test("has one number: that of the priority lane is good wherever it is asked for", () => {
    const room = roomOf({ admitPerMinute: 0 }, { priority });
    const { number } = is(room.enter("id", { ...account, isPriority: true }), "waiting");
    assert.equal(is(room.enter("id", account), "waiting").number, number);
    assert.deepEqual([room.state.issued, room.state.identities.size], [0, 0]);
  });

  test("that comes to have priority gets another one, and the one before is used up", () => {
    const room = roomOf({ admitPerMinute: 0 }, { priority });
    const { number } = is(room.enter("id", account), "waiting");
    const next = is(room.enter("id", { ...account, isPriority: true }), "waiting").number;
    assert.ok(next > priorityBase);
    assert.equal(is(room.checkIn(number, "id"), "lapsed").wasUsed, true);
    assert.equal(is(room.enter("id", account), "waiting").number, next);
    assert.equal(room.state.front.size, 0);
  });
});

describe("an identity that comes to have priority (W26, W42)", () => {
  const account = { isIdentity: true };
  const asMember = { ...account, isPriority: true };

  test("is inside once, whichever number let it in", () => {
    const room = roomOf({}, { priority });
    const { number } = is(room.enter("id", account), "admitted");
    room.renew(number, "id");
    const again = is(room.enter("id", asMember), "admitted");
    assert.deepEqual([again.again, again.number, room.state.sessions.size], [true, number, 1]);
  });

  test("keeps its number while there are no others", () => {
    const room = roomOf({ admitPerMinute: 0 }, { priority });
    const number = room.joins("id", account);
    room.change({ mode: "draining" });
    assert.equal(is(room.enter("id", asMember), "waiting").number, number);
    room.change({ mode: "closed" });
    assert.equal(room.enter("id", asMember).is, "closed");
    room.change({ mode: "open" });
    room.checkIn(number + 1, "far");
    assert.equal(is(room.enter("id", asMember), "waiting").number, number);
    room.pass(3000);
    assert.ok(is(room.enter("id", asMember), "waiting").number > priorityBase);
  });

  test("has one number of both lanes, however often it comes to have priority and has it no more", () => {
    const room = roomOf({ admitPerMinute: 0 }, { priority });
    const first = room.joins("id", asMember);
    room.leave(first, "id");
    room.state.priority!.spent.put(`${first}.id`, first);
    const second = room.joins("id", account);
    const third = room.joins("id", asMember);
    assert.deepEqual([second < priorityBase, third > first], [true, true]);
    assert.equal(room.checkIn(second, "id").is, "lapsed");
    assert.equal(room.state.identities.size + room.state.priority!.identities.size, 1);
  });
});

describe("somebody who passes by (W42)", () => {
  const bypasses = { bypasses: true };

  test("is let in whatever the room does, without a number, and counts", () => {
    for (const mode of ["open", "paused", "closed", "sold-out", "draining"] as const) {
      const room = roomOf({ capacity: 1 }, { priority });
      fill(room, 1);
      room.change({ mode });
      const { number, again } = is(room.enter("staff", bypasses), "admitted");
      assert.deepEqual([number, again, room.state.sessions.size], [0, false, 2], mode);
      // Sent again, it is the same one.
      assert.equal(is(room.enter("staff", bypasses), "admitted").again, true);
      assert.deepEqual([room.state.sessions.size, room.state.issued, room.state.admitted], [2, 1, 2]);
    }
  });

  test("takes nothing of the rate, and moves nobody's place", () => {
    const room = roomOf({ admitPerMinute: 60, returnMs: 10_000 });
    fill(room, 3);
    const away = room.joins("away");
    room.joins("second");
    const { tat, passed } = room.state;
    for (let at = 0; at < 50; at++) {
      room.now += 1000;
      room.enter(`staff${at}`, bypasses);
    }
    assert.deepEqual([room.state.passed, room.state.line[0]], [passed, 0]);
    assert.equal(room.state.tat, tat);
    assert.equal(room.checkIn(away, "away").is, "admitted");
  });

  test("is renewed and ends as others do, and has no ticket", () => {
    const room = roomOf({ sessionMs: 60_000 });
    is(room.enter("staff", bypasses), "admitted");
    assert.equal(room.renew(0, "staff").is, "renewed");
    assert.equal(room.checkIn(0, "nobody").is, "unknown");
    room.pass(70_000);
    assert.equal(room.renew(0, "staff").is, "ended");
    assert.equal(room.checkIn(0, "staff").is, "unknown");
    assert.equal(is(room.enter("staff", bypasses), "admitted").again, false);
    room.leave(0, "staff");
    assert.equal(is(room.enter("staff", bypasses), "admitted").again, false);
  });
});

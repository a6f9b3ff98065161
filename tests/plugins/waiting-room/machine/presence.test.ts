import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { beginning, fill, is, type Room, roomOf } from "./_room.ts";

/** A room with so many people at its front, who have numbers from four on. */
function crowded(
  count: number,
  more: Parameters<typeof roomOf>[0] = {},
): { room: Room; numbers: readonly number[] } {
  const room = roomOf(more);
  fill(room, 3);
  return { room, numbers: Array.from({ length: count }, (_, at) => room.joins(`w${at}`)) };
}

describe("the order (W9)", () => {
  test("lets nobody in whose rank is not below what is free", () => {
    const { room, numbers: [first = 0, second = 0] } = crowded(2);
    room.now = 1000;
    assert.equal(is(room.checkIn(second, "w1"), "waiting").rank, 1);
    is(room.checkIn(first, "w0"), "admitted");
    room.now = 2000;
    is(room.checkIn(second, "w1"), "admitted");
  });

  test("lets those in who are within what is free, whoever of them calls first", () => {
    const { room, numbers: [first = 0, second = 0, third = 0] } = crowded(3);
    room.now = 2000;
    is(room.checkIn(third, "w2"), "waiting");
    const { rank, free } = is(room.checkIn(second, "w1"), "admitted");
    assert.deepEqual([rank, free], [1, 2]);
    is(room.checkIn(first, "w0"), "admitted");
  });

  test("gives each number once, and the next one to the next", () => {
    const { room, numbers } = crowded(50);
    assert.deepEqual(numbers, Array.from({ length: 50 }, (_, at) => at + 4));
    assert.equal(room.state.issued, 53);
  });

  const fast:
    readonly (readonly [name: string, prepare: (room: Room) => void, outcome: "admitted" | "waiting"])[] = [
      ["lets a newcomer in at once where nobody waits", () => {}, "admitted"],
      [
        "lets no newcomer in while the frontier has just moved",
        (room) => void (room.state.quietUntil = room.state.last + 10_001),
        "waiting",
      ],
      [
        "lets no newcomer in while somebody is asleep who was called",
        (room) => {
          room.state.issued = room.state.frontier = 1;
          room.change({ mode: "paused" });
          room.checkIn(1, "sleeper", { isHidden: true });
          room.change({ mode: "open" });
        },
        "waiting",
      ],
    ];
  for (const [name, prepare, outcome] of fast) {
    test(name, () => {
      const room = roomOf();
      prepare(room);
      is(room.enter("new"), outcome);
    });
  }

  test("puts a newcomer behind those who have not been called", () => {
    const room = roomOf();
    room.state.issued = 5000;
    assert.deepEqual(is(room.enter("new"), "far").number, 5001);
  });
});

describe("identities (W26)", () => {
  test("have one number each, until it is lost or used", () => {
    const { room } = crowded(1);
    const { number } = is(room.enter("ada", { isIdentity: true }), "waiting");
    assert.equal(is(room.enter("ada", { isIdentity: true }), "waiting").number, number);
    assert.notEqual(is(room.enter("ada"), "waiting").number, number, "a visitor's tag is no identity's");
  });

  test("are known up to 250,000 of them: where there are more, the lowest numbers are forgotten", () => {
    const room = roomOf();
    const { state } = room;
    const most = 250_000;
    room.change({ limits: { admitPerMinute: 0 } });
    for (let at = 1; at <= most; at++) state.identities.put(`i${at}`, at);
    state.issued = most;
    assert.equal(is(room.enter(`i${most}`, { isIdentity: true }), "far").number, most);
    assert.equal(state.identities.size, most, "who is known is no further one");
    assert.equal(is(room.enter("ada", { isIdentity: true }), "far").number, most + 1);
    assert.equal(state.identities.size, most - 1);
    assert.equal(is(room.enter("i3", { isIdentity: true }), "far").number, 3);
    assert.equal(is(room.enter("i1", { isIdentity: true }), "far").number, most + 2);
  });
});

describe("presence (W10)", () => {
  test("ends 1.2 times what was told, and a second, after the call", () => {
    const { room, numbers: [first = 0] } = crowded(1);
    room.change({ limits: { admitPerMinute: 0 } });
    const { nextMs } = is(room.checkIn(first, "w0"), "waiting");
    const lasts = Math.ceil(nextMs * 1.2) + 1000;
    room.now += lasts - 1;
    assert.equal(room.batch().status.present, 1);
    room.now += 1;
    assert.equal(room.batch().status.present, 0);
  });

  test("of a hidden page holds no rank, lasts 90 s, and ends when the page is looked at", () => {
    const { room, numbers: [first = 0, second = 0] } = crowded(2);
    room.change({ limits: { admitPerMinute: 0 } });
    is(room.checkIn(first, "w0", { isHidden: true }), "waiting");
    assert.equal(is(room.checkIn(second, "w1"), "waiting").rank, 0);
    const { present, asleep } = room.batch().status;
    assert.deepEqual([present, asleep], [1, 1]);
    room.now += 89_999;
    assert.equal(room.batch().status.asleep, 1);
    is(room.checkIn(first, "w0"), "waiting");
    assert.deepEqual([room.state.front.size, room.state.asleep.size], [1, 0]);
  });

  test("of a hidden page may end in admission, at its own call", () => {
    const { room, numbers: [first = 0] } = crowded(1);
    is(room.checkIn(first, "w0", { isHidden: true }), "waiting");
    room.now += 60_000;
    is(room.checkIn(first, "w0", { isHidden: true }), "admitted");
  });

  test("keeps an admission for hidden pages that were passed", () => {
    const { room, numbers: [first = 0, second = 0, third = 0, fourth = 0] } = crowded(4);
    is(room.checkIn(first, "w0", { isHidden: true }), "waiting");
    room.now = 1000;
    // Nobody has passed the hidden page yet.
    is(room.checkIn(second, "w1"), "admitted");
    room.now = 2000;
    is(room.checkIn(third, "w2"), "waiting");
    is(room.checkIn(first, "w0", { isHidden: true }), "admitted");
    room.now = 3000;
    is(room.checkIn(third, "w2"), "admitted");
    room.now = 4000;
    is(room.checkIn(fourth, "w3"), "admitted");
  });

  test("ends when somebody leaves", () => {
    const { room, numbers: [first = 0, second = 0] } = crowded(2);
    is(room.leave(first, "w0"), "left");
    room.now = 1000;
    assert.equal(is(room.checkIn(second, "w1"), "admitted").rank, 0);
    assert.equal(room.state.left, 0);
  });
});

describe("coming back (W11)", () => {
  /** Lets people in past number 4, who is away, for a time. */
  function passing(room: Room, ms: number): void {
    const until = room.now + ms;
    for (let at = 0; room.now < until; at++) {
      room.now += 1000;
      room.enter(`passing${at}`);
      const lowest = [...room.state.front.entries()][0];
      if (lowest !== undefined) room.checkIn(lowest[1], lowest[0].slice(lowest[0].indexOf(".") + 1));
    }
  }

  test("loses nobody within the time to come back, and everybody after six fifths of it", () => {
    for (const [ms, outcome] of [[299_000, "waiting"], [365_000, "lapsed"]] as const) {
      const { room, numbers: [away = 0] } = crowded(1);
      room.leave(away, "w0");
      passing(room, ms);
      is(room.checkIn(away, "w0"), outcome);
    }
  });

  test("loses nobody who is there, hidden or not", () => {
    const { room, numbers: [hidden = 0] } = crowded(1);
    room.change({ limits: { admitPerMinute: 60 } });
    for (let minute = 0; minute < 8; minute++) {
      const outcome = room.checkIn(hidden, "w0", { isHidden: true });
      assert.notEqual(outcome.is, "lapsed");
      if (outcome.is === "admitted") return;
      passing(room, 60_000);
    }
  });

  const clocks: readonly (readonly [name: string, stop: (room: Room) => void])[] = [
    ["a pause", (room) => void room.change({ mode: "paused" })],
    ["a full house", (room) => void room.change({ limits: { capacity: 0 } })],
    ["a rate of 0", (room) => void room.change({ limits: { admitPerMinute: 0 } })],
    ["a time in which nobody comes", () => {}],
  ];
  for (const [name, stop] of clocks) {
    test(`has its clock stopped by ${name}`, () => {
      const { room, numbers: [away = 0] } = crowded(1);
      room.leave(away, "w0");
      passing(room, 100_000);
      stop(room);
      room.pass(3_600_000);
      assert.notEqual(room.checkIn(away, "w0").is, "lapsed");
    });
  }

  for (const [name, isHidden] of [["shown", false], ["hidden", true]] as const) {
    test(`loses no page that is ${name} because the store could not be asked, and calls again within 90 s`, () => {
      for (const [lateMs, isKept] of [[0, true], [89_000, true], [91_000, false]] as const) {
        const { room, numbers: [away = 0] } = crowded(1);
        is(room.checkIn(away, "w0", { isHidden }), "waiting");
        // As if others had been let in past it for long.
        Object.assign(room.state, { passed: away, line: room.state.line.map(() => away) });
        room.now += 600_000;
        room.batch();
        room.pass(lateMs);
        const outcome = room.checkIn(away, "w0", { isHidden });
        assert.equal(outcome.is !== "lapsed", isKept, outcome.is);
      }
    });
  }

  for (
    const [missed, beforeMs, then] of [["misses one call", 20_000, "admitted"], [
      "does not call",
      60_000,
      "lapsed",
    ]] as const
  ) {
    test(`has a place for whoever was passed long ago and ${missed} although others do: it is ${then}`, () => {
      const { room, numbers: [away = 0] } = crowded(1);
      is(room.checkIn(away, "w0"), "waiting");
      Object.assign(room.state, { passed: away, line: room.state.line.map(() => away) });
      room.pass(beforeMs);
      is(room.checkIn(away, "w0"), then);
    });
  }

  test("keeps nobody over one silence after the other: a place that is free in a quiet, full house goes to who waits", () => {
    const room = roomOf({ capacity: 1 });
    is(room.enter("in"), "admitted");
    is(room.renew(1, "in"), "renewed");
    const gone = room.joins("gone");
    const next = room.joins("next");
    Object.assign(room.state, { passed: gone, line: room.state.line.map(() => gone) });
    const wait = () => room.now += is(room.checkIn(next, "next"), "waiting").nextMs;
    while (room.now < 300_000) wait();
    assert.equal(room.state.asleep.size, 0);
    is(room.leave(1, "in"), "left");
    while (room.batch().status.free === 0) wait();
    is(room.checkIn(next, "next"), "admitted");
  });

  for (const [who, comesFirst] of [["behind", false], ["before", true]] as const) {
    test(`keeps a single place ${comesFirst ? "" : "not "}for somebody ${who} who calls whose page is hidden, and whose turn is over`, () => {
      const room = roomOf({ capacity: 1 });
      is(room.enter("in"), "admitted");
      const [first, second] = [room.joins("first"), room.joins("second")];
      const [shown, hidden] = comesFirst ? [second, first] : [first, second];
      const call = () => room.checkIn(shown, shown === first ? "first" : "second");
      const callHidden = () =>
        room.checkIn(hidden, hidden === first ? "first" : "second", { isHidden: true });
      Object.assign(room.state, { passed: second });
      while (room.now < 63_000) {
        is(call(), "waiting");
        is(callHidden(), "waiting");
        room.pass(1000);
      }
      // The claim of whoever came in first is over.
      room.pass(2000);
      is(comesFirst ? call() : callHidden(), "waiting");
      is(comesFirst ? callHidden() : call(), "admitted");
    });
  }

  for (const mode of ["closed", "sold-out"] as const) {
    for (const [how, passes] of [["is asked for its status", true], ["rests", false]] as const) {
      test(`keeps whoever was there when the room became ${mode}, and ${how}, until after it is open again`, () => {
        const room = roomOf({ capacity: 1 });
        is(room.enter("in"), "admitted");
        is(room.renew(1, "in"), "renewed");
        const wait = (ms: number) => passes ? room.pass(ms) : void (room.now += ms);
        const [hidden, shown, gone] = ["hidden", "shown", "gone"].map((tag) => room.joins(tag));
        assert.ok(hidden !== undefined && shown !== undefined && gone !== undefined);
        Object.assign(room.state, { passed: gone, line: room.state.line.map(() => gone) });
        is(room.checkIn(hidden, "hidden", { isHidden: true }), "waiting");
        for (const [number, tag] of [[shown, "shown"], [gone, "gone"]] as const) {
          is(room.checkIn(number, tag), "waiting");
        }
        room.change({ mode });
        wait(3_600_000);
        is(room.checkIn(hidden, "hidden", { isHidden: true }), "closed");
        wait(80_000);
        room.change({ mode: "open" });
        room.pass(60_000);
        // The session ended meanwhile.
        is(room.checkIn(hidden, "hidden", { isHidden: true }), "admitted");
        is(room.renew(hidden, "hidden"), "renewed");
        is(room.checkIn(shown, "shown"), "waiting");
        for (let calls = 0; calls < 30; calls++) {
          room.pass(5000);
          is(room.checkIn(shown, "shown"), "waiting");
        }
        is(room.checkIn(gone, "gone"), "lapsed");
      });
    }
  }

  /** A full house with one who waits, whose page is hidden, and past whom others were let in. */
  function passedBy(line: (number: number) => readonly number[]) {
    const room = roomOf({ capacity: 1 });
    is(room.enter("in"), "admitted");
    is(room.renew(1, "in"), "renewed");
    room.joins("first");
    const number = room.joins("hidden");
    Object.assign(room.state, { passed: number, line: line(number), lineAdmitted: 0 });
    const call = () => room.checkIn(number, "hidden", { isHidden: true });
    is(call(), "waiting");
    return { room, call };
  }

  test("keeps whoever was there when the room closed also where the line moves over them as soon as it is open again", () => {
    const { room, call } = passedBy((number) => [1, ...Array<number>(5).fill(number)]);
    room.pass(55_000);
    is(call(), "waiting");
    room.change({ mode: "closed" });
    room.pass(600_000);
    room.change({ mode: "open" });
    room.pass(80_000);
    is(call(), "waiting");
  });

  for (
    const [what, silence] of [["the room was closed", "closed"], ["the store was silent", undefined]] as const
  ) {
    test(`keeps whoever was next while ${what}, where others are let in past them for less than a call of a hidden page takes`, () => {
      const room = roomOf({ returnMs: 12_000 });
      for (const tag of ["a", "b", "c"]) is(room.enter(tag), "admitted");
      const next = room.joins("next");
      const others = Array.from(
        { length: 8 },
        (_, at) => [room.joins(`other ${at}`), `other ${at}`] as const,
      );
      if (silence !== undefined) room.change({ mode: silence });
      room.now += 120_000;
      // Nobody has been let in past them so far.
      assert.equal(room.batch().status.passed, 3);
      if (silence !== undefined) room.change({ mode: "open" });
      for (const [number, tag] of others) {
        room.pass(2500);
        is(room.checkIn(number, tag), "admitted");
      }
      assert.ok(room.batch().status.lapseLine >= next);
      is(room.checkIn(next, "next"), "admitted");
    });
  }

  test("keeps whoever called in the very batch in which the room was closed and opened again", () => {
    const { room, call } = passedBy((number) => [number, number, number, number, number, number]);
    room.pass(80_000);
    const turn = (mode: "closed" | "open") =>
      ({ do: "control", change: { mode }, revision: undefined }) as const;
    const { issued: number, epoch } = room.state;
    const called = {
      do: "checkIn",
      epoch,
      number,
      tag: "hidden",
      issuedAt: room.now,
      isHidden: true,
    } as const;
    const { outcomes } = room.batch(turn("closed"), called, turn("open"));
    assert.deepEqual(outcomes.map(({ is }) => is), ["ok", "closed", "ok"]);
    room.pass(60_000);
    is(call(), "waiting");
  });

  test("keeps whoever was kept over a silence of the store already, and was closed out before they could call", () => {
    const { room, call } = passedBy((number) => Array<number>(6).fill(number));
    room.now += 95_000;
    room.batch();
    room.pass(40_000);
    room.change({ mode: "closed" });
    room.pass(30_000);
    is(call(), "closed");
    room.change({ mode: "open" });
    room.pass(60_000);
    is(call(), "waiting");
  });

  const rested = ["rested", 3_600_000, 1, 2500] as const;
  const asked = ["was asked now and then", 200_000, 3, 250] as const;
  for (const [how, restMs, rests, gapMs] of [rested, asked]) {
    test(`keeps more people than one batch looks at over a closing in which the room ${how}`, () => {
      const { room, call } = passedBy((number) => Array<number>(6).fill(number));
      const { asleep, expiry } = room.state;
      // All have the same end, and those with a lower number are looked at first.
      for (let at = 0; at < 2500; at++) {
        const member = `1.w${at}`;
        asleep.put(member, 1);
        expiry.put(member, beginning + 90_000);
      }
      room.change({ mode: "closed" });
      for (let rest = 0; rest < rests - 1; rest++) {
        room.now += restMs;
        room.batch();
      }
      room.now += restMs;
      room.change({ mode: "open" });
      room.now += gapMs;
      room.batch();
      room.pass(5000);
      assert.notEqual(call().is, "lapsed");
      room.pass(60_000);
      assert.ok(asleep.size > 2500);
      room.pass(200_000);
      assert.equal(asleep.size + expiry.size, 0);
    });
  }

  test("tells a ticket that was used so, and never admits it twice", () => {
    const room = roomOf();
    const [first] = fill(room, 1);
    assert.ok(first !== undefined);
    is(room.renew(first.number, first.tag), "renewed");
    room.pass(room.state.limits.sessionMs + 5000);
    assert.equal(is(room.checkIn(first.number, first.tag), "lapsed").wasUsed, true);
    room.pass(86_400_000);
    assert.equal(is(room.checkIn(first.number, first.tag), "lapsed").wasUsed, true);
    // Once those after it have lost their places, it is among the lost ones.
    passing(room, 800_000);
    assert.equal(room.state.spent.score("1.in0"), undefined);
    assert.equal(is(room.checkIn(first.number, first.tag), "lapsed").wasUsed, false);
  });
});

describe("the next call (W13)", () => {
  // The seventh of those who come may be let in four seconds after the first three.
  for (
    const [toOpenMs, ranks] of [[10_000, { 0: 10_000, 2: 10_000, 6: 14_000, 9: 15_000 }], [800, {
      0: 1000,
      6: 4800,
    }]] as const
  ) {
    test(`is due at one's turn where the room opens in ${toOpenMs} ms`, () => {
      const room = roomOf({}, { opensAt: 60_000 });
      room.now = 60_000 - toOpenMs;
      for (let at = 0; at < 12; at++) room.joins(`w${at}`);
      for (const [rank, ms] of Object.entries(ranks)) {
        const outcome = is(room.checkIn(Number(rank) + 1, `w${rank}`), "waiting");
        assert.deepEqual([outcome.rank, outcome.nextMs], [Number(rank), ms]);
      }
    });
  }

  const waits: readonly (readonly [rank: number, admitPerMinute: number, ms: number])[] = [
    [0, 60, 1000],
    [1, 60, 1000],
    [10, 60, 5000],
    [40, 60, 15_000],
    [149, 60, 15_000],
    [0, 600, 1000],
    [300, 600, 15_000],
  ];
  for (const [rank, admitPerMinute, ms] of waits) {
    test(`is due in ${ms} ms where ${rank} are before one, at ${admitPerMinute} a minute`, () => {
      const room = roomOf({ admitPerMinute, burstSeconds: 0 });
      fill(room, 3);
      room.state.issued = room.state.frontier = rank + 10;
      for (let at = 0; at < rank; at++) room.checkIn(at + 4, `w${at}`);
      const outcome = is(room.checkIn(rank + 4, "me"), "waiting");
      assert.deepEqual([outcome.rank, outcome.nextMs], [rank, ms]);
    });
  }

  test("is due in no less than five seconds where nobody can be let in, and in fifteen far behind", () => {
    const { room, numbers } = crowded(60);
    room.change({ mode: "paused" });
    assert.equal(is(room.checkIn(numbers[0] ?? 0, "w0"), "waiting").nextMs, 5000);
    assert.equal(is(room.checkIn(numbers[40] ?? 0, "w40"), "waiting").nextMs, 15_000);
  });
});

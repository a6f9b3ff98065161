import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { Asked, RoomEvent } from "./_room-events.ts";
import type { Proof } from "./_room-history.ts";
import { type Course, judge, type Verdict } from "./_room-judge.ts";

/** A cookie that says plainly what it is: `pass 3 until 60000`. */
function read(_room: string, cookie: string): Proof | undefined {
  const [, kind, number, tag, until, check] =
    /^(pass|ticket) (\d+)(\w?)(?: until (\d+))?(?: check (\d+))?$/.exec(cookie) ?? [];
  if (kind === undefined) return undefined;
  const holder = { epoch: 1, number: Number(number), tag: tag ?? "", issuedAt: 0 };
  return kind === "ticket"
    ? { kind, ...holder }
    : { kind: "pass", ...holder, until: Number(until), check: Number(check ?? until), isClaim: false };
}

const course: Course = {
  room: "hall",
  read,
  sessionMs: 10_000,
  returnMs: 12_000,
  // One a second, and three at once.
  limits: [{ from: 0, to: 0, admitPerMinute: 60, burstSeconds: 2, capacity: 5 }],
  ...{ cuts: [], pauses: [], troubles: [] },
};

let visits = 0;

/** One request: sent at a time, and answered ten milliseconds later. */
function asked(at: number, what: Partial<Asked> = {}): readonly RoomEvent[] {
  const visit = String(++visits);
  const event: Asked = {
    is: "asked",
    ...{ visit, who: "somebody", role: "walker", room: "hall", what: "page", node: 0, cookie: "" },
    ...{ sentAt: at, gotAt: at + 10, isHidden: false, isLost: false, status: 200, situation: "served" },
    ...{ nextMs: undefined, given: undefined },
    ...what,
  };
  return event.situation === "served" ? [{ is: "served", at: at + 5, visit }, event] : [event];
}

/** Lets somebody in. */
function letIn(at: number, number: number, until = at + 10_000): readonly RoomEvent[] {
  return asked(at, { given: `pass ${number} until ${until}` });
}

/** Says that somebody is there, and waits for so long. */
function waits(at: number, number: number, nextMs: number): readonly RoomEvent[] {
  return asked(at, {
    cookie: `ticket ${number}`,
    given: `ticket ${number}`,
    situation: "waiting",
    status: 503,
    nextMs,
  });
}

type Name = Exclude<keyof Verdict, "examples" | "visits" | "admissions">;

const wrongs:
  readonly (readonly [what: string, name: Name, wrong: readonly RoomEvent[], right: readonly RoomEvent[]])[] =
    [
      [
        "more people than the rate lets in",
        "overRate",
        [1, 2, 3, 4].flatMap((number) => letIn(1000 + number, number)),
        [...[1, 2, 3].flatMap((number) => letIn(1000 + number, number)), ...letIn(2050, 4)],
      ],
      [
        "more people inside than there is room for",
        "overCapacity",
        [1, 2, 3, 4, 5, 6].flatMap((number) => [
          ...letIn(number * 1100, number, 90_000),
          ...asked(9000, { cookie: `pass ${number} until 90000` }),
        ]),
        [1, 2, 3, 4, 5].flatMap((number) => [
          ...letIn(number * 1100, number, 90_000),
          ...asked(9000, { cookie: `pass ${number} until 90000` }),
        ]),
      ],
      [
        "somebody who went before others who were there",
        "overtaken",
        [...waits(900, 1, 5000), ...waits(910, 2, 5000), ...waits(920, 3, 5000), ...letIn(1000, 4)],
        [...waits(900, 1, 5000), ...waits(910, 2, 5000), ...letIn(1000, 4)],
      ],
      [
        "a ticket that let in twice",
        "twice",
        [...letIn(1000, 1), ...asked(2000, { cookie: "pass 1 until 11000" }), ...letIn(40_000, 1)],
        [...letIn(1000, 1), ...asked(2000, { cookie: "pass 1 until 11000" }), ...letIn(9000, 1)],
      ],
      [
        "a number that two people have",
        "shared",
        [
          ...asked(1000, { given: "ticket 1a", situation: "far" }),
          ...asked(2000, { given: "ticket 1b", situation: "far" }),
        ],
        [
          ...asked(1000, { given: "ticket 1a", situation: "far" }),
          ...asked(2000, { given: "ticket 2b", situation: "far" }),
        ],
      ],
      [
        "a holder of a good pass who was stopped",
        "thrownOut",
        [
          ...letIn(1000, 1),
          ...asked(3000, { cookie: "pass 1 until 11000", situation: "failed", status: 503 }),
        ],
        [
          ...letIn(1000, 1),
          ...asked(12_000, { cookie: "pass 1 until 11000", situation: "failed", status: 503 }),
        ],
      ],
      [
        "a place that was lost while its holder was there",
        "lost",
        [...waits(1000, 1, 5000), ...asked(6000, { cookie: "ticket 1", situation: "lapsed", status: 503 })],
        [...waits(1000, 1, 5000), ...asked(16_000, { cookie: "ticket 1", situation: "lapsed", status: 503 })],
      ],
      [
        "a ticket that the room did not know",
        "lost",
        [...waits(1000, 1, 5000), ...asked(6000, { cookie: "ticket 1", situation: "unknown" })],
        [
          ...waits(1000, 1, 5000),
          ...asked(6000, { cookie: "ticket 1", situation: "reconnecting", status: 503 }),
        ],
      ],
      [
        "another number in the place of one's own",
        "lost",
        [
          ...waits(1000, 1, 5000),
          ...asked(6000, { cookie: "ticket 1", given: "ticket 9", situation: "far" }),
        ],
        [
          ...waits(1000, 1, 5000),
          ...asked(6000, { cookie: "ticket 1", given: "ticket 1", situation: "waiting" }),
        ],
      ],
      [
        "a number that a picture took",
        "byResources",
        asked(1000, { what: "resource", given: "ticket 1", situation: "far", status: 503 }),
        asked(1000, { what: "resource", situation: "outside", status: 503 }),
      ],
    ];

for (const [what, name, wrong, right] of wrongs) {
  test(`judge() sees ${what}`, () => {
    assert.ok(judge(course, wrong)[name] > 0);
    assert.equal(judge(course, right)[name], 0);
    assert.ok(judge(course, wrong).examples.length > 0);
    assert.deepEqual(judge(course, right).examples, []);
  });
}

test("judge() counts holders apart whom a process stopped that had not yet reached its store", () => {
  const stopped = asked(3000, { cookie: "pass 1 until 11000", situation: "failed", status: 503 });
  const told = (is: "began" | "reached", at: number): RoomEvent => ({ is, at, node: 0, room: "hall" });
  const count = (...events: RoomEvent[]) => {
    const { thrownOut, unknownHolders } = judge(course, [...events, ...letIn(1000, 1), ...stopped]);
    return [thrownOut, unknownHolders];
  };
  assert.deepEqual(count(told("began", 2000), told("reached", 4000)), [0, 1]);
  assert.deepEqual(count(told("began", 2000)), [0, 1]);
  assert.deepEqual(count(told("began", 1000), told("reached", 2000)), [1, 0]);
});

test("judge() counts places apart whose holders missed a call long after they had been passed", () => {
  const count = (at: number) => {
    const lapsed = asked(20_000, { cookie: "ticket 1", situation: "lapsed", status: 503 });
    const { lost, lostSoon } = judge(course, [...waits(15_000, 1, 1000), ...letIn(at, 2), ...lapsed]);
    return [lost, lostSoon];
  };
  assert.deepEqual(count(5000), [0, 1]);
  assert.deepEqual(count(16_000), [1, 0]);
});

test("judge() counts holders apart whose pass was due before the store failed", () => {
  const count = (check: number, from: number) => {
    const cookie = `pass 1 until 60000 check ${check}`;
    const stopped = asked(9000, { cookie, situation: "failed", status: 503 });
    const { thrownOut, overdue } = judge({ ...course, troubles: [{ from, to: 20_000 }] }, [
      ...letIn(1000, 1, 60_000),
      ...stopped,
    ]);
    return [thrownOut, overdue];
  };
  assert.deepEqual(count(4000, 5000), [0, 1]);
  assert.deepEqual(count(8000, 5000), [1, 0]);
  assert.deepEqual(count(30_000, 5000), [1, 0]);
});

test("judge() lets an admission that may have come earlier count where it is right", () => {
  const late = asked(1004, { visit: "late", cookie: "ticket 4", given: "pass 4 until 9000" });
  const events = [...waits(-2000, 4, 900), ...[1, 2, 3].flatMap((number) => letIn(1000, number)), ...late];
  assert.equal(judge(course, events).overRate, 0);
});

test("judge() allows a burst more around a power cut, and says how much came", () => {
  const cut = { ...course, cuts: [1500] };
  const events = [1, 2, 3, 4, 5].flatMap((number) => letIn(1000 + number * 150, number));
  const { overRate, overRateByCut } = judge(cut, events);
  assert.equal(overRate, 0);
  assert.equal(overRateByCut, 2);
});

test("judge() counts a change of limits by the share of the bucket that is used", () => {
  const changed: Course = {
    ...course,
    limits: [...course.limits, { from: 5000, to: 5100, admitPerMinute: 600, burstSeconds: 2, capacity: 100 }],
  };
  const before = [1, 2, 3].flatMap((number) => letIn(4980, number));
  const after = (count: number) => Array.from({ length: count }, (_, at) => letIn(5200, 10 + at)).flat();
  assert.equal(judge(changed, [...before, ...after(2)]).overRate, 0);
  assert.ok(judge(changed, [...before, ...after(12)]).overRate > 0);
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Answered, Command, Outcome } from "../../../../plugins/waiting-room/machine/mod.ts";
import { createDoor, type Door, type Violations } from "../../../../plugins/waiting-room/simulation/door.ts";
import { type Ticket, ticketOf } from "../../../../plugins/waiting-room/simulation/ticket.ts";
import { limits, roomOf } from "../machine/_room.ts";

/** A door at which the test says what the room answers, and when. */
function watch(more: Partial<typeof limits> = {}) {
  const door: Door = createDoor({ ...limits, ...more });
  const { status } = roomOf(more).batch();
  const begun = status.now;
  let now = 0;
  let issued = 0;
  const tell = (
    command: Command,
    outcome: Outcome,
    ticket: Ticket,
    others: Partial<Answered["status"]> = {},
  ) => {
    issued = Math.max(issued, "number" in outcome ? outcome.number : 0);
    const told = { ...status, issued, frontier: issued, now: begun + now, ...others };
    door.look([{ command, ticket, done: () => {} }], { outcomes: [outcome], status: told }, now);
  };
  const holder = (ticket: Ticket) => ({
    epoch: ticket.epoch,
    number: ticket.number,
    tag: ticket.tag,
    issuedAt: begun,
  });
  return {
    door,
    at: (ms: number) => void (now = ms),
    ticket: (number: number) => ticketOf(1, number, `t${number}`, begun),
    admits(ticket: Ticket, lastsMs: number = 60_000, again: boolean = false) {
      const { number, tag } = ticket;
      const outcome = {
        is: "admitted",
        number,
        tag,
        until: begun + now + lastsMs,
        again,
        isConfirmed: again,
        rank: 0,
        free: 1,
      } as const;
      tell({ do: "checkIn", ...holder(ticket) }, outcome, ticket);
    },
    keepsWaiting(ticket: Ticket, nextMs: number) {
      const { number, tag } = ticket;
      tell({ do: "checkIn", ...holder(ticket) }, { is: "waiting", number, tag, rank: 0, nextMs }, ticket);
    },
    answers(ticket: Ticket, outcome: Outcome, others: Partial<Answered["status"]> = {}) {
      tell({ do: "checkIn", ...holder(ticket) }, outcome, ticket, others);
    },
    renews(ticket: Ticket, outcome: Outcome) {
      const until = ticket.passUntil;
      tell({ do: "renew", ...holder(ticket), until, latest: until, extends: true }, outcome, ticket);
    },
    gives(ticket: Ticket, number: number) {
      tell({ do: "enter", tag: ticket.tag }, { is: "far", number, tag: ticket.tag }, ticket);
    },
    counts(expected: Partial<Violations>) {
      const found = Object.fromEntries(Object.entries(door.violations).filter(([, count]) => count > 0));
      assert.deepEqual(Object.keys(found), Object.keys(expected));
    },
  };
}

describe("whoever stands at the door", () => {
  test("lets a burst and one in each interval pass, and counts one more", () => {
    const { admits, ticket, at, counts } = watch();
    for (const number of [1, 2, 3]) admits(ticket(number));
    at(1000);
    admits(ticket(4));
    counts({});
    at(1999);
    admits(ticket(5));
    counts({ rate: 1 });
  });

  test("counts who comes in beyond the capacity, until a pass has ended", () => {
    const { admits, ticket, at, counts } = watch({ admitPerMinute: 6000, capacity: 2 });
    admits(ticket(1));
    admits(ticket(2));
    at(60_001);
    admits(ticket(3));
    admits(ticket(4));
    counts({});
    admits(ticket(5));
    counts({ capacity: 1 });
  });

  test("counts who comes in before others who are there, but not before those who went", () => {
    const { admits, keepsWaiting, ticket, at, counts } = watch();
    for (const number of [1, 2]) admits(ticket(number));
    keepsWaiting(ticket(3), 5000);
    at(100);
    keepsWaiting(ticket(4), 60_000);
    at(7100);
    // The third has gone, and three may come in: the fourth is the only one before the fifth.
    admits(ticket(5));
    counts({});
    admits(ticket(6));
    admits(ticket(7));
    counts({ order: 1 });
  });

  test("counts a ticket that is used twice, but not a claim that nobody took", () => {
    const { admits, renews, ticket, at, counts, door } = watch();
    const [one, two] = [ticket(1), ticket(2)];
    admits(one);
    admits(two);
    renews(two, { is: "renewed", number: 2, until: two.passUntil });
    at(70_000);
    admits(one);
    admits(one, 60_000, true);
    counts({});
    admits(two);
    counts({ twice: 1 });
    assert.equal(door.violations.twice, 1);
  });

  test("counts a number that two people get, and a second one for one of them", () => {
    const { gives, ticket, counts, door } = watch();
    gives(ticket(0), 1);
    const other = ticket(0);
    gives(other, 2);
    counts({});
    gives(other, 3);
    gives(ticket(0), 3);
    counts({ numbers: 2 });
    assert.equal(door.violations.numbers, 2);
  });

  test("counts who is put out, who loses the place while there, and who is not known", () => {
    const { admits, renews, keepsWaiting, answers, ticket, counts, door } = watch();
    const [one, two] = [ticket(1), ticket(2)];
    admits(one);
    renews(one, { is: "ended", number: 1 });
    keepsWaiting(two, 5000);
    answers(two, { is: "lapsed", number: 2, wasUsed: false });
    answers(ticket(3), { is: "lapsed", number: 3, wasUsed: false });
    answers(ticket(4), { is: "unknown", number: 4 });
    counts({ unknown: 1, thrown: 1, lapsed: 1 });
    assert.deepEqual([door.violations.thrown, door.violations.lapsed, door.violations.unknown], [1, 1, 1]);
  });

  test("counts a frontier that goes back, but for a loss of which no node knows", () => {
    const { answers, ticket, counts, door } = watch();
    const far = { is: "far", number: 9, tag: "t9" } as const;
    answers(ticket(9), far);
    door.lost(0, 0, true);
    answers(ticket(9), far, { frontier: 1 });
    counts({});
    door.recovered();
    answers(ticket(9), far, { frontier: 9 });
    answers(ticket(9), far, { frontier: 8 });
    counts({ back: 1 });
  });
});

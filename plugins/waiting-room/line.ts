import { chain, isPromise } from "../../src/async/maybe-promise.ts";
import { keepAlive } from "../../src/async/keep-alive.ts";
import { type CheckIn, type Holder, numberInLane, type RoomStatus, statusOfLane } from "./machine/mod.ts";
import { closedOf, far, givesNoNumbers, isFar, isOutage, nameOf, stillFar, unexpected } from "./standing.ts";
import type { LotteryDesk } from "./lottery-desk.ts";
import { drawn, isStillRegistered, keepDrawn, registered } from "./registered.ts";
import { remember, type Remembered } from "./memory.ts";
import type { Answered, RoomNode } from "./node/mod.ts";
import {
  firstPass,
  type Pass,
  type Registration,
  registrationOf,
  type Ticket,
  ticketOf,
} from "./tickets/mod.ts";
import type { Visit } from "./visit.ts";
import type { Waiter } from "./waiter.ts";

/** How many of those who wait a node remembers. */
const maxRemembered = 20_000;
/** The longest half of a wait that anybody is told, in milliseconds. */
const longestHalfMs = 30_000;

/** What came of a question: a pass, why not, or that there is no such number. */
export type Result = Admitted | Waiter | "unknown";

/** Somebody who is let in. */
export interface Admitted {
  readonly pass: Pass;
  /** Whether that is because everybody is. */
  readonly isBypass: boolean;
}

/** How somebody checks in. */
export interface CheckInHow {
  readonly isHidden: boolean;
  /** Whether the page itself is the answer. */
  readonly servesPage: boolean;
}

/** How somebody takes a number. */
export interface EnterHow {
  /** Whether the tag stands for an account or the like. */
  readonly isIdentity: boolean;
  /** Whether the number is one of the priority lane. */
  readonly isPriority?: boolean;
  /** Whether somebody is let in without a number, and only counted. */
  readonly bypasses?: boolean;
  /** Whether the page itself is the answer. */
  readonly servesPage: boolean;
}

/** The line in front of a room, as a node sees it. */
export interface Line {
  /** Asks whether it is somebody's turn, or answers from memory where that was asked just now. */
  checkIn(visit: Visit, ticket: Ticket | Registration, how: CheckInHow): Result | Promise<Result>;
  /** Where somebody stands, without saying that they are there. */
  look(visit: Visit, ticket: Ticket | Registration): Waiter | Promise<Waiter>;
  /** Draws the place of a registration, where there is an order by now, and tells what became of it. */
  draw(visit: Visit, registration: Registration): Waiter | Promise<Waiter>;
  /** Takes a number for somebody new. */
  enter(visit: Visit, tag: string, how: EnterHow): Promise<Exclude<Result, "unknown">>;
  /** Says that nobody gets a number now, where that is known; `undefined` where it has to be asked, which is done for whoever comes next. */
  closed(visit: Visit): Waiter | undefined;
  /** Forgets what was told to somebody. */
  forget(holder: Holder): void;
}

/** What was told to somebody who is called. */
interface Told {
  readonly rank: number;
  /** When to call again, by the store's clock. */
  readonly nextAt: number;
}

/** What a node knows of a line. */
interface Front {
  readonly node: () => RoomNode;
  readonly waiting: Remembered<Told>;
  readonly maxSessionMs: number;
  readonly lottery: LotteryDesk | undefined;
}

/** Makes the line. */
export function createLine(
  node: () => RoomNode,
  maxSessionMs: number,
  lottery: LotteryDesk | undefined,
): Line {
  const front: Front = { node, waiting: remember(maxRemembered), maxSessionMs, lottery };
  return {
    checkIn(visit, brought, how) {
      const known = early(front, visit, brought);
      if (known !== undefined) return known;
      return chain(statusOf(front), (status) => {
        if (status === undefined) return lost(front, brought);
        const ticket = drawn(front.lottery, visit, brought, status);
        if (ticket === "unknown") return "unknown";
        if (brought.kind === "registration") keepDrawn(visit, brought, ticket);
        if (ticket.kind === "registration") {
          return isStillRegistered(ticket, status)
            ? registered(ticket, status)
            : call(front, visit, ticket, how);
        }
        return isFar(ticket, status) ? stillFar(visit, ticket, status) : call(front, visit, ticket, how);
      });
    },
    look(visit, brought) {
      const known = early(front, visit, brought);
      if (known !== undefined) return known;
      return chain(statusOf(front, visit.ctx.dryRun), (status): Waiter => {
        if (status === undefined) return lost(front, brought);
        const ticket = drawn(front.lottery, visit, brought, status);
        if (ticket === "unknown") return { situation: "outside", nextMs: 60_000, status };
        if (ticket.kind === "registration" && status.mode !== "bypass") return registered(ticket, status);
        if (ticket.kind === "ticket" && isFar(ticket, status)) return far(visit, ticket, status);
        const from = ticket.kind === "ticket" ? ticket.from : undefined;
        return { situation: "waiting", number: ticket.number, from, nextMs: 1000, status };
      });
    },
    draw(visit, registration) {
      return chain(statusOf(front), (status): Waiter => {
        if (status === undefined) return lost(front, registration);
        const ticket = drawn(lottery, visit, registration, status);
        if (ticket === "unknown" || ticket.kind === "registration") return registered(registration, status);
        keepDrawn(visit, registration, ticket);
        return { situation: "far", number: ticket.number, from: ticket.from, status };
      });
    },
    async enter(visit, tag, { isIdentity, isPriority, bypasses, servesPage }) {
      await lottery?.ready();
      const answered = await front.node().submit({
        do: "enter",
        tag,
        ...(servesPage && { servesPage }),
        ...(isIdentity && { isIdentity }),
        ...(isPriority && { isPriority }),
        ...(bypasses && { bypasses }),
      });
      const holder = { epoch: answered.status.epoch };
      const how = { isHidden: false, servesPage, ...(bypasses && { bypasses }) };
      const result = await resultOf(front, visit, answered, holder, how);
      if (result === "unknown") throw unexpected(answered.outcome);
      return result;
    },
    closed({ ctx }) {
      if (front.node().last === undefined) return undefined;
      const status = front.node().status();
      if (!isPromise(status)) return givesNoNumbers(status) ? closedOf(status) : undefined;
      const read = status.then(() => {}, () => {});
      keepAlive(ctx.platform, read);
      return undefined;
    },
    forget: (holder) => front.waiting.forget(nameOf(holder)),
  };
}

/** What is known without a question: who calls again before half of the wait is over learns nothing new. */
function early(front: Front, { now }: Visit, ticket: Ticket | Registration): Waiter | undefined {
  if (ticket.kind === "registration") return undefined;
  // Where nobody can tell the time, nobody knows how long there is left to wait.
  if (now === 0) return undefined;
  const told = front.waiting.get(nameOf(ticket), now);
  const halfMs = ticket.notBefore - now;
  // A time that is further off was told by another clock.
  if (told === undefined && (halfMs <= 0 || halfMs > longestHalfMs)) return undefined;
  const nextAt = told?.nextAt ?? now + 2 * halfMs;
  const { last } = front.node();
  return {
    situation: "waiting",
    number: ticket.number,
    from: ticket.from,
    rank: told?.rank,
    nextMs: Math.max(1000, nextAt - now),
    // Whoever counts down to the opening goes by the time that is told.
    status: last && { ...last, now: Math.max(last.now, now) },
  };
}

/** The status; `undefined` where the room cannot be reached. */
function statusOf(
  front: Front,
  isDry: boolean = false,
): RoomStatus | undefined | Promise<RoomStatus | undefined> {
  const node = front.node();
  // An explanation changes nothing: it only reads what the last batch left.
  const status = isDry ? node.peek().then(({ status }) => status) : node.status();
  if (!isPromise(status)) return status;
  return status.catch((cause: unknown) => {
    if (isOutage(cause)) return undefined;
    throw cause;
  });
}

/** Who waits keeps the place, and the page, while the room cannot be reached. */
function lost(front: Front, ticket: Ticket | Registration): Waiter {
  const { number } = ticket;
  const from = ticket.kind === "ticket" ? ticket.from : undefined;
  return { situation: "reconnecting", number, from, status: front.node().last };
}

async function call(
  front: Front,
  visit: Visit,
  ticket: Ticket | Registration,
  how: CheckInHow,
): Promise<Result> {
  const { epoch, number, tag, issuedAt } = ticket;
  let answered: Answered;
  try {
    answered = await front.node().submit(
      {
        do: "checkIn",
        epoch,
        number,
        tag,
        issuedAt,
        ...(how.isHidden && { isHidden: true }),
        ...(how.servesPage && { servesPage: true }),
        ...(ticket.kind === "registration" && { isRegistration: true }),
      } satisfies CheckIn,
    );
  } catch (cause) {
    if (isOutage(cause)) return lost(front, ticket);
    throw cause;
  }
  return await resultOf(front, visit, answered, ticket, how);
}

/** What the room said, with the ticket or the pass that comes of it. */
function resultOf(
  front: Front,
  visit: Visit,
  { outcome, status }: Answered,
  ticket: Pick<Ticket, "epoch"> & Partial<Pick<Ticket, "number" | "lot" | "from">>,
  { isHidden, servesPage, bypasses = false }: CheckInHow & Pick<EnterHow, "bypasses">,
): Result | Promise<Result> {
  const { now } = status;
  const { epoch, lot } = ticket;
  /** A way begins where the head of the line is when its number is given. */
  const startOf = (number: number) => {
    const { passed } = statusOfLane(status, number);
    return number === ticket.number ? ticket.from ?? passed : passed;
  };
  switch (outcome.is) {
    case "admitted": {
      const { number, tag, until, isConfirmed } = outcome;
      front.waiting.forget(nameOf(outcome));
      const pass = firstPass({ epoch, number, tag }, until, now, bypasses);
      // Whoever is inside must not begin the longest session anew by an old ticket: when it began only the pass knows.
      return {
        pass: isConfirmed ? { ...pass, since: Math.max(0, until - front.maxSessionMs) } : pass,
        isBypass: bypasses || status.mode === "bypass",
      };
    }
    case "waiting": {
      const { number, tag, rank, nextMs } = outcome;
      // A page that was hidden may say at once that it is not any more.
      const notBefore = isHidden ? 0 : now + Math.floor(nextMs / 2);
      const from = startOf(number);
      visit.keep(ticketOf({ epoch, number, tag, lot }, now, notBefore, from));
      front.waiting.set(nameOf(outcome), { rank, nextAt: now + nextMs }, notBefore);
      visit.note(() => `number ${numberInLane(number)} is called, and ${rank} are before it`);
      return { situation: "waiting", number, from, rank, nextMs, status };
    }
    case "far": {
      const { number, tag } = outcome;
      const from = startOf(number);
      visit.keep(ticketOf({ epoch, number, tag, lot }, now, 0, from));
      return far(visit, { number, from }, status);
    }
    case "registered": {
      const { number, tag } = outcome;
      const registration = registrationOf({ epoch, number, tag }, now);
      visit.keep(registration);
      const ticket = drawn(front.lottery, visit, registration, status);
      // Whoever comes again after the draw is drawn at once.
      if (ticket === "unknown" || ticket.kind === "registration") return registered(registration, status);
      keepDrawn(visit, registration, ticket);
      return call(front, visit, ticket, { isHidden, servesPage });
    }
    case "lapsed":
      visit.note(() =>
        `number ${numberInLane(outcome.number)} ${outcome.wasUsed ? "was used" : "was passed by"}`
      );
      return { situation: outcome.wasUsed ? "used" : "lapsed", status };
    case "later":
      return { situation: "later", nextMs: outcome.seconds * 1000, status };
    case "closed":
      return closedOf(status);
    case "unknown":
      return "unknown";
    default:
      throw unexpected(outcome);
  }
}

import { chain, isPromise } from "../../src/async/maybe-promise.ts";
import { GateError } from "../../src/errors.ts";
import type { Waiter } from "./answers.ts";
import type { Holder, Outcome, RoomStatus } from "./machine/mod.ts";
import { remember, type Remembered } from "./memory.ts";
import type { Answered, RoomNode } from "./node/mod.ts";
import { firstPass, keptTicket, type Pass, type Ticket, ticketOf } from "./tickets/mod.ts";
import type { Visit } from "./visit.ts";

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
  /** Whether the page itself is the answer. */
  readonly servesPage: boolean;
}

/** The line in front of a room, as a node sees it. */
export interface Line {
  /** Asks whether it is somebody's turn, or answers from memory where that was asked just now. */
  checkIn(visit: Visit, ticket: Ticket, how: CheckInHow): Result | Promise<Result>;
  /** Where somebody stands, without saying that they are there. */
  look(visit: Visit, ticket: Ticket): Waiter | Promise<Waiter>;
  /** Takes a number for somebody new. */
  enter(visit: Visit, tag: string, how: EnterHow): Promise<Exclude<Result, "unknown">>;
  /** Says that nobody gets a number now, where that is known; `undefined` where it has to be asked. */
  closed(): Waiter | undefined;
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
}

/** Makes the line. */
export function createLine(node: () => RoomNode, maxSessionMs: number): Line {
  const front: Front = { node, waiting: remember(maxRemembered), maxSessionMs };
  return {
    checkIn(visit, ticket, how) {
      const known = early(front, visit, ticket);
      if (known !== undefined) return known;
      return chain(statusOf(front), (status) => {
        if (status === undefined) return lost(front, ticket);
        return isFar(ticket, status) ? stillFar(visit, ticket, status) : call(front, visit, ticket, how);
      });
    },
    look(visit, ticket) {
      const known = early(front, visit, ticket);
      if (known !== undefined) return known;
      return chain(statusOf(front, visit.ctx.dryRun), (status): Waiter => {
        if (status === undefined) return lost(front, ticket);
        if (isFar(ticket, status)) return stillFar(visit, ticket, status);
        const { number, from } = ticket;
        return { situation: "waiting", number, from, nextMs: 1000, status };
      });
    },
    async enter(visit, tag, { isIdentity, servesPage }) {
      const answered = await front.node().submit({
        do: "enter",
        tag,
        ...(servesPage && { servesPage }),
        ...(isIdentity && { isIdentity }),
      });
      const result = resultOf(front, visit, answered, { epoch: answered.status.epoch }, false);
      if (result === "unknown") throw unexpected(answered.outcome);
      return result;
    },
    closed() {
      if (front.node().last === undefined) return undefined;
      const status = front.node().status();
      if (!isPromise(status)) return givesNoNumbers(status) ? closedOf(status) : undefined;
      // Whoever comes next knows it.
      status.catch(() => {});
      return undefined;
    },
    forget: (holder) => front.waiting.forget(nameOf(holder)),
  };
}

/** What is known without a question: who calls again before half of the wait is over learns nothing new. */
function early(front: Front, { now }: Visit, ticket: Ticket): Waiter | undefined {
  // Where nobody can tell the time, nobody knows how long there is left to wait.
  if (now === 0) return undefined;
  const told = front.waiting.get(nameOf(ticket), now);
  const halfMs = ticket.notBefore - now;
  // A time that is further off was told by another clock.
  if (told === undefined && (halfMs <= 0 || halfMs > longestHalfMs)) return undefined;
  const nextAt = told?.nextAt ?? now + 2 * halfMs;
  return {
    situation: "waiting",
    number: ticket.number,
    from: ticket.from,
    rank: told?.rank,
    nextMs: Math.max(1000, nextAt - now),
    status: front.node().last,
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

function far(visit: Visit, { number, from }: Pick<Ticket, "number" | "from">, status: RoomStatus): Waiter {
  visit.note(() => `number ${number} is not called yet: numbers up to ${status.frontier} are`);
  return { situation: "far", number, from, status };
}

/** Whoever comes again while they are far has the ticket kept for longer, however long the line is. */
function stillFar(visit: Visit, ticket: Ticket, status: RoomStatus): Waiter {
  const kept = visit.ctx.dryRun ? undefined : keptTicket(ticket, visit.now);
  if (kept !== undefined) visit.keep(kept);
  return far(visit, ticket, status);
}

/** Who waits keeps the place, and the page, while the room cannot be reached. */
function lost(front: Front, { number, from }: Ticket): Waiter {
  return { situation: "reconnecting", number, from, status: front.node().last };
}

async function call(front: Front, visit: Visit, ticket: Ticket, how: CheckInHow): Promise<Result> {
  const { epoch, number, tag, issuedAt } = ticket;
  let answered: Answered;
  try {
    answered = await front.node().submit({
      do: "checkIn",
      epoch,
      number,
      tag,
      issuedAt,
      ...(how.isHidden && { isHidden: true }),
      ...(how.servesPage && { servesPage: true }),
    });
  } catch (cause) {
    if (isOutage(cause)) return lost(front, ticket);
    throw cause;
  }
  return resultOf(front, visit, answered, ticket, how.isHidden);
}

/** What the room said, with the ticket or the pass that comes of it. */
function resultOf(
  front: Front,
  visit: Visit,
  { outcome, status }: Answered,
  ticket: Pick<Ticket, "epoch"> & Partial<Ticket>,
  isHidden: boolean,
): Result {
  const { now } = status;
  const { epoch } = ticket;
  /** A way begins where the head of the line is when its number is given. */
  const startOf = (number: number) => number === ticket.number ? ticket.from ?? status.passed : status.passed;
  switch (outcome.is) {
    case "admitted": {
      const { number, tag, until, isConfirmed } = outcome;
      front.waiting.forget(nameOf(outcome));
      const pass = firstPass({ epoch, number, tag }, until, now);
      // Whoever is inside must not begin the longest session anew by an old ticket: when it began only the pass knows.
      return {
        pass: isConfirmed ? { ...pass, since: Math.max(0, until - front.maxSessionMs) } : pass,
        isBypass: status.mode === "bypass",
      };
    }
    case "waiting": {
      const { number, tag, rank, nextMs } = outcome;
      // A page that was hidden may say at once that it is not any more.
      const notBefore = isHidden ? 0 : now + Math.floor(nextMs / 2);
      const from = startOf(number);
      visit.keep(ticketOf({ epoch, number, tag }, now, notBefore, from));
      front.waiting.set(nameOf(outcome), { rank, nextAt: now + nextMs }, notBefore);
      visit.note(() => `number ${number} is called, and ${rank} are before it`);
      return { situation: "waiting", number, from, rank, nextMs, status };
    }
    case "far": {
      const { number, tag } = outcome;
      const from = startOf(number);
      visit.keep(ticketOf({ epoch, number, tag }, now, 0, from));
      return far(visit, { number, from }, status);
    }
    case "lapsed":
      visit.note(() => `number ${outcome.number} ${outcome.wasUsed ? "was used" : "was passed by"}`);
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

/** Whether a failure is that of the store, or of too many who ask. What an owner's function does is neither. */
export function isOutage(cause: unknown): cause is GateError {
  return cause instanceof GateError && cause.code !== "internal";
}

/** The fault of a store that answers something else than it may. */
export function unexpected({ is }: Outcome): GateError {
  return new GateError("internal", `The room answered "${is}" to a command that has no such answer`);
}

/** How somebody is remembered. */
export function nameOf({ number, tag }: Pick<Holder, "number" | "tag">): string {
  return `${number}.${tag}`;
}

/**
 * Whether a number is not called yet, as the status tells without a question. One that a younger status has not given is asked about:
 * it proves that the room lost its state, and nobody else knows those who wait far away.
 */
function isFar(
  { epoch, number, issuedAt }: Ticket,
  { epoch: current, frontier, issued, mode, now }: RoomStatus,
): boolean {
  // Where everybody is let in, nobody has to be called.
  return mode !== "bypass" && current === epoch && number > frontier && (number <= issued || issuedAt > now);
}

function closedOf(status: RoomStatus): Waiter {
  return { situation: status.mode === "sold-out" ? "sold-out" : "closed", nextMs: 60_000, status };
}

/** Whether nobody gets a number. */
function givesNoNumbers({ mode }: RoomStatus): boolean {
  return mode === "closed" || mode === "sold-out" || mode === "draining";
}

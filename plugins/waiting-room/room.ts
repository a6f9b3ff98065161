import { chain, isPromise } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import type { Decision, Facts, Reason } from "../../src/decision.ts";
import { crowdCodes, GateError, withFallback } from "../../src/errors.ts";
import type { Answers, Waiter } from "./answers.ts";
import type { CheckedRoom } from "./check-options.ts";
import type { Holder, Outcome, RoomStatus } from "./machine/mod.ts";
import { remember, type Remembered } from "./memory.ts";
import type { Answered, RoomNode } from "./node/mod.ts";
import { mayTakeNumber, newTag, type Pass, type Ticket } from "./tickets/mod.ts";
import type { Visit } from "./visit.ts";

/** For how long a pass is good without a question, in milliseconds. */
const checkMs = 60_000;
/** How late a form may come, in milliseconds. */
const lateMs = 60_000;
/** How long a place is kept at most for somebody who was admitted and has not come yet, in milliseconds. */
const longestClaimMs = 300_000;
/** How many visitors a node remembers, of those who wait and of those inside. */
const maxRemembered = 20_000;

/** How a room is made. */
export interface RoomOptions {
  readonly checked: CheckedRoom;
  readonly node: () => RoomNode;
  readonly answers: Answers;
  readonly graceMs: number;
  /** The tag of a visitor who is known; `undefined` for everybody else. */
  readonly identityOf: (visit: Visit) => string | undefined;
  /** Stops newcomers of whom there are too many from one address. */
  readonly challenge: (visit: Visit) => Decision | undefined | Promise<Decision | undefined>;
}

/** What was told to somebody who is called. */
export interface Told {
  readonly rank: number;
  /** When to call again, by the store's clock. */
  readonly nextAt: number;
}

/** A room, as it decides about its visitors. */
export interface Room {
  readonly name: string;
  readonly node: () => RoomNode;
  readonly answers: Answers;
  /** Decides about a request for a page that the room protects. */
  decide(visit: Visit): Decision | Promise<Decision>;
  /** Asks whether it is somebody's turn, or answers from memory where that was asked just now. */
  checkIn(
    visit: Visit,
    ticket: Ticket,
    how: { readonly isHidden: boolean; readonly servesPage: boolean },
  ): Result | Promise<Result>;
  /** Renews a pass. */
  renew(visit: Visit, pass: Pass, isPing: boolean): Promise<Pass | undefined>;
  /** Gives a place back. */
  leave(holder: Holder): Promise<void>;
}

/** What came of a question: a pass, why not, or that there is no such number. */
export type Result = { readonly pass: Pass; readonly isBypass: boolean } | Waiter | "unknown";

/** Makes a room. */
export function createRoom({ checked, node, answers, graceMs, identityOf, challenge }: RoomOptions): Room {
  const { name: room, maxSessionMs } = checked;
  const waiting: Remembered<Told> = remember(maxRemembered);
  const renewed: Remembered<Pass> = remember(maxRemembered);

  function decide(visit: Visit): Decision | Promise<Decision> {
    const { proof } = visit;
    if (proof === undefined) return enter(visit);
    return proof.kind === "pass" ? inside(visit, proof) : inLine(visit, proof);
  }

  // Inside

  function inside(visit: Visit, pass: Pass): Decision | Promise<Decision> {
    const { now, ctx } = visit;
    if (now < pass.until) {
      if (now < pass.check && !pass.isClaim) {
        visit.note(() => `the pass is good without a question for ${seconds(pass.check - now)} more`);
        return admit(visit, pass, "waiting-room/pass", "signature");
      }
      if (ctx.dryRun) {
        visit.note(() => "the pass is good; the room would be asked to renew it");
        return admit(visit, pass, "waiting-room/pass", "signature");
      }
      const newer = renewed.get(keyOf(pass), now);
      if (newer !== undefined) return admit(visit.keep(newer), newer, "waiting-room/pass", "signature");
      return renewOrGrace(visit, pass);
    }
    const isForm = ctx.request.method !== "GET" && ctx.request.method !== "HEAD";
    if (isForm && !pass.isLate && !pass.isClaim && now < pass.until + lateMs && !ctx.dryRun) {
      return renewOrGrace(visit, pass);
    }
    visit.note(() => `the pass was good until ${seconds(now - pass.until)} ago, so it does not count`);
    return enter(visit);
  }

  async function renewOrGrace(visit: Visit, pass: Pass): Promise<Decision> {
    let found: Pass | undefined;
    try {
      found = await renew(visit, pass, false);
    } catch (cause) {
      if (!mayBeServed(visit, pass, cause)) throw ofVisit(visit, cause);
      visit.note(() => "the room cannot be reached, and the pass is served on meanwhile");
      return admit(visit, pass, "waiting-room/grace", "signature");
    }
    if (found !== undefined) return admit(visit.keep(found), found, "waiting-room/pass", "service");
    visit.note(() => "the session of the pass is over, so it does not count");
    return await enter(visit.without());
  }

  async function renew({ now, ctx }: Visit, pass: Pass, isPing: boolean): Promise<Pass | undefined> {
    const { until, since } = pass;
    const isLatePost = now >= until;
    const { outcome, status: { now: at } } = await node().submit({
      do: "renew",
      ...holderOf(pass),
      until,
      latest: since + maxSessionMs,
      extends: !isPing && !ctx.passive,
      ...(isLatePost && { isLatePost }),
    });
    if (outcome.is === "ended") {
      renewed.forget(keyOf(pass));
      return undefined;
    }
    if (outcome.is !== "renewed") throw unexpected(outcome);
    const check = Math.min(outcome.until, at + checkMs);
    const found: Pass = {
      ...pass,
      until: outcome.until,
      check,
      isClaim: false,
      isLate: pass.isLate || isLatePost,
    };
    renewed.set(keyOf(pass), found, check);
    return found;
  }

  /**
   * Whether somebody inside is served although the room cannot be asked: before the pass has to be checked, and after that for a while
   * where the check came due after the room was reached last.
   */
  function mayBeServed({ now }: Visit, { check, until, isLate }: Pass, cause: unknown): boolean {
    if (!(cause instanceof GateError) || cause.code === "internal" || isLate || now >= until) return false;
    if (now < check) return true;
    const { answeredAt } = node();
    if (crowdCodes.includes(cause.code) || answeredAt === undefined) return false;
    return check >= answeredAt && now < check + graceMs;
  }

  // In line

  function inLine(visit: Visit, ticket: Ticket): Decision | Promise<Decision> {
    const { ctx } = visit;
    const mayCall = mayTakeNumber(ctx.request) && !ctx.passive && !ctx.dryRun;
    const found = mayCall
      ? checkIn(visit, ticket, { isHidden: false, servesPage: true })
      : look(visit, ticket);
    return chain(found, (result) => {
      // A number that this line does not know is none: whoever asks for a page gets another one.
      return result === "unknown" ? enter(visit.without()) : decided(visit, result);
    });
  }

  function checkIn(
    visit: Visit,
    ticket: Ticket,
    { isHidden, servesPage }: { readonly isHidden: boolean; readonly servesPage: boolean },
  ): Result | Promise<Result> {
    const known = early(visit, ticket);
    if (known !== undefined) return known;
    return chain(statusOf(), (status) => {
      if (status === undefined) return lost(ticket);
      if (status.epoch === ticket.epoch && ticket.number > status.frontier) {
        return far(visit, ticket.number, status);
      }
      return call();
    });

    async function call(): Promise<Result> {
      try {
        const answered = await node().submit({
          do: "checkIn",
          ...holderOf(ticket),
          ...(isHidden && { isHidden }),
          ...(servesPage && { servesPage }),
        });
        return resultOf(visit, answered, ticket, isHidden);
      } catch (cause) {
        if (isOutage(cause)) return lost(ticket);
        throw cause;
      }
    }
  }

  /** What is known without a question: who calls again before half of the wait is over learns nothing new. */
  function early({ now }: Visit, ticket: Ticket): Waiter | undefined {
    const told = waiting.get(keyOf(ticket), now);
    const { last } = node();
    const isEarly = told !== undefined || now < ticket.notBefore;
    if (!isEarly) return undefined;
    const nextAt = told?.nextAt ?? now + 2 * (ticket.notBefore - now);
    return {
      situation: "waiting",
      number: ticket.number,
      rank: told?.rank,
      nextMs: Math.max(1000, nextAt - now),
      status: last,
    };
  }

  /** Where somebody stands, without saying that they are there. */
  function look(visit: Visit, ticket: Ticket): Waiter | Promise<Waiter> {
    const known = early(visit, ticket);
    if (known !== undefined) return known;
    return chain(statusOf(), (status): Waiter => {
      if (status === undefined) return lost(ticket);
      const isFar = status.epoch === ticket.epoch && ticket.number > status.frontier;
      return isFar
        ? far(visit, ticket.number, status)
        : { situation: "waiting", number: ticket.number, nextMs: 1000, status };
    });
  }

  /** The status; `undefined` where the room cannot be reached. */
  function statusOf(): RoomStatus | undefined | Promise<RoomStatus | undefined> {
    const status = node().status();
    if (!isPromise(status)) return status;
    return status.catch((cause: unknown) => {
      if (isOutage(cause)) return undefined;
      throw cause;
    });
  }

  function far(visit: Visit, number: number, status: RoomStatus): Waiter {
    visit.note(() => `number ${number} is not called yet: numbers up to ${status.frontier} are`);
    return { situation: "far", number, status };
  }

  /** Who waits keeps the place, and the page, while the room cannot be reached. */
  function lost({ number }: Holder): Waiter {
    return { situation: "reconnecting", number, status: node().last };
  }

  // New

  function enter(visit: Visit): Decision | Promise<Decision> {
    const { ctx } = visit;
    if (ctx.passive || ctx.dryRun) {
      visit.note(() => "a visitor without a place would be given a number; nobody gets one now");
      return { action: "reject", reason: "waiting-room/unasked", status: 503, facts: { room } };
    }
    if (!mayTakeNumber(ctx.request)) {
      visit.note(() => "only a page that a browser opens in a tab takes a number");
      return refuse(visit, { situation: "outside", nextMs: 60_000, status: node().last });
    }
    const status = node().last === undefined ? undefined : node().status();
    if (isPromise(status)) status.catch(() => {});
    else if (status !== undefined && givesNoNumbers(status)) return closed(visit, status);
    return chain(challenge(visit), (refusal) => refusal ?? takeNumber(visit));
  }

  async function takeNumber(visit: Visit): Promise<Decision> {
    const identity = identityOf(visit);
    try {
      const answered = await node().submit({
        do: "enter",
        tag: identity ?? newTag(),
        servesPage: true,
        ...(identity !== undefined && { isIdentity: true }),
      });
      const { epoch, now } = answered.status;
      const result = resultOf(visit, answered, { epoch, issuedAt: now }, false);
      if (result !== "unknown") return await decided(visit, result);
    } catch (cause) {
      throw ofVisit(visit, cause);
    }
    throw new GateError("internal", 'The room answered "unknown" to somebody new');
  }

  function closed(visit: Visit, status: RoomStatus): Decision | Promise<Decision> {
    const situation = status.mode === "sold-out" ? "sold-out" : "closed";
    return refuse(visit, { situation, nextMs: 60_000, status });
  }

  // Results

  /** What the room said, with the ticket or the pass that comes of it. */
  function resultOf(
    visit: Visit,
    { outcome, status }: Answered,
    { epoch, issuedAt }: Pick<Holder, "epoch" | "issuedAt">,
    isHidden: boolean,
  ): Result {
    const { now } = status;
    switch (outcome.is) {
      case "admitted": {
        const { number, tag, until, again } = outcome;
        waiting.forget(keyOf(outcome));
        // Whoever is inside for long must not begin the longest session anew by an old ticket.
        const since = again && until - now > longestClaimMs ? until - maxSessionMs : now;
        const state = { until, check: Math.min(until, now + checkMs), since, isClaim: true, isLate: false };
        return {
          pass: { kind: "pass", epoch, number, tag, issuedAt, ...state },
          isBypass: status.mode === "bypass",
        };
      }
      case "waiting": {
        const { number, tag, rank, nextMs } = outcome;
        // A page that was hidden may say at once that it is not any more.
        const notBefore = isHidden ? 0 : now + Math.floor(nextMs / 2);
        visit.keep({ kind: "ticket", epoch, number, tag, issuedAt, notBefore });
        waiting.set(keyOf(outcome), { rank, nextAt: now + nextMs }, notBefore);
        visit.note(() => `number ${number} is called, and ${rank} are before it`);
        return { situation: "waiting", number, rank, nextMs, status };
      }
      case "far": {
        const { number, tag } = outcome;
        visit.keep({ kind: "ticket", epoch, number, tag, issuedAt, notBefore: 0 });
        return far(visit, outcome.number, status);
      }
      case "lapsed": {
        visit.without();
        visit.note(() => `number ${outcome.number} ${outcome.wasUsed ? "was used" : "was passed by"}`);
        return { situation: outcome.wasUsed ? "used" : "lapsed", status };
      }
      case "unknown":
        return "unknown";
      case "later":
        return { situation: "later", nextMs: outcome.seconds * 1000, status };
      case "closed":
        return { situation: status.mode === "sold-out" ? "sold-out" : "closed", nextMs: 60_000, status };
      default:
        throw unexpected(outcome);
    }
  }

  // Decisions

  function decided(visit: Visit, result: Exclude<Result, "unknown">): Decision | Promise<Decision> {
    if (!("pass" in result)) return refuse(visit, result);
    const reason = result.isBypass ? "waiting-room/bypass" : "waiting-room/admitted";
    return admit(visit.keep(result.pass), result.pass, reason, "service");
  }

  function admit(
    visit: Visit,
    { tag }: Holder,
    reason: Reason,
    proven: "service" | "signature",
  ): Decision {
    visit.isInside();
    return { action: "admit", reason, facts: { room, visitor: tag, proven } };
  }

  function refuse(visit: Visit, waiter: Waiter): Decision | Promise<Decision> {
    const { place } = answers.standing(waiter);
    const facts: Facts = { ...factsOf(visit), ...(place !== undefined && { place }) };
    const reason: Reason = `waiting-room/${waiter.situation}`;
    return chain(
      answers.refuse(visit.ctx, waiter),
      (response) => ({ action: "respond", reason, response, facts }),
    );
  }

  function factsOf(visit: Visit): Facts {
    const visitor = visit.tag;
    return { room, ...(visitor !== undefined && { visitor }) };
  }

  function ofVisit(visit: Visit, cause: unknown): GateError {
    return withFallback(cause, { facts: factsOf(visit) });
  }

  return {
    name: room,
    node,
    answers,
    decide,
    checkIn,
    renew,
    async leave(holder) {
      waiting.forget(keyOf(holder));
      renewed.forget(keyOf(holder));
      await node().submit({ do: "leave", ...holderOf(holder) });
    },
  };
}

/** Whether a failure is that of the store, or of too many who ask. What an owner's function does is neither. */
function isOutage(cause: unknown): boolean {
  return cause instanceof GateError && cause.code !== "internal";
}

/** Whether nobody gets a number. */
function givesNoNumbers({ mode }: RoomStatus): boolean {
  return mode === "closed" || mode === "sold-out" || mode === "draining";
}

function holderOf({ epoch, number, tag, issuedAt }: Holder): Holder {
  return { epoch, number, tag, issuedAt };
}

function keyOf({ number, tag }: Pick<Holder, "number" | "tag">): string {
  return `${number}.${tag}`;
}

function unexpected({ is }: Outcome): GateError {
  return new GateError("internal", `The room answered "${is}" to a command that has no such answer`);
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}

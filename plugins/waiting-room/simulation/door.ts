/** Whoever stands at the door and counts: by the passes in browsers, and not by what the room says of itself. */

import type { Answered, Command, Limits, Outcome } from "../machine/mod.ts";
import { type OrderedSet, orderedSet, paceOf, unlimited } from "../machine/mod.ts";
import { memberOf, type Ticket } from "./ticket.ts";

/** What must not happen, and how often it did. */
export interface Violations {
  /** More were let in than the rate allows in some time, by how many at most. */
  rate: number;
  /** Somebody was let in although as many as may be inside had passes. */
  capacity: number;
  /** Somebody was let in before others who were there, and not all of them could have been let in as well. */
  order: number;
  /** A ticket got a second pass. */
  twice: number;
  /** Two people got one number, or somebody got two. */
  numbers: number;
  /** A ticket of the room was not known to it. */
  unknown: number;
  /** Somebody inside was put out before the pass ended. */
  thrown: number;
  /** Somebody who was there lost the place. */
  lapsed: number;
  /** The numbers, the frontier, or those who were passed went back. */
  back: number;
}

/** One who asks, and what comes of it. */
export interface Ask {
  readonly command: Command;
  readonly ticket: Ticket | undefined;
  /** Is told the outcome, or `undefined` where the answer was lost. */
  readonly done: (outcome: Outcome | undefined) => void;
}

/** What the door saw of a loss. */
export interface LossCounts {
  losses: number;
  inside: number;
  present: number;
}

/** How long a place is kept longer than the pass says. */
const spareMs = 5000;
const checkMs = 60_000;
const hiddenMs = 90_000;

/** The door. Times are those of the store, but where they are said to be the simulation's. */
export interface Door {
  readonly violations: Violations;
  readonly atLosses: LossCounts;
  /** How many have a pass that is good. */
  live(now: number): number;
  /** How many are there, hidden pages not counted. */
  readonly present: number;
  /**
   * Looks at a batch.
   *
   * @param elapsed The time that may have passed, in milliseconds: it goes on at least as fast as the room's.
   */
  look(asks: readonly Ask[], answered: Answered, elapsed: number): void;
  /** Takes note that the store lost what it learned since a time. */
  lost(sinceMs: number, now: number, isNoticed: boolean): void;
  /** Takes note that the store knows of its loss. */
  recovered(): void;
}

/** Makes a door. */
export function createDoor(limits: Limits): Door {
  const violations: Violations = {
    rate: 0,
    capacity: 0,
    order: 0,
    twice: 0,
    numbers: 0,
    unknown: 0,
    thrown: 0,
    lapsed: 0,
    back: 0,
  };
  const atLosses: LossCounts = { losses: 0, inside: 0, present: 0 };
  /** Passes that are good, by their ends. */
  const passes: OrderedSet = orderedSet();
  /** Who is there, by number, and until when everybody counts as that; hidden pages only here. */
  const front: OrderedSet = orderedSet();
  const presentUntil: OrderedSet = orderedSet();
  let pace = paceOf(limits);
  let level = 0;
  let levelAt = 0;
  let highest = 0;
  let epoch = 1;
  let last: Answered["status"] | undefined;
  let isAware = true;
  /** Up to which end of a pass it may have been forgotten that it was used. */
  let forgottenSince = Number.POSITIVE_INFINITY;

  function sweep(now: number): void {
    for (const member of passes.upTo(now, Number.POSITIVE_INFINITY)) passes.remove(member);
    for (const member of presentUntil.upTo(now, Number.POSITIVE_INFINITY)) goAway(member);
  }

  function goAway(member: string): void {
    presentUntil.remove(member);
    front.remove(member);
  }

  function keep(ticket: Ticket, now: number): void {
    if (ticket.passUntil > now) passes.put(memberOf(ticket), ticket.passUntil);
    else passes.remove(memberOf(ticket));
  }

  function setPace(limits: Limits, elapsed: number): void {
    const next = paceOf(limits);
    if (next.interval === pace.interval && next.burst === pace.burst) return;
    level = decayed(elapsed);
    levelAt = elapsed;
    level = pace.burst > 0 && next.burst > 0 ? Math.min(level, pace.burst) * next.burst / pace.burst : next.burst;
    pace = next;
  }

  function decayed(elapsed: number): number {
    return pace.interval === 0 ? level : Math.max(0, level - (elapsed - levelAt) * 1000 / pace.interval);
  }

  /** Counts a new pass. */
  function count(ticket: Ticket, { limits, mode }: Answered["status"], elapsed: number): void {
    if (mode !== "bypass" && isAware) {
      const byRate = Math.floor(pace.burst - decayed(elapsed) + 1e-6);
      const byPlaces = limits.capacity === unlimited ? Number.POSITIVE_INFINITY : limits.capacity - passes.size;
      if (byPlaces <= 0) violations.capacity++;
      // What is beyond the rate is counted as that.
      else if (byRate > 0 && front.below(ticket.number) >= Math.min(byRate, byPlaces)) violations.order++;
    }
    if (mode !== "bypass") {
      level = decayed(elapsed) + 1;
      levelAt = elapsed;
      // As long as no node knows of a loss, one burst more may come.
      const over = level - (isAware ? pace.burst : 2 * pace.burst);
      if (over > 1e-6) {
        violations.rate = Math.max(violations.rate, over);
        level -= over;
      }
    }
    goAway(memberOf(ticket));
  }

  function admitted(ticket: Ticket, until: number, again: boolean, answered: Answered, elapsed: number): void {
    const { now } = answered.status;
    if (!again) {
      const mayBeForgotten = ticket.passUntil + spareMs >= forgottenSince;
      const isUsed = ticket.isConfirmed || ticket.hasLeft || ticket.passUntil > now;
      if (isUsed && !mayBeForgotten) violations.twice++;
      if (passes.score(memberOf(ticket)) === undefined) count(ticket, answered.status, elapsed);
      ticket.isConfirmed = ticket.hasLeft = false;
      ticket.admittedAt = now;
      ticket.checkAt = now;
    }
    ticket.passUntil = Math.max(ticket.passUntil, until);
    keep(ticket, now);
  }

  function numbered(ticket: Ticket, number: number, roomEpoch: number): void {
    if (ticket.number === number && ticket.epoch === roomEpoch) return;
    if (isAware && forgottenSince === Number.POSITIVE_INFINITY) {
      if (number <= highest || (ticket.number !== 0 && ticket.epoch === roomEpoch)) violations.numbers++;
    }
    highest = Math.max(highest, number);
    ticket.number = number;
    ticket.epoch = roomEpoch;
  }

  function one(ask: Ask, outcome: Outcome, answered: Answered, elapsed: number): void {
    const { command, ticket } = ask;
    if (ticket === undefined) return;
    const { now, epoch: roomEpoch } = answered.status;
    if (command.do === "enter" && "tag" in outcome) {
      ticket.issuedAt = ticket.number === outcome.number ? ticket.issuedAt : now;
      numbered(ticket, outcome.number, roomEpoch);
    }
    switch (outcome.is) {
      case "admitted":
        return admitted(ticket, outcome.until, outcome.again, answered, elapsed);
      case "waiting": {
        const isHidden = command.do === "checkIn" && command.isHidden === true;
        const member = memberOf(ticket);
        presentUntil.put(member, now + (isHidden ? hiddenMs : Math.ceil(outcome.nextMs * 1.2) + 1000));
        if (isHidden) front.remove(member);
        else front.put(member, ticket.number);
        return;
      }
      case "renewed":
        ticket.isConfirmed = true;
        ticket.passUntil = Math.max(ticket.passUntil, outcome.until);
        ticket.checkAt = Math.min(ticket.passUntil, now + checkMs);
        keep(ticket, now);
        return goAway(memberOf(ticket));
      case "ended":
        if (!ticket.hasLeft && command.do === "renew" && command.until > now) violations.thrown++;
        ticket.passUntil = Math.min(ticket.passUntil, now);
        return keep(ticket, now);
      case "left":
        goAway(memberOf(ticket));
        ticket.hasLeft ||= ticket.admittedAt >= 0;
        ticket.passUntil = Math.min(ticket.passUntil, ticket.checkAt);
        return keep(ticket, now);
      case "lapsed":
        if (outcome.wasUsed ? ticket.admittedAt < 0 : presentUntil.score(memberOf(ticket)) !== undefined) violations.lapsed++;
        return goAway(memberOf(ticket));
      case "unknown":
        if (ticket.epoch === roomEpoch) violations.unknown++;
        return;
      default:
    }
  }

  function moved(status: Answered["status"]): void {
    if (status.epoch !== epoch) {
      epoch = status.epoch;
      highest = 0;
      presentUntil.clear();
      front.clear();
    } else if (last !== undefined && isAware) {
      const isBack = status.issued < last.issued || status.frontier < last.frontier || status.passed < last.passed;
      if (isBack) violations.back++;
    }
    if (isAware) last = status;
    sweep(status.now);
  }

  return {
    violations,
    atLosses,
    live(now) {
      sweep(now);
      return passes.size;
    },
    get present() {
      return front.size;
    },
    look(asks, answered, elapsed) {
      moved(answered.status);
      setPace(answered.status.limits, elapsed);
      for (let at = 0; at < asks.length; at++) {
        // There is one outcome for each.
        one(asks[at] as Ask, answered.outcomes[at] as Outcome, answered, elapsed);
      }
    },
    lost(sinceMs, now, isNoticed) {
      atLosses.losses++;
      sweep(now);
      atLosses.inside += passes.size;
      atLosses.present += front.size;
      isAware = !isNoticed;
      forgottenSince = Math.min(forgottenSince, sinceMs);
      presentUntil.clear();
      front.clear();
    },
    recovered() {
      isAware = true;
      // Others may know more than the node that found out.
      last = undefined;
      level = Math.min(level, pace.burst);
    },
  };
}

/** Whoever stands at the door and counts: by the passes in browsers, and not by what the room says of itself. */

import type { Answered, Command, Limits, Outcome, Pace } from "../machine/mod.ts";
import { type OrderedSet, orderedSet, paceOf, unlimited } from "../machine/mod.ts";
import { isBack, laneOf, type Lanes } from "./lanes.ts";
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
  return new Watch(limits);
}

class Watch implements Door {
  readonly violations: Violations = {
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
  readonly atLosses: LossCounts = { losses: 0, inside: 0, present: 0 };
  /** Passes that are good, by their ends. */
  readonly #passes: OrderedSet = orderedSet();
  /** Who is there, by number, in each lane, and until when everybody counts as that; hidden pages only here. */
  readonly #fronts: Lanes<OrderedSet> = [orderedSet(), orderedSet()];
  readonly #presentUntil: OrderedSet = orderedSet();
  #pace: Pace;
  #level = 0;
  #levelAt = 0;
  /** The highest number of each lane. */
  readonly #highest: Lanes<number> = [0, 0];
  #epoch = 1;
  #last: Answered["status"] | undefined;
  #isAware = true;
  /** When the store lost something, and since when it may have forgotten which tickets were used. */
  #lostAt = Number.NEGATIVE_INFINITY;
  #forgottenSince = Number.POSITIVE_INFINITY;

  constructor(limits: Limits) {
    this.#pace = paceOf(limits);
  }

  get present(): number {
    return this.#fronts[0].size + this.#fronts[1].size;
  }

  live(now: number): number {
    this.#sweep(now);
    return this.#passes.size;
  }

  look(asks: readonly Ask[], answered: Answered, elapsed: number): void {
    this.#moved(answered.status);
    this.#setPace(answered.status.limits, elapsed);
    for (let at = 0; at < asks.length; at++) {
      // There is one outcome for each.
      this.#one(asks[at] as Ask, answered.outcomes[at] as Outcome, answered, elapsed);
    }
  }

  lost(sinceMs: number, now: number, isNoticed: boolean): void {
    this.atLosses.losses++;
    this.atLosses.inside += this.live(now);
    this.atLosses.present += this.present;
    this.#isAware = !isNoticed;
    this.#lostAt = now;
    this.#forgottenSince = Math.min(this.#forgottenSince, sinceMs);
    this.#presentUntil.clear();
    for (const front of this.#fronts) front.clear();
  }

  recovered(): void {
    this.#isAware = true;
    // Others may know more than the node that found out.
    this.#last = undefined;
    this.#level = Math.min(this.#level, this.#pace.burst);
  }

  #sweep(now: number): void {
    for (const member of this.#passes.upTo(now, Number.POSITIVE_INFINITY)) this.#passes.remove(member);
    for (const member of this.#presentUntil.upTo(now, Number.POSITIVE_INFINITY)) this.#goAway(member);
  }

  #goAway(member: string): void {
    this.#presentUntil.remove(member);
    for (const front of this.#fronts) front.remove(member);
  }

  #keep(ticket: Ticket, now: number): void {
    if (ticket.passUntil > now) this.#passes.put(memberOf(ticket), ticket.passUntil);
    else this.#passes.remove(memberOf(ticket));
  }

  #setPace(limits: Limits, elapsed: number): void {
    const next = paceOf(limits);
    if (next.interval === this.#pace.interval && next.burst === this.#pace.burst) return;
    this.#level = this.#decayed(elapsed);
    this.#levelAt = elapsed;
    this.#level = this.#pace.burst > 0 && next.burst > 0
      ? Math.min(this.#level, this.#pace.burst) * next.burst / this.#pace.burst
      : next.burst;
    this.#pace = next;
  }

  #decayed(elapsed: number): number {
    return this.#pace.interval === 0
      ? this.#level
      : Math.max(0, this.#level - (elapsed - this.#levelAt) * 1000 / this.#pace.interval);
  }

  /** Counts a new pass. */
  #count(ticket: Ticket, { limits, mode }: Answered["status"], elapsed: number): void {
    if (mode === "bypass") return;
    if (this.#isAware) {
      const byRate = Math.floor(this.#pace.burst - this.#decayed(elapsed) + 1e-6);
      const byPlaces = limits.capacity === unlimited
        ? Number.POSITIVE_INFINITY
        : limits.capacity - this.#passes.size;
      if (byPlaces <= 0) this.violations.capacity++;
      // What is beyond the rate is counted as that.
      else if (
        byRate > 0 && this.#fronts[laneOf(ticket.number)].below(ticket.number) >= Math.min(byRate, byPlaces)
      ) {
        this.violations.order++;
      }
    }
    this.#level = this.#decayed(elapsed) + 1;
    this.#levelAt = elapsed;
    // As long as no node knows of a loss, one burst more may come.
    const over = this.#level - (this.#isAware ? this.#pace.burst : 2 * this.#pace.burst);
    if (over > 1e-6) {
      this.violations.rate = Math.max(this.violations.rate, over);
      this.#level -= over;
    }
  }

  #admitted(
    ticket: Ticket,
    until: number,
    again: boolean,
    answered: Answered,
    elapsed: number,
  ): void {
    const { now } = answered.status;
    if (!again) {
      const mayBeForgotten = ticket.admittedAt <= this.#lostAt &&
        ticket.passUntil + spareMs >= this.#forgottenSince;
      const isUsed = ticket.isConfirmed || ticket.hasLeft || ticket.passUntil > now;
      if (isUsed && !mayBeForgotten) this.violations.twice++;
      if (this.#passes.score(memberOf(ticket)) === undefined) this.#count(ticket, answered.status, elapsed);
      // Whoever comes in a second time, with a good pass, after the store forgot the first, waits no longer either.
      this.#goAway(memberOf(ticket));
      ticket.isConfirmed = ticket.hasLeft = false;
      ticket.admittedAt = now;
      ticket.checkAt = now;
    }
    ticket.passUntil = Math.max(ticket.passUntil, until);
    this.#keep(ticket, now);
  }

  #numbered(ticket: Ticket, number: number, roomEpoch: number): void {
    if (ticket.number === number && ticket.epoch === roomEpoch) return;
    if (this.#isAware && this.#forgottenSince === Number.POSITIVE_INFINITY) {
      if (number <= this.#highest[laneOf(number)] || (ticket.number !== 0 && ticket.epoch === roomEpoch)) {
        this.violations.numbers++;
      }
    }
    this.#highest[laneOf(number)] = Math.max(this.#highest[laneOf(number)], number);
    ticket.number = number;
    ticket.epoch = roomEpoch;
  }

  #one(ask: Ask, outcome: Outcome, answered: Answered, elapsed: number): void {
    const { command, ticket } = ask;
    if (ticket === undefined) return;
    const { now, epoch: roomEpoch } = answered.status;
    if (command.do === "enter" && "tag" in outcome) {
      ticket.issuedAt = ticket.number === outcome.number ? ticket.issuedAt : now;
      this.#numbered(ticket, outcome.number, roomEpoch);
    }
    switch (outcome.is) {
      case "admitted":
        return this.#admitted(ticket, outcome.until, outcome.again, answered, elapsed);
      case "waiting": {
        const isHidden = command.do === "checkIn" && command.isHidden === true;
        const member = memberOf(ticket);
        this.#presentUntil.put(member, now + (isHidden ? hiddenMs : Math.ceil(outcome.nextMs * 1.2) + 1000));
        const front = this.#fronts[laneOf(ticket.number)];
        if (isHidden) front.remove(member);
        else front.put(member, ticket.number);
        return;
      }
      case "renewed":
        ticket.isConfirmed = true;
        ticket.passUntil = Math.max(ticket.passUntil, outcome.until);
        ticket.checkAt = Math.min(ticket.passUntil, now + checkMs);
        this.#keep(ticket, now);
        return this.#goAway(memberOf(ticket));
      case "ended":
        if (!ticket.hasLeft && command.do === "renew" && command.until > now) this.violations.thrown++;
        ticket.passUntil = Math.min(ticket.passUntil, now);
        return this.#keep(ticket, now);
      case "left":
        this.#goAway(memberOf(ticket));
        ticket.hasLeft ||= ticket.admittedAt >= 0;
        ticket.passUntil = Math.min(ticket.passUntil, ticket.checkAt);
        return this.#keep(ticket, now);
      case "lapsed":
        if (
          outcome.wasUsed ? ticket.admittedAt < 0 : this.#presentUntil.score(memberOf(ticket)) !== undefined
        ) {
          this.violations.lapsed++;
        }
        return this.#goAway(memberOf(ticket));
      case "unknown":
        if (ticket.epoch === roomEpoch) this.violations.unknown++;
        return;
      default:
    }
  }

  #moved(status: Answered["status"]): void {
    if (status.epoch !== this.#epoch) {
      this.#epoch = status.epoch;
      this.#highest.fill(0);
      this.#presentUntil.clear();
      for (const front of this.#fronts) front.clear();
    } else if (this.#last !== undefined && this.#isAware) {
      if (isBack(status, this.#last)) this.violations.back++;
    }
    if (this.#isAware) this.#last = status;
    this.#sweep(status.now);
  }
}

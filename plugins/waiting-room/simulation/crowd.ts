/** Those who want in, as they behave at their pages until they are let in. */

import { type Command, type Holder, type Outcome, priorityBase, statusOfLane } from "../machine/mod.ts";
import type { Agenda } from "./agenda.ts";
import type { Ask } from "./door.ts";
import type { Fates } from "./figures.ts";
import type { FarLine } from "./line.ts";
import { nextLookOf } from "./page.ts";
import type { Random } from "./random.ts";
import { beginning, type SimulatedStore } from "./store.ts";
import { tagOf, type Ticket, ticketOf } from "./ticket.ts";
import type { Crowd, World } from "./world.ts";

/** Somebody with a page. */
export interface Visitor {
  readonly ticket: Ticket;
  readonly kind: "awake" | "hidden" | "suspended";
  /** Until when the page is hidden or the device sleeps, and since when the number is called. */
  readonly wakesAt: number;
  readonly calledAt: number;
  /** When the visitor joined, in milliseconds since the beginning. */
  readonly joinedAt: number;
  calledLast: number;
  isGone: boolean;
}

/** What a crowd needs. */
export interface Surroundings {
  readonly world: World;
  readonly agenda: Agenda;
  readonly random: Random;
  readonly store: SimulatedStore;
  /** The lane that the crowd joins, by whether it is that of those with priority. */
  readonly isPriority: boolean;
  readonly crowd: Crowd;
  readonly far: FarLine;
  readonly fates: Fates;
  /** Asks one of the nodes. */
  ask(command: Command, ticket: Ticket | undefined, done: Ask["done"]): void;
  /** Somebody is let in. */
  enters(visitor: Visitor, outcome: Outcome & { readonly is: "admitted" }): void;
}

/** The crowd. */
export interface SimulatedCrowd {
  /** Calls up those whose numbers the frontier has reached. */
  callUp(): void;
  /** How many people there are who wait and were called. */
  readonly called: number;
  /** Whether more are going to come. */
  readonly isComing: boolean;
}

/** Makes a crowd, and lets it come. */
export function createCrowd(around: Surroundings): SimulatedCrowd {
  return new Visitors(around);
}

class Visitors implements SimulatedCrowd {
  readonly #around: Surroundings;
  readonly #crowd: Crowd;
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #fates: Fates;
  #visitors: number;
  #arrived = 0;
  #called = 0;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#crowd = around.crowd;
    this.#agenda = around.agenda;
    this.#random = around.random;
    this.#fates = around.fates;
    this.#visitors = (around.isPriority ? priorityBase : 0) + this.#crowd.waiting;
    const { arrivals } = this.#crowd;
    if (arrivals !== undefined) this.#arrive(arrivals);
  }

  get called(): number {
    return this.#called;
  }

  get isComing(): boolean {
    const { arrivals, mostArrivals } = this.#crowd;
    return arrivals !== undefined && this.#arrived < mostArrivals;
  }

  #arrive(rate: (ms: number) => number): void {
    if (this.#arrived >= this.#crowd.mostArrivals) return;
    const perSecond = rate(this.#agenda.now);
    if (!(perSecond > 0)) return this.#agenda.in(1000, () => this.#arrive(rate));
    this.#agenda.in(this.#random.exponential(1000 / perSecond), () => {
      this.#arrived++;
      this.#join();
      this.#arrive(rate);
    });
  }

  #join(): void {
    const visitor = ++this.#visitors;
    this.#fates.joined++;
    this.#enter(visitor, ticketOf(0, 0, tagOf(visitor), 0), this.#agenda.now);
  }

  #enter(visitor: number, ticket: Ticket, joinedAt: number): void {
    const { isPriority } = this.#around;
    const command = {
      do: "enter",
      tag: ticket.tag,
      servesPage: true,
      ...(isPriority && { isPriority }),
    } as const;
    this.#around.ask(command, ticket, (outcome) => {
      if (outcome === undefined) {
        return this.#agenda.in(
          this.#random.between(1000, 3000),
          () => this.#enter(visitor, ticket, joinedAt),
        );
      }
      switch (outcome.is) {
        case "later":
          this.#fates.later++;
          return this.#agenda.in(
            outcome.seconds * 1000 + this.#random.between(0, 1000),
            () => this.#enter(visitor, ticket, joinedAt),
          );
        case "closed":
          this.#fates.refused++;
          return;
        case "far":
          this.#around.far.join(outcome.number, visitor, ticket.issuedAt);
          // The frontier may have moved on while the answer was under way.
          if (outcome.number <= this.#around.far.called) this.callUp();
          return;
        default: {
          this.#called++;
          const met = this.#meet(ticket, joinedAt);
          // Whoever has just come is looking at the page.
          this.#answered(met.kind === "suspended" ? { ...met, kind: "awake" } : met, outcome);
        }
      }
    });
  }

  #meet(ticket: Ticket, joinedAt: number): Visitor {
    const chance = this.#random.next();
    const kind = chance < this.#crowd.hidden
      ? "hidden"
      : chance < this.#crowd.hidden + this.#crowd.suspended
      ? "suspended"
      : "awake";
    const wakesAt = kind === "awake" ? 0 : this.#agenda.now + this.#random.exponential(this.#crowd.awayMs);
    return {
      ticket,
      kind,
      wakesAt,
      calledAt: this.#agenda.now,
      joinedAt,
      calledLast: this.#agenda.now,
      isGone: false,
    };
  }

  callUp(): void {
    const status = statusOfLane(this.#around.store.status, this.#around.isPriority ? priorityBase + 1 : 1);
    const { stays } = this.#crowd;
    if (status.frontier <= this.#around.far.called && status.issued >= this.#around.far.called) return;
    this.#around.far.call(status.frontier, ({ number, tag, issuedAt }) => {
      const share = typeof stays === "number" ? stays : stays(number % priorityBase);
      if (!this.#random.chance(share)) {
        this.#fates.never++;
        return;
      }
      const ticket = ticketOf(status.epoch, number, tag, issuedAt);
      const tabs = this.#random.chance(this.#crowd.shared) ? 3 : 1;
      for (let tab = 0; tab < tabs; tab++) {
        this.#called++;
        const visitor = this.#meet(ticket, Math.max(0, issuedAt - beginning));
        const looksMs = this.#random.next() * nextLookOf(status, number) +
          this.#random.next() * this.#around.world.statusAgeMs +
          this.#random.between(100, 300);
        this.#agenda.in(this.#delay(visitor, looksMs, true), () => this.#call(visitor));
      }
    });
  }

  /** How long until a page acts that meant to wait so long. */
  #delay({ kind, wakesAt }: Visitor, waitMs: number, isExact = false): number {
    const leftMs = wakesAt - this.#agenda.now;
    if (kind === "suspended" && leftMs > 0) return leftMs + 200;
    // Browsers wake a page that is hidden once a minute, and at once when it is looked at.
    if (kind === "hidden" && leftMs > 0) return Math.min(Math.max(waitMs, 60_000), leftMs + 200);
    return (isExact ? waitMs : waitMs * this.#random.between(0.8, 1.2)) +
      this.#random.between(20, 200);
  }

  #call(visitor: Visitor): void {
    if (visitor.isGone) return;
    const { ticket, kind, wakesAt } = visitor;
    const waitedMs = this.#agenda.now - visitor.calledLast;
    visitor.calledLast = this.#agenda.now;
    if (this.#random.chance(1 - Math.exp(-waitedMs / this.#crowd.patienceMs))) {
      this.#fates.gaveUp++;
      this.#go(visitor);
      if (this.#random.chance(this.#crowd.saysSo)) {
        this.#around.ask({ do: "leave", ...holderOf(ticket) }, ticket, () => {});
      }
      return;
    }
    const isHidden = kind === "hidden" && this.#agenda.now < wakesAt;
    this.#around.ask(
      { do: "checkIn", ...holderOf(ticket), isHidden },
      ticket,
      (outcome) => this.#answered(visitor, outcome),
    );
  }

  #go(visitor: Visitor): void {
    if (visitor.isGone) return;
    visitor.isGone = true;
    this.#called--;
  }

  #answered(visitor: Visitor, outcome: Outcome | undefined): void {
    if (visitor.isGone) return;
    if (outcome === undefined) {
      return this.#agenda.in(this.#random.between(1000, 3000), () => this.#call(visitor));
    }
    switch (outcome.is) {
      case "admitted":
        this.#fates.admitted++;
        if (this.#isAway(visitor)) this.#fates.admittedHidden++;
        this.#go(visitor);
        return this.#around.enters(visitor, outcome);
      case "waiting":
        return this.#agenda.in(this.#delay(visitor, outcome.nextMs), () => this.#call(visitor));
      case "far":
        return this.#agenda.in(this.#delay(visitor, 5000), () => this.#call(visitor));
      case "later":
        return this.#agenda.in(outcome.seconds * 1000, () => this.#call(visitor));
      case "lapsed":
      case "unknown":
        return this.#lost(visitor, outcome);
      default:
        this.#fates.refused++;
        return this.#go(visitor);
    }
  }

  #isAway({ kind, wakesAt }: Visitor): boolean {
    return kind !== "awake" && this.#agenda.now < wakesAt;
  }

  #lost(visitor: Visitor, outcome: Outcome): void {
    this.#go(visitor);
    if (outcome.is === "lapsed" && outcome.wasUsed) return;
    if (outcome.is === "unknown") this.#fates.lost++;
    else if (visitor.kind === "suspended") this.#fates.lapsedSuspended++;
    else if (visitor.kind === "hidden") this.#fates.lapsedHidden++;
    else this.#fates.lapsedAwake++;
    if (!this.#random.chance(this.#crowd.rejoins)) return;
    this.#fates.rejoined++;
    const visitorAgain = ++this.#visitors;
    this.#agenda.in(
      this.#random.between(0, 30_000),
      () => this.#enter(visitorAgain, ticketOf(0, 0, tagOf(visitorAgain), 0), this.#agenda.now),
    );
  }
}

/** By what a ticket says who somebody is. */
export function holderOf({ epoch, number, tag, issuedAt }: Ticket): Holder {
  return { epoch, number, tag, issuedAt };
}

/** Those who want in, as they behave at their pages until they are let in. */

import type { Command, Holder, Outcome } from "../machine/mod.ts";
import type { Agenda } from "./agenda.ts";
import type { Ask } from "./door.ts";
import type { Fates } from "./figures.ts";
import type { FarLine } from "./line.ts";
import { nextLookOf } from "./page.ts";
import type { Random } from "./random.ts";
import { beginning, type SimulatedStore } from "./store.ts";
import { type Ticket, tagOf, ticketOf } from "./ticket.ts";
import type { World } from "./world.ts";

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
  const { world: { crowd, statusAgeMs }, agenda, random, store, far, fates, ask } = around;
  const { arrivals, mostArrivals, stays } = crowd;
  let visitors = crowd.waiting;
  let arrived = 0;
  let called = 0;

  if (arrivals !== undefined) arrive(arrivals);

  function arrive(rate: (ms: number) => number): void {
    if (arrived >= mostArrivals) return;
    const perSecond = rate(agenda.now);
    if (!(perSecond > 0)) return agenda.in(1000, () => arrive(rate));
    agenda.in(random.exponential(1000 / perSecond), () => {
      arrived++;
      join();
      arrive(rate);
    });
  }

  function join(): void {
    const visitor = ++visitors;
    fates.joined++;
    enter(visitor, ticketOf(0, 0, tagOf(visitor), 0), agenda.now);
  }

  function enter(visitor: number, ticket: Ticket, joinedAt: number): void {
    ask({ do: "enter", tag: ticket.tag, servesPage: true }, ticket, (outcome) => {
      if (outcome === undefined) return agenda.in(random.between(1000, 3000), () => enter(visitor, ticket, joinedAt));
      switch (outcome.is) {
        case "later":
          fates.later++;
          return agenda.in(outcome.seconds * 1000 + random.between(0, 1000), () => enter(visitor, ticket, joinedAt));
        case "closed":
          fates.refused++;
          return;
        case "far":
          far.join(outcome.number, visitor, ticket.issuedAt);
          // The frontier may have moved on while the answer was under way.
          if (outcome.number <= far.called) callUp();
          return;
        default: {
          called++;
          const met = meet(ticket, joinedAt);
          // Whoever has just come is looking at the page.
          answered(met.kind === "suspended" ? { ...met, kind: "awake" } : met, outcome);
        }
      }
    });
  }

  function meet(ticket: Ticket, joinedAt: number): Visitor {
    const chance = random.next();
    const kind = chance < crowd.hidden
      ? "hidden"
      : chance < crowd.hidden + crowd.suspended
      ? "suspended"
      : "awake";
    const wakesAt = kind === "awake" ? 0 : agenda.now + random.exponential(crowd.awayMs);
    return { ticket, kind, wakesAt, calledAt: agenda.now, joinedAt, calledLast: agenda.now, isGone: false };
  }

  function callUp(): void {
    const { status } = store;
    if (status.frontier <= far.called && status.issued >= far.called) return;
    far.call(status.frontier, ({ number, tag, issuedAt }) => {
      const share = typeof stays === "number" ? stays : stays(number);
      if (!random.chance(share)) {
        fates.never++;
        return;
      }
      const ticket = ticketOf(status.epoch, number, tag, issuedAt);
      const tabs = random.chance(crowd.shared) ? 3 : 1;
      for (let tab = 0; tab < tabs; tab++) {
        called++;
        const visitor = meet(ticket, Math.max(0, issuedAt - beginning));
        const looksMs = random.next() * nextLookOf(status, number) + random.next() * statusAgeMs + random.between(100, 300);
        agenda.in(delay(visitor, looksMs, true), () => call(visitor));
      }
    });
  }

  /** How long until a page acts that meant to wait so long. */
  function delay({ kind, wakesAt }: Visitor, waitMs: number, isExact = false): number {
    const leftMs = wakesAt - agenda.now;
    if (kind === "suspended" && leftMs > 0) return leftMs + 200;
    // Browsers wake a page that is hidden once a minute, and at once when it is looked at.
    if (kind === "hidden" && leftMs > 0) return Math.min(Math.max(waitMs, 60_000), leftMs + 200);
    return (isExact ? waitMs : waitMs * random.between(0.8, 1.2)) + random.between(20, 200);
  }

  function call(visitor: Visitor): void {
    if (visitor.isGone) return;
    const { ticket, kind, wakesAt } = visitor;
    const waitedMs = agenda.now - visitor.calledLast;
    visitor.calledLast = agenda.now;
    if (random.chance(1 - Math.exp(-waitedMs / crowd.patienceMs))) {
      fates.gaveUp++;
      go(visitor);
      if (random.chance(crowd.saysSo)) ask({ do: "leave", ...holderOf(ticket) }, ticket, () => {});
      return;
    }
    const isHidden = kind === "hidden" && agenda.now < wakesAt;
    ask({ do: "checkIn", ...holderOf(ticket), isHidden }, ticket, (outcome) => answered(visitor, outcome));
  }

  function go(visitor: Visitor): void {
    if (visitor.isGone) return;
    visitor.isGone = true;
    called--;
  }

  function answered(visitor: Visitor, outcome: Outcome | undefined): void {
    if (visitor.isGone) return;
    if (outcome === undefined) return agenda.in(random.between(1000, 3000), () => call(visitor));
    switch (outcome.is) {
      case "admitted":
        fates.admitted++;
        if (isAway(visitor)) fates.admittedHidden++;
        go(visitor);
        return around.enters(visitor, outcome);
      case "waiting":
        return agenda.in(delay(visitor, outcome.nextMs), () => call(visitor));
      case "far":
        return agenda.in(delay(visitor, 5000), () => call(visitor));
      case "later":
        return agenda.in(outcome.seconds * 1000, () => call(visitor));
      case "lapsed":
      case "unknown":
        return lost(visitor, outcome);
      default:
        fates.refused++;
        return go(visitor);
    }
  }

  function isAway({ kind, wakesAt }: Visitor): boolean {
    return kind !== "awake" && agenda.now < wakesAt;
  }

  function lost(visitor: Visitor, outcome: Outcome): void {
    go(visitor);
    if (outcome.is === "lapsed" && outcome.wasUsed) return;
    if (outcome.is === "unknown") fates.lost++;
    else if (visitor.kind === "suspended") fates.lapsedSuspended++;
    else if (visitor.kind === "hidden") fates.lapsedHidden++;
    else fates.lapsedAwake++;
    if (!random.chance(crowd.rejoins)) return;
    fates.rejoined++;
    const visitorAgain = ++visitors;
    agenda.in(random.between(0, 30_000), () => enter(visitorAgain, ticketOf(0, 0, tagOf(visitorAgain), 0), agenda.now));
  }

  return {
    callUp,
    get called() {
      return called;
    },
    get isComing() {
      return arrivals !== undefined && arrived < mostArrivals;
    },
  };
}

/** By what a ticket says who somebody is. */
export function holderOf({ epoch, number, tag, issuedAt }: Ticket): Holder {
  return { epoch, number, tag, issuedAt };
}

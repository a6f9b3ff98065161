/** Those who were let in, as they go from page to page. */

import type { Command, Outcome } from "../machine/mod.ts";
import type { Agenda } from "./agenda.ts";
import { holderOf, type Visitor } from "./crowd.ts";
import type { Ask } from "./door.ts";
import type { Random } from "./random.ts";
import type { SimulatedStore } from "./store.ts";
import type { Ticket } from "./ticket.ts";
import type { World } from "./world.ts";

/** Until when a pass is good before it is asked about again, in milliseconds. */
const checkMs = 60_000;
/** How many times as long as one session somebody may stay. */
const longest = 4;

/** A pass in a browser. */
interface Pass {
  readonly ticket: Ticket;
  readonly latest: number;
  readonly leavesAt: number;
  until: number;
  check: number;
}

/** Makes those who are inside: answers what lets somebody in. */
export function createGuests(
  { world: { crowd, limits }, agenda, random, store, ask, serve }: {
    readonly world: World;
    readonly agenda: Agenda;
    readonly random: Random;
    readonly store: SimulatedStore;
    /** Has the application make a page, and tells how long that takes, in milliseconds. */
    serve(visitor: string): number;
    ask(command: Command, ticket: Ticket | undefined, done: Ask["done"]): void;
  },
): (visitor: Visitor, outcome: Outcome & { readonly is: "admitted" }) => void {
  const { pageMs, stayMs, saysSo, noShow } = crowd;

  function page(pass: Pass): void {
    const now = store.time();
    if (agenda.now >= pass.leavesAt) return leave(pass);
    if (now >= pass.check) return renew(pass);
    next(pass);
  }

  function next(pass: Pass): void {
    const at = agenda.now + serve(pass.ticket.tag) + random.exponential(pageMs);
    agenda.at(Math.min(at, pass.leavesAt), () => page(pass));
  }

  function renew(pass: Pass): void {
    const { ticket, until, latest } = pass;
    const now = store.time();
    // Whoever comes back too late may still send a form; any other page has to wait again.
    const isLatePost = now > until;
    if (isLatePost && (now > until + checkMs || !random.chance(0.2))) return;
    ask(
      { do: "renew", ...holderOf(ticket), until, latest, extends: true, isLatePost },
      ticket,
      (outcome) => {
        if (outcome === undefined) return agenda.in(random.between(1000, 3000), () => page(pass));
        if (outcome.is !== "renewed") return;
        pass.until = outcome.until;
        pass.check = Math.min(outcome.until, store.time() + checkMs);
        next(pass);
      },
    );
  }

  function leave({ ticket }: Pass): void {
    if (random.chance(saysSo)) ask({ do: "leave", ...holderOf(ticket) }, ticket, () => {});
  }

  return ({ ticket }, { until, isConfirmed }) => {
    if (pageMs === 0 || random.chance(noShow)) return;
    const pass: Pass = {
      ticket,
      // Whoever else has the ticket is inside as long as the first one.
      latest: isConfirmed ? until : store.time() + longest * limits.sessionMs,
      leavesAt: agenda.now + random.exponential(stayMs),
      until,
      // A first pass is taken by bringing it.
      check: 0,
    };
    agenda.in(random.between(500, 2000), () => page(pass));
  };
}

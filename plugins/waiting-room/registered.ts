/** Those who registered for a lottery, and what becomes of them. */

import type { LotteryDesk } from "./lottery-desk.ts";
import {
  type Holder,
  isRegistered,
  isRegistration,
  registrationEnd,
  type RoomStatus,
} from "./machine/mod.ts";
import { type Registration, registrationOf, type Ticket, ticketOf } from "./tickets/mod.ts";
import { closedOf, givesNothing } from "./standing.ts";
import type { Visit } from "./visit.ts";
import type { Waiter } from "./waiter.ts";

/** After how long somebody who is registered looks again, at most, in milliseconds: an opening may be moved, and a note be written. */
const longestMs = 300_000;

/**
 * The ticket that somebody has by now: for a registration the drawn one, as soon as there is an order. A number of another draw is
 * none.
 */
export function drawn(
  lottery: LotteryDesk | undefined,
  visit: Visit,
  ticket: Ticket | Registration,
  status: RoomStatus,
): Ticket | Registration | "unknown" {
  if (ticket.epoch !== status.epoch) return ticket;
  const draw = lottery?.drawOf(status);
  if (ticket.kind === "ticket" && ticket.lot !== undefined) {
    return draw === undefined || ticket.lot.draw === draw.id ? ticket : "unknown";
  }
  const { epoch, number: registered, tag } = ticket;
  // Whoever was let in by a registered number, as everybody was, and did not come is registered as before.
  if (!isRegistered(status, registered)) return ticket;
  if (draw === undefined) {
    return ticket.kind === "registration" ? ticket : registrationOf(ticket, ticket.issuedAt);
  }
  const place = draw.placeOf(registered);
  visit.note(() => `the registered number ${registered} has drawn place ${place}`);
  const lot = { registered, draw: draw.id };
  return ticketOf({ epoch, number: place, tag, lot }, status.now, 0, status.passed);
}

/** Gives the visitor the ticket that was drawn, in the place of the registration. */
export function keepDrawn(visit: Visit, brought: Registration, ticket: Ticket | Registration): void {
  if (ticket !== brought && !visit.ctx.dryRun) visit.keep(ticket);
}

/** Whether there is nothing to ask about a registration. One that the room has not given is asked about, as for others far away. */
export function isStillRegistered(
  { epoch, number, issuedAt }: Registration,
  status: RoomStatus,
): boolean {
  const isKnown = number <= status.issued || issuedAt > status.now;
  return epoch === status.epoch && isKnown && isRegistration(status, number);
}

export function registered({ number }: Holder, status: RoomStatus): Waiter {
  if (givesNothing(status)) return closedOf(status);
  const { poll, now } = status;
  // Hours before registration closes little changes; afterwards, and of a great crowd, as many ask at a time as the room says.
  const nextMs = Math.max(poll * 1000, Math.min(longestMs, (registrationEnd(status) - now) / 10));
  return { situation: "registered", number, nextMs, status };
}

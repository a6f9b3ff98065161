/** What a room's answers and its state mean for those who wait. */

import { GateError } from "../../src/errors.ts";
import { type Holder, numberInLane, type Outcome, type RoomStatus, statusOfLane } from "./machine/mod.ts";
import { keptTicket, type Ticket } from "./tickets/mod.ts";
import type { Visit } from "./visit.ts";
import type { Waiter } from "./waiter.ts";

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

/** Whether nobody gets a number. */
export function givesNoNumbers({ mode }: RoomStatus): boolean {
  return mode === "closed" || mode === "sold-out" || mode === "draining";
}

/** What somebody is told where nobody is let in, or gets a number. */
export function closedOf(status: RoomStatus): Waiter {
  return { situation: status.mode === "sold-out" ? "sold-out" : "closed", nextMs: 60_000, status };
}

/** Whether nobody is going to be let in. */
export function givesNothing({ mode }: RoomStatus): boolean {
  return mode === "closed" || mode === "sold-out";
}

/**
 * Whether a number is not called yet, as the status tells without a question. One that a younger status has not given is asked about:
 * it proves that the room lost its state, and nobody else knows those who wait far away.
 */
export function isFar({ epoch, number, issuedAt }: Ticket, status: RoomStatus): boolean {
  const { epoch: current, frontier, issued, mode, now } = statusOfLane(status, number);
  // Where everybody is let in, nobody has to be called.
  return mode !== "bypass" && current === epoch && number > frontier && (number <= issued || issuedAt > now);
}

/** Somebody who is not called yet. */
export function far(
  visit: Visit,
  { number, from }: Pick<Ticket, "number" | "from">,
  status: RoomStatus,
): Waiter {
  const { frontier } = statusOfLane(status, number);
  visit.note(() =>
    `number ${numberInLane(number)} is not called yet: numbers up to ${numberInLane(frontier)} are`
  );
  return { situation: "far", number, from, status };
}

/** Whoever comes again while they are far has the ticket kept for longer, however long the line is. */
export function stillFar(visit: Visit, ticket: Ticket, status: RoomStatus): Waiter {
  const kept = visit.ctx.dryRun ? undefined : keptTicket(ticket, visit.now);
  if (kept !== undefined) visit.keep(kept);
  return far(visit, ticket, status);
}

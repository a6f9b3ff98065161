/** What a room's answers and its state mean for those who wait. */

import { GateError } from "../../src/errors.ts";
import type { Waiter } from "./answers.ts";
import type { Holder, Outcome, RoomStatus } from "./machine/mod.ts";
import type { Ticket } from "./tickets/mod.ts";

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
export function isFar(
  { epoch, number, issuedAt }: Ticket,
  { epoch: current, frontier, issued, mode, now }: RoomStatus,
): boolean {
  // Where everybody is let in, nobody has to be called.
  return mode !== "bypass" && current === epoch && number > frontier && (number <= issued || issuedAt > now);
}

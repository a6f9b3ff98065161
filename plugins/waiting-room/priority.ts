/** Who comes to have priority while they wait. */

import { chain } from "../../src/async/maybe-promise.ts";
import type { Desk } from "./desk.ts";
import { priorityBase, type RoomStatus } from "./machine/mod.ts";
import { givesNoNumbers } from "./standing.ts";
import type { Registration, Ticket } from "./tickets/mod.ts";
import type { Visit } from "./visit.ts";

/**
 * Whether somebody who waits in the lane of all others is to get a number of the priority lane: who has priority by now, and would be
 * let in earlier as its last one. Nobody loses anything by signing in.
 */
export function gainsPriority(
  { priority, node }: Desk,
  { ctx }: Visit,
  ticket: Ticket | Registration,
): boolean | Promise<boolean> {
  if (priority === undefined || ticket.kind === "registration" || ticket.number > priorityBase) return false;
  const { last } = node();
  if (last === undefined || ticket.epoch !== last.epoch) return false;
  const issued = last.priority?.issued ?? priorityBase;
  if (isSooner(issued + 1, ticket.number, last) !== true) return false;
  return chain(priority(ctx), (hasPriority) => hasPriority);
}

/**
 * Whether a number has its turn before one of the other lane; `undefined` where nobody can tell. Both lanes have people, so each goes on by its
 * weight; how many numbers of each come is what was seen of it.
 */
export function isSooner(one: number, other: number, status: RoomStatus): boolean | undefined {
  const { passed, share, priority } = status;
  if (priority === undefined || givesNoNumbers(status) || status.mode === "bypass") return undefined;
  const aheadOf = (number: number) =>
    number > priorityBase
      ? (number - priority.passed) * priority.share / priority.weight
      : (number - passed) * share;
  return aheadOf(one) < aheadOf(other);
}

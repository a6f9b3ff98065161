/** What is true of every room at any time. Whatever is not is a fault of ours, and the batch fails. */

import { GateError } from "../../../src/errors.ts";
import type { Outcome } from "./commands.ts";
import { isUndrawn } from "./lottery.ts";
import { paceOf } from "./limits.ts";
import type { RoomState } from "./state.ts";

/** What must not go back. */
export interface Mark {
  readonly epoch: number;
  readonly issued: number;
  readonly frontier: number;
  readonly passed: number;
  readonly admitted: number;
}

/** Takes note of what must not go back. */
export function markOf({ epoch, issued, frontier, passed, admitted }: RoomState): Mark {
  return { epoch, issued, frontier, passed, admitted };
}

/** Holds a state to what is always true. */
export function checkState(state: RoomState, before: Mark, outcomes: readonly Outcome[], now: number): void {
  const { epoch, issued, frontier, passed, line, front, asleep, expiry, limits, tat, base } = state;
  isTrue(epoch >= before.epoch, "the epoch went back");
  if (epoch === before.epoch) {
    isTrue(issued >= before.issued, "numbers went back");
    isTrue(frontier >= before.frontier, "the frontier went back");
    isTrue(passed >= before.passed, "those who were passed went back");
  }
  isTrue(
    issued >= frontier && frontier >= passed,
    "more were called than there are, or passed than were called",
  );
  isTrue(state.registered <= issued, "more are registered than there are");
  isTrue(frontier === 0 || !isUndrawn(state), "somebody was called before the order was drawn");
  isTrue(line.every((value, at) => value <= (line[at + 1] ?? passed)), "the lapse line is out of order");
  isTrue(front.size + asleep.size === expiry.size, "somebody is present without an end");
  const { interval, burst } = paceOf(limits);
  isTrue(burst === 0 || tat <= (now - base) * 1000 + 2 * burst * interval, "too much is owed");
  for (const outcome of outcomes) {
    if (outcome.is === "admitted") isTrue(outcome.rank < outcome.free, "somebody was admitted out of turn");
  }
}

function isTrue(condition: boolean, complaint: string): void {
  if (!condition) throw new GateError("internal", `The waiting room's state is wrong: ${complaint}`);
}

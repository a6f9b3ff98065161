/** What is true of every room at any time. Whatever is not is a fault of ours, and the batch fails. */

import { GateError } from "../../../src/errors.ts";
import type { Outcome } from "./commands.ts";
import type { Lane } from "./lane.ts";
import { lanesOf } from "./lanes.ts";
import { isUndrawn } from "./lottery.ts";
import { paceOf } from "./limits.ts";
import type { RoomState } from "./state.ts";

/** What must not go back. */
export interface Mark {
  readonly epoch: number;
  /** Of each lane, in their order; none goes. */
  readonly lanes: readonly Pick<Lane, "issued" | "frontier" | "passed">[];
}

/** Takes note of what must not go back. */
export function markOf(state: RoomState): Mark {
  const { epoch } = state;
  return {
    epoch,
    lanes: lanesOf(state).map(({ issued, frontier, passed }) => ({ issued, frontier, passed })),
  };
}

/** Holds a state to what is always true. */
export function checkState(state: RoomState, before: Mark, outcomes: readonly Outcome[], now: number): void {
  const { epoch, expiry, limits, tat, base } = state;
  isTrue(epoch >= before.epoch, "the epoch went back");
  let present = 0;
  for (const [at, lane] of lanesOf(state).entries()) {
    checkLane(lane, epoch === before.epoch ? before.lanes[at] : undefined);
    present += lane.front.size + lane.asleep.size;
  }
  isTrue(state.registered <= state.issued, "more are registered than there are");
  isTrue(state.frontier === 0 || !isUndrawn(state), "somebody was called before the order was drawn");
  isTrue(present === expiry.size, "somebody is present without an end");
  const { interval, burst } = paceOf(limits);
  isTrue(burst === 0 || tat <= (now - base) * 1000 + 2 * burst * interval, "too much is owed");
  for (const outcome of outcomes) {
    if (outcome.is === "admitted") isTrue(outcome.rank < outcome.free, "somebody was admitted out of turn");
  }
}

function checkLane(lane: Lane, before: Mark["lanes"][number] | undefined): void {
  const { issued, frontier, passed, line } = lane;
  if (before !== undefined) {
    isTrue(issued >= before.issued, "numbers went back");
    isTrue(frontier >= before.frontier, "the frontier went back");
    isTrue(passed >= before.passed, "those who were passed went back");
  }
  isTrue(
    issued >= frontier && frontier >= passed,
    "more were called than there are, or passed than were called",
  );
  isTrue(line.every((value, at) => value <= (line[at + 1] ?? passed)), "the lapse line is out of order");
}

function isTrue(condition: boolean, complaint: string): void {
  if (!condition) throw new GateError("internal", `The waiting room's state is wrong: ${complaint}`);
}

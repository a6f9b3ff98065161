/** How two lanes share what is admitted: one after the other, by their weights, and all of it where only one has people. */

import { type Lane, priorityBase } from "./lane.ts";
import { paceOf } from "./limits.ts";
import { beginPriority, type RoomState } from "./state.ts";
import type { LaneStatus } from "./status.ts";

/** The lanes of a room, its own first. */
export function lanesOf(state: RoomState): readonly Lane[] {
  return state.priority === undefined ? [state] : [state, state.priority];
}

/** The lane that a number is of. */
export function laneOf(state: RoomState, number: number): Lane {
  return number > priorityBase ? state.priority ?? state : state;
}

/** Behind which number a lane begins. */
export function baseOf(state: RoomState, lane: Lane): number {
  return lane === state ? 0 : priorityBase;
}

/** The lane that somebody joins. An order that was drawn is one of all people. */
export function laneToJoin(state: RoomState, isPriority: boolean): Lane {
  return isPriority && state.order !== "lottery" ? state.priority ?? state : state;
}

/** The lane beside one; `undefined` where there is one alone. */
export function otherLane(state: RoomState, lane: Lane): Lane | undefined {
  return lane === state ? state.priority : state;
}

/** Which part of what is admitted is a lane's: its share while the other one has people, and all of it otherwise. */
export function partOf(state: RoomState, lane: Lane): number {
  const { priority } = state;
  if (priority === undefined) return 1;
  const other = lane === state ? priority : state;
  if (other.front.size === 0 && other.frontier >= other.issued) return 1;
  const { weight } = priority;
  return (lane === state ? 1 : weight) / (1 + weight);
}

/** Whether the next who is admitted is one of the other lane, if there is anybody. */
export function isOthersTurn({ priority }: RoomState, lane: Lane): boolean {
  return priority !== undefined && (lane === priority) === priority.ahead > 0;
}

/** How many of the other lane go before somebody of this one, before whom so many of this one go. */
export function othersBefore(state: RoomState, lane: Lane, rank: number): number {
  const { priority } = state;
  if (priority === undefined) return 0;
  const { ahead, weight } = priority;
  const other = lane === state ? priority : state;
  const turns = lane === state ? Math.floor(rank * weight - ahead) + 1 : Math.ceil((ahead + rank) / weight);
  return Math.min(other.front.size, Math.max(0, turns));
}

/** Takes note of an admission: what a lane is ahead by, or behind, is made up for, but for no more than a burst. */
export function takeTurn(state: RoomState, lane: Lane): void {
  const { priority } = state;
  if (priority === undefined) return;
  const { weight } = priority;
  const { burst } = paceOf(state.limits);
  let ahead = priority.ahead + (lane === state ? -weight : 1);
  // Where nobody is, nothing is saved up. Whose page is hidden and whose turn is over is there: otherwise it would never be the turn of a lane of such.
  if (isEmpty(priority)) ahead = Math.max(0, ahead);
  if (isEmpty(state)) ahead = Math.min(0, ahead);
  priority.ahead = Math.min(burst * weight, Math.max(-burst, ahead));
}

function isEmpty({ front, asleep, passed }: Lane): boolean {
  return front.size === 0 && asleep.below(passed + 1) === 0;
}

/** Whether a node saw more of the priority lane than there is. */
export function isLaneBehind({ priority }: RoomState, seen: LaneStatus | undefined): boolean {
  if (seen === undefined) return false;
  const { issued, frontier, passed, admitted } = priority ??
    { issued: priorityBase, frontier: priorityBase, passed: priorityBase, admitted: 0 };
  return seen.issued > issued || seen.frontier > frontier || seen.passed > passed || seen.admitted > admitted;
}

/** Takes over what a node saw of the priority lane. */
export function restoreLane(state: RoomState, seen: LaneStatus | undefined): void {
  if (seen === undefined) return;
  const lane = beginPriority(state, seen.weight);
  lane.issued = Math.max(lane.issued, seen.issued);
  lane.frontier = Math.max(lane.frontier, seen.frontier);
  lane.passed = Math.max(lane.passed, seen.passed);
  lane.admitted = Math.max(lane.admitted, seen.admitted);
  lane.lastPassed = Math.max(lane.lastPassed, lane.passed);
  lane.line = lane.line.map((value) => Math.max(value, seen.lapseLine));
}

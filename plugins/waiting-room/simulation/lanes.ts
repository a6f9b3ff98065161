/** Which lane somebody is of, and what of it must not go back. */

import { priorityBase, type RoomStatus } from "../machine/mod.ts";

/** Something for each lane, that of those with priority last. */
export type Lanes<T> = [T, T];

/** The lane of a number. */
export function laneOf(number: number): 0 | 1 {
  return number > priorityBase ? 1 : 0;
}

/** Whether the numbers of a lane went back. */
export function isBack(room: Room, last: Room): boolean {
  return isLess(room, last) || (last.priority !== undefined && isLess(room.priority, last.priority));
}

type Numbers = Pick<RoomStatus, "issued" | "frontier" | "passed">;
type Room = Numbers & { readonly priority?: Numbers | undefined };

function isLess(lane: Numbers | undefined, last: Numbers): boolean {
  return lane === undefined || lane.issued < last.issued || lane.frontier < last.frontier ||
    lane.passed < last.passed;
}

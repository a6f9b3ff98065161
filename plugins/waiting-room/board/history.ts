/** What the figures of rooms were over the last hours, in the memory of this process, and no more than so much of it. */

import type { OperatedRoom } from "../controls/mod.ts";

/** The figures of one moment, in their order. `-1` stands for what is not known, or for no limit. */
export const pointNames = [
  "atMs",
  "present",
  "far",
  "inside",
  "joined",
  "admitted",
  "lapsed",
  "left",
  "admitPerMinute",
  "capacity",
  "waitSeconds",
  "storeLatencyMs",
  "storeFailures",
] as const;

/** The time between two moments, in milliseconds; longer where there are many rooms, or hours. */
const leastStepMs = 10_000;
/** How many moments are kept in all, of all rooms: of about a hundred bytes each. */
const mostPoints = 200_000;
/** And of one. */
const mostOfARoom = 2160;

/** The figures of the last hours. */
export interface History {
  /** The time between two moments, in milliseconds. */
  readonly stepMs: number;
  /** Takes the figures of all rooms, where that is due. Never rejected. */
  visited(): Promise<void> | undefined;
  /** The moments of a room after a time, the oldest first. */
  of(room: string, sinceMs: number): readonly (readonly number[])[];
}

/** Makes the history of rooms. */
export function createHistory(rooms: readonly OperatedRoom[], hours: number, now: () => number): History {
  const most = Math.max(10, Math.min(mostOfARoom, Math.floor(mostPoints / rooms.length)));
  const stepMs = Math.max(leastStepMs, Math.ceil(hours * 3_600_000 / most));
  const kept = Math.ceil(hours * 3_600_000 / stepMs);
  const points = new Map(rooms.map(({ name }) => [name, [] as (readonly number[])[]]));
  let takenAt = Number.NEGATIVE_INFINITY;

  async function take(room: OperatedRoom, atMs: number): Promise<void> {
    const point = pointOf(room, await room.status().catch(() => undefined), atMs);
    const list = points.get(room.name);
    list?.push(point);
    if (list !== undefined && list.length > kept) list.shift();
  }

  return {
    stepMs,
    visited() {
      const time = now();
      // A clock that was put back does not end it, and timers may come a little early.
      if (Math.abs(time - takenAt) < 0.95 * stepMs) return undefined;
      takenAt = time;
      return Promise.all(rooms.map((room) => take(room, time))).then(() => {});
    },
    of: (room, sinceMs) => (points.get(room) ?? []).filter(([atMs]) => (atMs ?? 0) > sinceMs),
  };
}

function pointOf(
  room: OperatedRoom,
  status: Awaited<ReturnType<OperatedRoom["status"]>> | undefined,
  atMs: number,
): readonly number[] {
  const known: Partial<Record<typeof pointNames[number], number>> = {
    ...(status === undefined ? room.store() : room.figures(status)),
    // Both are numbers, or there: the others of the figures are not asked for.
    atMs,
  } as Partial<Record<typeof pointNames[number], number>>;
  return pointNames.map((name) => known[name] ?? -1);
}

/** What the waiting page computes of a status that is the same for everybody. */

import { paceOf, type RoomStatus, unlimited } from "../machine/mod.ts";

/** For how long after the opening what was measured counts less than all, in seconds. */
const learningSeconds = 60;

/** How many numbers the head of the line goes on a second, as far as anybody knows; 0 where it stands. */
export function speedOf({ limits, share, endRate, sessions, pace, openedAt, now }: RoomStatus): number {
  const { interval } = paceOf(limits);
  if (interval === 0) return 0;
  const byRate = 1e6 / interval;
  const { capacity } = limits;
  const people = capacity === unlimited
    ? byRate
    : Math.min(byRate, Math.max(endRate, Math.min(byRate, (capacity - sessions) / 10)));
  const weight = openedAt === 0 ? 0 : Math.min(1, (now - openedAt) / 1000 / learningSeconds);
  return weight * pace + (1 - weight) * people / share;
}

/** How long until a number's turn, in milliseconds; `undefined` where nobody knows. */
export function timeLeftOf(status: RoomStatus, number: number): number | undefined {
  const { mode, opensAt, now, passed } = status;
  const speed = speedOf(status);
  if (!(speed > 0)) return undefined;
  const beforeMs = mode === "scheduled" ? Math.max(0, opensAt - now) : 0;
  return beforeMs + Math.max(0, number - passed) / speed * 1000;
}

/** After how long the page looks again, in milliseconds, without the part that is left to chance. */
export function nextLookOf(status: RoomStatus, number: number): number {
  const leftMs = timeLeftOf(status, number) ?? Number.POSITIVE_INFINITY;
  return Math.min(status.poll * 1000, Math.max(3000, leftMs / 10));
}

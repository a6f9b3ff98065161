/** How many may be admitted now. */

import { lanesOf } from "./lanes.ts";
import type { Limits } from "./limits.ts";
import { paceOf, unlimited } from "./limits.ts";
import type { RoomState } from "./state.ts";

/** How long the controller is busy after it called somebody, in milliseconds. */
export const quietMs = 10_000;

/** Whether people are admitted at all. */
export function isAdmitting({ mode, heldUntil }: RoomState, now: number): boolean {
  return (mode === "open" || mode === "draining") && now >= heldUntil;
}

/** Whether whoever calls is told that there is no line. Who is hidden notices up to a minute later that there is one again. */
export function isShut({ mode }: RoomState): boolean {
  return mode === "closed" || mode === "sold-out";
}

/** How many may be admitted now, by the rate and by the places. */
export function freeNow(state: RoomState, now: number): number {
  if (!isAdmitting(state, now)) return 0;
  return Math.max(0, Math.min(tokens(state, now), freePlaces(state, now)));
}

/** How many the rate lets in: the generic cell rate algorithm, in whole microseconds. */
export function tokens({ limits, base, tat }: RoomState, now: number): number {
  const { interval, burst } = paceOf(limits);
  if (burst === 0) return 0;
  const time = (now - base) * 1000;
  return Math.floor((time + (burst - 1) * interval - Math.max(tat, time)) / interval) + 1;
}

/** How many places are free; less than none where the capacity was lowered. */
export function freePlaces(state: RoomState, now: number): number {
  const { capacity } = state.limits;
  if (capacity === unlimited) return Number.POSITIVE_INFINITY;
  return capacity - state.sessions.size - ghostsNow(state, now);
}

/** How many places are kept for those who were inside when the state was lost. */
export function ghostsNow({ limits, ghosts, ghostsAtFirst, ghostsUntil }: RoomState, now: number): number {
  if (now >= ghostsUntil) return 0;
  if (limits.recovery === "strict") return ghosts;
  const left = ghostsAtFirst * (ghostsUntil - now) / limits.sessionMs;
  return Math.max(0, Math.ceil(left - (ghostsAtFirst - ghosts)));
}

/** Takes note of an admission. */
export function takeToken(state: RoomState, now: number): void {
  state.tat = Math.max(state.tat, (now - state.base) * 1000) + paceOf(state.limits).interval;
}

/** Nobody is admitted by the rate before a whole burst has gone by. */
export function emptyBucket(state: RoomState, now: number): void {
  const { interval, burst } = paceOf(state.limits);
  state.tat = Math.max(state.tat, (now - state.base) * 1000 + burst * interval);
}

/** Puts other limits in force. What is owed stays the same share of the burst, so that a rate that flaps admits no more. */
export function setLimits(state: RoomState, limits: Limits, now: number): void {
  const old = paceOf(state.limits);
  const next = paceOf(limits);
  state.limits = limits;
  if (old.interval === next.interval && old.burst === next.burst) return;
  const time = (now - state.base) * 1000;
  if (old.burst === 0 || next.burst === 0) {
    state.tat = time + next.burst * next.interval;
    return;
  }
  const owed = Math.max(0, state.tat - time) / (old.burst * old.interval);
  state.tat = time + Math.ceil(owed * (next.burst * next.interval));
  for (const lane of lanesOf(state)) {
    lane.numbers *= old.interval / next.interval;
    lane.people *= old.interval / next.interval;
  }
}

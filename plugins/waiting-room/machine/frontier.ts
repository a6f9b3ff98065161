/** How many are called, so that there is always somebody present to be admitted, and not many more. */

import type { Lane } from "./lane.ts";
import { lanesOf, partOf } from "./lanes.ts";
import { paceOf } from "./limits.ts";
import { isUndrawn } from "./lottery.ts";
import { freePlaces, isAdmitting, quietMs } from "./rate.ts";
import type { RoomState } from "./state.ts";

/** How often the frontier moves at most, in milliseconds. */
const moveMs = 250;
/** For how long ahead people are called, in seconds, and how many more. */
const aheadSeconds = 60;
const more = 10;
/** How long before the opening people are called, in milliseconds. */
const earlyMs = 60_000;
/** In how many milliseconds somebody who was called comes, if at all, and how long what was seen counts. */
const comingMs = 10_000;
const memoryMs = 60_000;
const speedMs = 120_000;
/** Which share is expected to come as long as nothing is known, with how much weight, and the least one. */
const expectedShare = 0.7;
const leastWeight = 2;
const leastShare = 0.001;

/** What remains after a time, without a function that computers round in different ways. */
function decay(ms: number, ofMs: number): number {
  return ofMs / (ofMs + ms);
}

/** How many of a lane should be present. */
export function wanted(state: RoomState, lane: Lane, now: number): number {
  const { interval } = paceOf(state.limits);
  const byRate = interval === 0 ? 0 : aheadSeconds * 1e6 / interval;
  const byPlaces = Math.max(0, freePlaces(state, now)) + state.endRate * aheadSeconds;
  return Math.min(byRate, byPlaces) * partOf(state, lane) + more;
}

/** Looks at who came, and calls the next. */
export function moveFrontier(state: RoomState, now: number): void {
  const ms = now - state.tick;
  if (ms < moveMs) return;
  state.tick = now;
  learnEnds(state, ms);
  for (const lane of lanesOf(state)) {
    if (isCalling(state, now)) call(state, lane, ms, now);
    else {
      lane.lastPresent = lane.front.size;
      lane.admittedSince = 0;
    }
  }
}

/** Whether people are called now. */
export function isCalling(state: RoomState, now: number): boolean {
  const { mode, opensAt } = state;
  if (isUndrawn(state)) return false;
  if (mode === "scheduled") return opensAt > 0 && now >= opensAt - earlyMs;
  return mode === "open" || mode === "draining";
}

function learnEnds(state: RoomState, ms: number): void {
  const kept = decay(ms, memoryMs);
  state.endRate = kept * state.endRate + (1 - kept) * state.ended * 1000 / ms;
  state.ended = 0;
}

function call(state: RoomState, lane: Lane, ms: number, now: number): void {
  const present = lane.front.size;
  const want = wanted(state, lane, now);
  const left = lane.inflight * decay(ms, comingMs);
  const kept = decay(ms, memoryMs);
  const flow = lane.admittedSince;
  lane.matured = kept * lane.matured + (lane.inflight - left);
  lane.came = kept * lane.came + Math.max(-present, flow + present - lane.lastPresent);
  lane.inflight = left;
  lane.lastPresent = present;
  lane.admittedSince = 0;
  const weight = Math.max(leastWeight, want / 4);
  const share = (lane.came + expectedShare * weight) / (lane.matured + weight);
  lane.share = Math.min(1, Math.max(leastShare, share));
  const lacking = Math.ceil((want - present - lane.share * lane.inflight) / lane.share);
  const most = Math.min(lane.issued - lane.frontier, Math.ceil(2 * want / lane.share));
  const move = Math.max(0, Math.min(lacking, most));
  if (move > 0) {
    lane.frontier += move;
    lane.inflight += move;
    lane.quietUntil = now + quietMs;
  }
  measure(state, lane, flow, ms, now);
}

/** How fast the head of the line moves, in numbers and in people, while admissions are made. */
function measure(state: RoomState, lane: Lane, flow: number, ms: number, now: number): void {
  const isMoving = isAdmitting(state, now);
  const kept = isMoving ? decay(ms, speedMs) : 1;
  lane.seconds = kept * lane.seconds + (isMoving ? ms / 1000 : 0);
  lane.numbers = kept * lane.numbers + (lane.passed - lane.lastPassed);
  lane.people = kept * lane.people + flow;
  lane.lastPassed = lane.passed;
}

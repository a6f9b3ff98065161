/** What is done when a store has lost some of what it knew, or all. */

import type { Command } from "./commands.ts";
import { dropLane, priorityBase } from "./lane.ts";
import { baseOf, isLaneBehind, laneOf, lanesOf, restoreLane } from "./lanes.ts";
import { dropRegistrations, restoreLottery } from "./lottery.ts";
import { servedMs, spareMs } from "./presence.ts";
import { emptyBucket, ghostsNow, quietMs, setLimits } from "./rate.ts";
import { beginPriority, type RoomState, sessionKind, sessionOf, sessionScore } from "./state.ts";
import type { Seen } from "./seen.ts";
import { setBack, tellTime } from "./time.ts";
import { restoreTuning } from "./tuning.ts";

/** For how long there are no admissions and no numbers, so that all nodes can say what they know, in milliseconds. */
const holdMs = 3000;

/** Compares the state with what a node saw before and with what visitors bring, and puts it right. */
export function recover(
  state: RoomState,
  seen: Seen | undefined,
  commands: readonly Command[],
  clock: number,
): void {
  const isLess = seen !== undefined && isBehind(state, seen);
  const told = tellTime(state, clock);
  const now = isLess ? restore(state, seen, told) : told;
  const proof = proofOf(state, commands);
  if (proof === undefined) return;
  if (proof.epoch > state.epoch) beginEpoch(state, proof.epoch);
  if (now >= state.recoverUntil) {
    hold(state, lostPlaces(state, proof.issuedAt, now), now);
    state.recoveries++;
  }
  state.issued = Math.max(state.issued, proof.number);
  if (state.priority !== undefined) state.priority.issued = Math.max(state.priority.issued, proof.priority);
  state.knownSince = Math.min(state.knownSince, proof.issuedAt);
}

function isBehind(state: RoomState, seen: Seen): boolean {
  if (seen.epoch !== state.epoch) return seen.epoch > state.epoch;
  return seen.revision > state.revision || seen.issued > state.issued || seen.frontier > state.frontier ||
    seen.passed > state.passed || seen.admitted > state.admitted || seen.renewed > state.renewed ||
    isLaneBehind(state, seen.priority) ||
    // Nobody was told a later time than the last one, unless what was done then is lost.
    seen.now > state.last;
}

/** Takes over what a node saw, and tells the time, which goes on where the nodes saw it last. */
function restore(state: RoomState, seen: Seen, told: number): number {
  const now = Math.max(told, seen.now);
  setBack(state, now - told);
  state.last = now;
  const isOtherLine = seen.epoch > state.epoch;
  if (isOtherLine) beginEpoch(state, seen.epoch);
  restoreLottery(state, seen, isOtherLine);
  restoreTuning(state, seen, now);
  if (seen.revision > state.revision) {
    state.revision = seen.revision;
    state.mode = seen.mode;
    state.note = seen.note;
    state.opensAt = seen.opensAt;
    state.closesAt = seen.closesAt;
    state.openedAt = seen.openedAt;
    setLimits(state, seen.limits, now);
  }
  // Whoever was admitted in the lost time is not known, however many others are still here who went in it. Neither are those whom a
  // loss before this one left unknown: whoever of them was taken back in the lost time is so once more.
  const unknown = ghostsNow(state, now) + Math.max(0, seen.admitted - state.admitted);
  const inside = seen.sessions + seen.ghosts;
  const lost = Math.max(0, inside - state.sessions.size, Math.min(unknown, inside));
  state.issued = Math.max(state.issued, seen.issued);
  state.frontier = Math.max(state.frontier, seen.frontier);
  state.passed = Math.max(state.passed, seen.passed);
  state.admitted = Math.max(state.admitted, seen.admitted);
  state.renewed = Math.max(state.renewed, seen.renewed);
  state.lastPassed = Math.max(state.lastPassed, state.passed);
  state.line = state.line.map((value) => Math.max(value, seen.lapseLine));
  restoreLane(state, seen.priority);
  hold(state, lost, now);
  state.recoveries++;
  return now;
}

/** Begins another line. Whoever is inside stays there. */
export function beginEpoch(state: RoomState, epoch: number): void {
  state.epoch = epoch;
  for (const lane of lanesOf(state)) dropLane(lane, baseOf(state, lane));
  if (state.priority !== undefined) state.priority.ahead = 0;
  dropRegistrations(state);
  state.expiry.clear();
}

/** What visitors prove by tickets that this state cannot have given: the highest number of each lane, and since when there are any. */
interface Proof {
  readonly epoch: number;
  readonly number: number;
  readonly priority: number;
  readonly issuedAt: number;
}

function proofOf(state: RoomState, commands: readonly Command[]): Proof | undefined {
  let best: Proof | undefined;
  for (const command of commands) {
    if (command.do !== "checkIn" && command.do !== "renew") continue;
    const { epoch, number, issuedAt } = command;
    const isPriority = number > priorityBase;
    // Whoever has a number of it shows that there was one; with which weight nobody knows before the owner says so.
    if (isPriority) beginPriority(state, 1);
    if (epoch < state.epoch) continue;
    const { issued } = laneOf(state, number);
    if (epoch === state.epoch && number <= issued && issuedAt >= state.knownSince) continue;
    if (best !== undefined && epoch < best.epoch) continue;
    const known = best?.epoch === epoch ? best : undefined;
    best = {
      epoch,
      number: Math.max(isPriority ? 0 : number, known?.number ?? 0),
      priority: Math.max(isPriority ? number : 0, known?.priority ?? 0),
      issuedAt: Math.min(issuedAt, known?.issuedAt ?? issuedAt),
    };
  }
  return best;
}

/** How many may have been inside: nobody knows, so all that may be, unless they must have gone by now. */
function lostPlaces({ limits, base, sessions }: RoomState, issuedAt: number, now: number): number {
  const mayBeInside = now < base + limits.sessionMs || issuedAt > now - limits.sessionMs;
  return mayBeInside ? Math.max(0, limits.capacity - sessions.size) : 0;
}

/** Waits for what others know, and keeps the places of those who were inside. */
function hold(state: RoomState, lost: number, now: number): void {
  const { limits } = state;
  emptyBucket(state, now);
  state.heldUntil = now + holdMs;
  state.recoverUntil = now + limits.sessionMs;
  for (const lane of lanesOf(state)) {
    lane.quietUntil = Math.max(lane.quietUntil, now + quietMs);
    lane.lastPresent = lane.front.size;
    lane.admittedSince = 0;
    lane.inflight = 0;
  }
  if (limits.capacity >= 0) {
    state.ghosts = state.ghostsAtFirst = Math.max(lost, ghostsNow(state, now));
    state.ghostsUntil = state.recoverUntil;
  }
  // Each of these may have been taken in the lost time. What was taken before goes on until then as well, when its time comes.
  for (const member of state.sessions.upTo(4 * (now + servedMs + spareMs) + 3, state.sessions.size)) {
    const { endsAt, kind } = sessionOf(state.sessions.score(member) ?? 0);
    if (kind === sessionKind.claim) {
      state.sessions.put(member, sessionScore(Math.max(endsAt, state.recoverUntil), kind));
    }
  }
}

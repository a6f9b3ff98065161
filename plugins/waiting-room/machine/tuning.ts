/** The rate of a room that follows what its application can take. */

import type { Limits } from "./limits.ts";
import { isAdmitting, setLimits } from "./rate.ts";
import type { RoomState } from "./state.ts";
import type { Autotune, Heard, Report, Tuned, TuningReason } from "./tuned.ts";

/** How often a decision is made, and how long is waited for enough visitors, in milliseconds. */
const everyMs = 10_000;
const mostMs = 60_000;
/** How many visitors there must be for a decision, and how many errors one of them may bring about. */
const fewest = 5;
const fewErrors = 3;
/** What a rate becomes that is too high, and by how much one grows that is not: by a share of it, but by one a minute at least. */
const lowering = 0.7;
const raising = 0.02;
/** Which share of the rate must have been used before more can be learnt by raising it. */
const usedUp = 0.9;

/** Takes note of a report, and decides about the rate where it is time for that. */
export function tune(state: RoomState, report: Report | undefined, now: number): void {
  const { autotune } = state.configured;
  if (autotune === undefined) {
    state.tuned = state.heard = undefined;
    return;
  }
  const tuned = state.tuned ??= beginTuning(state, now);
  const heard = listen(state.heard ?? beginHearing(state, now), report);
  const ms = now - heard.since;
  state.heard = isAdmitting(state, now) ? heard : undefined;
  let rate = state.limits.admitPerMinute;
  if (state.heard !== undefined && ms >= everyMs) {
    const decided = decide(state, autotune, heard, now);
    if (decided.why !== "few" || ms >= mostMs) {
      state.tuned = { ...decided, ...(tuned.heldSince > 0 && { why: "held", heldSince: tuned.heldSince }) };
      state.heard = beginHearing(state, now);
      rate = rateAfter(rate, decided.why);
    }
  }
  if (tuned.heldSince === 0) setRate(state, rate, autotune, now);
}

/** Says that whoever runs the room sets its rate from now on, or does not any more. */
export function holdRate(state: RoomState, isHeld: boolean, now: number): void {
  if (state.configured.autotune === undefined) return;
  const tuned = state.tuned ?? beginTuning(state, now);
  state.tuned = { ...tuned, ...(isHeld ? { why: "held", heldSince: now } : { why: "new", heldSince: 0 }) };
  state.heard = beginHearing(state, now);
}

/** Takes over what a node saw of it, where that is younger. */
export function restoreTuning(
  state: RoomState,
  seen: { readonly revision: number; readonly tuned?: Tuned; readonly limits: Limits },
  now: number,
): void {
  const { revision, tuned, limits } = seen;
  state.heard = undefined;
  if (tuned === undefined || revision < state.revision) return;
  if (revision > state.revision) state.tuned = tuned;
  else if (tuned.at > (state.tuned?.at ?? 0)) {
    setLimits(state, { ...state.limits, admitPerMinute: limits.admitPerMinute }, now);
    state.tuned = tuned;
  }
}

/** A rate that is not the configured one was set by whoever runs the room, and stays. */
function beginTuning({ limits: { admitPerMinute }, configured }: RoomState, now: number): Tuned {
  const heldSince = admitPerMinute === configured.limits.admitPerMinute ? 0 : now;
  return {
    at: 0,
    why: heldSince > 0 ? "held" : "new",
    from: admitPerMinute,
    visitors: 0,
    meanMs: 0,
    errorRate: 0,
    used: 0,
    heldSince,
  };
}

function beginHearing({ admitted }: RoomState, now: number): Heard {
  return { since: now, admitted, visitors: 0, timed: 0, sumMs: 0, errors: 0 };
}

function listen(heard: Heard, report: Report | undefined): Heard {
  if (report === undefined) return heard;
  return {
    ...heard,
    visitors: heard.visitors + report.visitors,
    timed: heard.timed + report.timed,
    sumMs: heard.sumMs + report.sumMs,
    errors: heard.errors + report.errors,
  };
}

function decide(state: RoomState, autotune: Autotune, heard: Heard, now: number): Tuned {
  const { visitors, timed, sumMs, errors } = heard;
  const from = state.limits.admitPerMinute;
  const possible = from * ((now - heard.since) / 60_000);
  const figures = {
    at: now,
    from,
    visitors,
    meanMs: timed > 0 ? sumMs / timed : 0,
    errorRate: visitors > 0 ? errors / visitors : 0,
    used: possible > 0 ? (state.admitted - heard.admitted) / possible : 0,
    heldSince: 0,
  };
  return { ...figures, why: reasonOf(figures, autotune, heard) };
}

function reasonOf(
  { meanMs, errorRate, used }: Pick<Tuned, "meanMs" | "errorRate" | "used">,
  { targetMs, maxErrorRate }: Autotune,
  { timed, errors }: Heard,
): TuningReason {
  if (errors > fewErrors && errorRate > maxErrorRate) return "errors";
  if (timed < fewest) return "few";
  if (meanMs > targetMs) return "slow";
  return used >= usedUp ? "used" : "unused";
}

function rateAfter(rate: number, why: TuningReason): number {
  switch (why) {
    case "slow":
    case "errors":
      return rate * lowering;
    case "used":
      return rate + Math.max(1, rate * raising);
    default:
      return rate;
  }
}

/** Sets the rate within its bounds. */
function setRate(state: RoomState, rate: number, { min, max }: Autotune, now: number): void {
  const admitPerMinute = Math.max(min, Math.min(max, rate));
  if (admitPerMinute !== state.limits.admitPerMinute) {
    setLimits(state, { ...state.limits, admitPerMinute }, now);
  }
}

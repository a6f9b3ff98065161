/** Changes of a room: by its owner's configuration, and by whoever runs it. */

import type { Control, Outcome, RoomChange, RoomMode } from "./commands.ts";
import { commit, draw, reopenRegistration } from "./lottery.ts";
import { limitNames } from "./limits.ts";
import { baseOf, lanesOf } from "./lanes.ts";
import { hiddenMs } from "./presence.ts";
import { isShut, setLimits } from "./rate.ts";
import { beginEpoch } from "./recovery.ts";
import { beginPriority, type Configured, type RoomState } from "./state.ts";
import { holdRate } from "./tuning.ts";

/** Changes a room, unless somebody else was faster. */
export function control(state: RoomState, { change, revision }: Control, now: number): Outcome {
  if (revision !== undefined && revision !== state.revision) {
    return { is: "conflict", revision: state.revision };
  }
  apply(state, change, now);
  return { is: "ok", revision: state.revision };
}

/** Takes over what is new in a configuration that is younger than the one that the room has. */
export function configure(state: RoomState, configured: Configured, now: number): void {
  const known = state.configured;
  if (configured.since <= known.since) return;
  state.configured = configured;
  const { order = "arrival", priority } = configured;
  if (priority !== undefined) beginPriority(state, priority.weight).weight = priority.weight;
  // Whoever has a number was promised what it means.
  const isEmpty = lanesOf(state).every((lane) => lane.issued === baseOf(state, lane));
  const isOther = order !== state.order && isEmpty;
  if (isOther) state.order = order;
  const { limits, autotune, ...others } = configured;
  const { admitPerMinute } = limits;
  // Where the rate is not tuned any more, it is not what came of that either.
  const isUntuned = autotune === undefined && state.tuned?.heldSince === 0;
  const isTuned = autotune !== undefined && admitPerMinute !== known.limits.admitPerMinute;
  const change: RoomChange = {
    ...changes(others, known, ["note", "opensAt", "closesAt"]),
    limits: { ...changes(limits, known.limits, limitNames), ...(isUntuned && { admitPerMinute }) },
  };
  if (Object.keys(change).length > 1 || Object.keys(change.limits ?? {}).length > 0) {
    apply(state, isTuned ? { ...change, autotune: true } : change, now);
  } else if (isOther) apply(state, {}, now);
}

/** What one has that the other has not. */
function changes<T extends object, K extends keyof T>(
  next: T,
  known: Pick<T, K>,
  names: readonly K[],
): Partial<T> {
  const found: Partial<T> = {};
  for (const name of names) if (next[name] !== known[name]) found[name] = next[name];
  return found;
}

function apply(state: RoomState, change: RoomChange, now: number): void {
  const { limits, note, opensAt, closesAt, mode, autotune, dropsLine } = change;
  state.revision++;
  if (limits !== undefined) setLimits(state, { ...state.limits, ...limits }, now);
  if (autotune !== undefined || limits?.admitPerMinute !== undefined) {
    holdRate(state, autotune !== true, now);
  }
  if (note !== undefined) state.note = note;
  if (closesAt !== undefined) state.closesAt = closesAt;
  if (opensAt !== undefined) {
    // An opening that has been stays one where none is configured any more: what was given before it is good for a day after it.
    if (opensAt > 0 || state.opensAt > now) state.opensAt = opensAt;
    const isToCome = opensAt > now;
    // A closing that was ordered for an opening that has been is none of the next one.
    if (isToCome && closesAt === undefined && state.closesAt <= opensAt) state.closesAt = 0;
    // A room that closed is to open again, such as every day; one that is closed does not open by a time that is over.
    if (state.mode === "open" || state.mode === "scheduled" || (state.mode === "closed" && isToCome)) {
      setMode(state, isToCome ? "scheduled" : "open", now);
    }
  }
  if (mode !== undefined) setMode(state, mode, now);
  reopenRegistration(state, now);
  if (change.commit !== undefined) commit(state, change.commit);
  if (change.draw !== undefined) draw(state, change.draw, now);
  if (dropsLine === true) beginEpoch(state, state.epoch + 1);
}

function setMode(state: RoomState, mode: RoomMode, now: number): void {
  if (mode === "open" && state.openedAt === 0) state.openedAt = now;
  if (mode === "scheduled") state.openedAt = 0;
  // Whoever opens a room by hand need not wait for the time at which it would have opened.
  else if (state.opensAt > now) state.opensAt = now;
  const wasShut = isShut(state);
  state.mode = mode;
  // Somebody may have called in this very batch.
  if (wasShut && !isShut(state)) state.silentUntil = Math.max(state.silentUntil, now + hiddenMs);
}

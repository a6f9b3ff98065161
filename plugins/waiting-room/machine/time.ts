/** What time does to a room. */

import { type Lane, lineLength, marksLength } from "./lane.ts";
import { laneOf, lanesOf } from "./lanes.ts";
import { closeRegistration, isUndrawn } from "./lottery.ts";
import { hiddenMs } from "./presence.ts";
import { lateMs } from "./sessions.ts";
import { numberOf, type RoomState, sessionKind, sessionOf, sessionScore } from "./state.ts";
import { isAdmitting, isShut } from "./rate.ts";

/** A clock that goes back by no more than this stands still; otherwise it is taken as another clock. In milliseconds. */
const smallStepMs = 5000;
/** How many expiries are looked at in one batch. */
const mostExpiries = 1000;
/** In how many parts the time to come back moves, and how long one of the marks of given numbers counts, in milliseconds. */
const lineParts = 5;
const markMs = 10_000;
/** A time without any batch that is longer than this is one in which the store could not be reached: whoever is present calls. */
const silenceMs = 2000;
/** For how long whoever would lose the place by one call that does not arrive may still call, in milliseconds: pages ask again. */
const againMs = 30_000;
/** The part of a millisecond in the expiry of whoever was kept after it, over such a time or for one more call, and has not called since. */
const keptOnce = 0.5;

/** The time of the room, by that of the store: it never goes back, and never stands still for long. */
export function tellTime(state: RoomState, clock: number): number {
  const byMs = clock + state.offset - state.last;
  if (byMs < -smallStepMs) setBack(state, -byMs);
  // A clock that went back and was put right is not a time in which nobody came: otherwise all that is inside would end at once.
  else if (state.setBack > 0 && byMs >= state.setBack) setBack(state, -state.setBack);
  return state.last = Math.max(state.last, clock + state.offset);
}

/** Goes on by a clock that was set back by so much; by less than nothing where it was put right. */
export function setBack(state: RoomState, byMs: number): void {
  state.offset += byMs;
  state.setBack += byMs;
}

/** Lets the time pass up to now. */
export function passTime(state: RoomState, now: number): void {
  openOrClose(state, now);
  const wasShut = state.silentUntil > state.advancedAt;
  hear(state, now);
  expireFront(state, now, wasShut);
  expireSessions(state, now);
  moveLine(state, now);
  moveMarks(state, now);
  for (const lane of lanesOf(state)) forget(lane, lane === state ? state.registered : 0);
  state.advancedAt = now;
}

function forget({ line: [lapseLine = 0], spent, identities }: Lane, registered: number): void {
  // By their numbers, never by time: a number that was used is not good again.
  for (const member of spent.upTo(lapseLine, mostExpiries)) spent.remove(member);
  // Registrations are no places: none is over before all are.
  const identitiesUpTo = lapseLine < registered ? 0 : lapseLine;
  for (const tag of identities.upTo(identitiesUpTo, mostExpiries)) identities.remove(tag);
}

function openOrClose(state: RoomState, now: number): void {
  closeRegistration(state, now);
  const { mode, opensAt, closesAt } = state;
  if (mode === "scheduled" && opensAt > 0 && now >= opensAt && !isUndrawn(state)) {
    state.mode = "open";
    state.openedAt = now;
  }
  if (closesAt === 0 || now < closesAt) return;
  state.closesAt = 0;
  if (mode !== "bypass" && mode !== "sold-out") state.mode = "closed";
}

/** Takes note of a time in which nobody could call. Only after a closing it has not ended by the last batch. */
function hear(state: RoomState, now: number): void {
  if (isShut(state)) state.silentUntil = now + hiddenMs;
  else if (now - state.advancedAt > silenceMs) state.silentUntil = Math.max(state.silentUntil, now);
}

function expireFront(state: RoomState, now: number, wasShut: boolean): void {
  const isKept = isShut(state);
  // Whoever is not passed yet may be, and lose the place, before they call again.
  const isSoonLost = state.limits.returnMs < hiddenMs;
  for (const member of state.expiry.upTo(now, mostExpiries)) {
    const at = state.expiry.score(member) ?? 0;
    const number = numberOf(member);
    const lane = laneOf(state, number);
    const wasShown = lane.front.remove(member);
    if (!wasShown) lane.asleep.remove(member);
    // Who lost touch because nobody could call does not lose the place, if that hangs on being present, or may do so before they call again:
    // the line moves over whoever was passed. Once, while the room is not closed: a quiet room is silent again and again, and would keep a part
    // of its places for whoever is gone. Whatever ended before that time and was not looked at yet is taken for one of these.
    const wasSilent = at <= state.silentUntil && (wasShut || Number.isInteger(at));
    if ((isSoonLost || number <= lane.passed) && (isKept || wasSilent)) {
      lane.asleep.put(member, number);
      state.expiry.put(member, now + hiddenMs + (isKept ? 0 : keptOnce));
    } else if (wasShown && number <= (lane.line[1] ?? 0)) {
      // Others were let in past them long ago, as after a silence of the store: all that keeps the place is to be there.
      lane.asleep.put(member, number);
      state.expiry.put(member, now + againMs + keptOnce);
    } else state.expiry.remove(member);
  }
}

function expireSessions(state: RoomState, now: number): void {
  for (const member of state.sessions.upTo(4 * now + 3, mostExpiries)) {
    const { endsAt, kind } = sessionOf(state.sessions.score(member) ?? 0);
    // It may have been renewed in a time that was lost, and whoever has that pass says so whenever another page is asked for.
    if (kind === sessionKind.confirmed && now < state.recoverUntil) {
      state.sessions.put(member, sessionScore(state.recoverUntil, kind));
      continue;
    }
    state.sessions.remove(member);
    state.ended++;
    const number = numberOf(member);
    // Who was let in and never came may come again.
    if (kind === sessionKind.claim) continue;
    if (kind === sessionKind.confirmed) state.over.put(member, sessionScore(endsAt + lateMs, kind));
    const { line: [lapseLine = 0], spent } = laneOf(state, number);
    if (number > lapseLine) spent.put(member, number);
  }
  for (const member of state.over.upTo(4 * now + 3, mostExpiries)) state.over.remove(member);
}

/** Moves the line behind which places are lost: by a part of the time to come back in which somebody was admitted. */
function moveLine(state: RoomState, now: number): void {
  const partMs = state.limits.returnMs / lineParts;
  // While nobody can be admitted nobody is passed either.
  if (!isAdmitting(state, now)) state.lineAt += now - state.advancedAt;
  for (let parts = 0; now - state.lineAt >= partMs && parts < lineLength; parts++) {
    state.lineAt += partMs;
    for (const lane of lanesOf(state)) {
      if (lane.admitted === lane.lineAdmitted) continue;
      lane.lineAdmitted = lane.admitted;
      lane.line.shift();
      lane.line.push(lane.passed);
    }
  }
  if (now - state.lineAt >= partMs) state.lineAt = now;
}

function moveMarks(state: RoomState, now: number): void {
  for (let marks = 0; now - state.marksAt >= markMs && marks < marksLength; marks++) {
    state.marksAt += markMs;
    for (const lane of lanesOf(state)) {
      lane.marks.shift();
      lane.marks.push(lane.issued);
    }
  }
  if (now - state.marksAt >= markMs) state.marksAt = now;
  for (const { marks: [oldest = 0], recent } of lanesOf(state)) {
    for (const tag of recent.upTo(oldest, mostExpiries)) recent.remove(tag);
  }
}

/** Those who are inside. */

import type { Leave, Outcome, Renew } from "./commands.ts";
import { laneOf } from "./lanes.ts";
import { leaveFront, spareMs } from "./presence.ts";
import { memberOf, type RoomState, sessionKind, sessionOf, sessionScore } from "./state.ts";

/** How late a form may be, how long its place is then kept, and how long a copy of a pass is good after its holder left. */
export const lateMs = 60_000;
const checkMs = 60_000;

/** Keeps a place. */
export function renew(state: RoomState, command: Renew, now: number): Outcome {
  const { number, tag, until, latest, extends: isLonger } = command;
  const member = memberOf(number, tag);
  const score = state.sessions.score(member);
  if (score === undefined) return revive(state, member, command, now);
  const { endsAt, kind } = sessionOf(score);
  if (kind === sessionKind.left) return { is: "ended", number };
  let end = endsAt - spareMs;
  if (command.isLatePost && now > until) end = Math.max(end, now + lateMs);
  // The first time says that the place was taken, whatever brings the pass.
  else if (isLonger || kind === sessionKind.claim) {
    end = Math.max(end, Math.min(now + state.limits.sessionMs, latest));
  }
  state.sessions.put(member, sessionScore(end + spareMs, sessionKind.confirmed));
  state.renewed++;
  return { is: "renewed", number, until: end };
}

/** Takes somebody back in: whose place was lost with the state, or whose form came a little too late. */
function revive(state: RoomState, member: string, command: Renew, now: number): Outcome {
  const { number, until, latest } = command;
  // Who was renewed in the time that was lost may have ended here meanwhile: the pass says that this was too early.
  const isLost = now < state.recoverUntil && until > now;
  const isLate = command.isLatePost === true && now > until && now <= until + lateMs;
  const score = state.over.score(member);
  const kind = score === undefined ? undefined : sessionOf(score).kind;
  // A form is taken only where the session is known to have ended by itself, and nobody comes back who has left.
  if (kind === sessionKind.left || !(isLost || (isLate && kind !== undefined))) {
    return { is: "ended", number };
  }
  if (isLost) state.ghosts = Math.max(0, state.ghosts - 1);
  leaveFront(state, member);
  laneOf(state, number).spent.remove(member);
  state.over.remove(member);
  const end = isLost ? Math.max(until, Math.min(now + state.limits.sessionMs, latest)) : now + lateMs;
  state.sessions.put(member, sessionScore(end + spareMs, sessionKind.confirmed));
  state.renewed++;
  return { is: "renewed", number, until: end };
}

/** Gives a place back. A copy of the pass is good until its next check, and so long the place is not free. */
export function leave(state: RoomState, { number, tag }: Leave, now: number): Outcome {
  const member = memberOf(number, tag);
  leaveFront(state, member);
  const score = state.sessions.score(member);
  if (score !== undefined && sessionOf(score).kind !== sessionKind.left) {
    const { endsAt } = sessionOf(score);
    const { left } = sessionKind;
    state.sessions.put(member, sessionScore(Math.min(endsAt, now + checkMs + spareMs), left));
    state.over.put(member, sessionScore(endsAt + lateMs, left));
    state.left++;
  }
  return { is: "left", number };
}

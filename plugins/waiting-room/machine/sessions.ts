/** Those who are inside. */

import type { Leave, Outcome, Renew } from "./commands.ts";
import { leaveFront, spareMs } from "./presence.ts";
import { memberOf, type RoomState, sessionKind, sessionOf, sessionScore } from "./state.ts";

/** How late a form may be, how long its place is then kept, and how long a copy of a pass is good after its holder left. */
const lateMs = 60_000;
const checkMs = 60_000;

/** What is added to the number of somebody who left, so that it is known. */
export const leftMark = 0.5;

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
  return { is: "renewed", number, until: end };
}

/** Takes somebody back in: whose place was lost with the state, or whose form came a little too late. */
function revive(state: RoomState, member: string, command: Renew, now: number): Outcome {
  const { number, until, latest } = command;
  const hasLeft = (state.spent.score(member) ?? 0) > number;
  // Who was renewed in the time that was lost may have ended here meanwhile: the pass says that this was too early.
  const isLost = now < state.recoverUntil && until > now;
  const isLate = command.isLatePost === true && now > until && now <= until + lateMs;
  if (hasLeft || !(isLost || isLate)) return { is: "ended", number };
  if (isLost) state.ghosts = Math.max(0, state.ghosts - 1);
  leaveFront(state, member);
  state.spent.remove(member);
  const end = isLost ? Math.max(until, Math.min(now + state.limits.sessionMs, latest)) : now + lateMs;
  state.sessions.put(member, sessionScore(end + spareMs, sessionKind.confirmed));
  return { is: "renewed", number, until: end };
}

/** Gives a place back. A copy of the pass is good until its next check, and so long the place is not free. */
export function leave(state: RoomState, { number, tag }: Leave, now: number): Outcome {
  const member = memberOf(number, tag);
  leaveFront(state, member);
  const score = state.sessions.score(member);
  if (score !== undefined && sessionOf(score).kind !== sessionKind.left) {
    const endsAt = Math.min(sessionOf(score).endsAt, now + checkMs + spareMs);
    state.sessions.put(member, sessionScore(endsAt, sessionKind.left));
    state.left++;
  }
  return { is: "left", number };
}

/** Who is there, in which order, and who is let in. */

import type { CheckIn, Enter, Outcome } from "./commands.ts";
import { isCalling, wanted } from "./frontier.ts";
import type { Lane } from "./lane.ts";
import {
  baseOf,
  isOthersTurn,
  laneOf,
  lanesOf,
  laneToJoin,
  otherLane,
  othersBefore,
  takeTurn,
} from "./lanes.ts";
import { paceOf, unlimited } from "./limits.ts";
import type { OrderedSet } from "./ordered-set.ts";
import { isRegistering, isRegistration, isUndrawn } from "./lottery.ts";
import { freeNow, freePlaces, isAdmitting, isShut, takeToken, tokens } from "./rate.ts";
import { memberOf, numberOf, type RoomState, sessionKind, sessionOf, sessionScore } from "./state.ts";

/** How much longer a place is kept than any pass in hand says, in milliseconds. */
export const spareMs = 5000;
/** How long a place is kept for somebody who was admitted and has not come yet, and where the page itself was the answer. */
const claimMs = 60_000;
export const servedMs = 300_000;
/** For how long a hidden page counts as there, in milliseconds: browsers wake it once a minute. */
export const hiddenMs = 90_000;
/** Until when to call again: the bounds of the wait, in milliseconds. */
const soonestMs = 1000;
const usualMs = 15_000;
const longestMs = 60_000;
/** The least wait where nobody is admitted, for those at the front and for those behind. */
const stillMs = 5000;
/** For how many tags it is known which number they got, at most. */
const mostRecent = 100_000;
/**
 * The same for identities. It is a bound on what a store holds for those who are far, and nobody is refused for it: where there are more,
 * the one with the lowest number is forgotten, who is called first. Its ticket and its pass go on; without them it gets another number.
 */
export const mostIdentities: number = 250_000;

/** How somebody is met. */
interface Visit {
  readonly isEntering: boolean;
  readonly isHidden: boolean;
  readonly servesPage: boolean;
}

/** Gives a number. */
export function enter(
  state: RoomState,
  { tag, isIdentity = false, isPriority = false, bypasses = false, servesPage = false }: Enter,
  now: number,
): Outcome {
  if (bypasses) return passBy(state, tag, servesPage, now);
  const lane = laneToJoin(state, isPriority);
  const refusal = refusalNow(state, now);
  const known = isIdentity ? identityIn(state, lane, tag, refusal === undefined) : lane.recent.score(tag);
  if (known !== undefined) {
    // Who was let in before the draw, as everybody was, is inside and not only registered.
    if (isRegistration(state, known) && inside(state, memberOf(known, tag))?.is !== "admitted") {
      return { is: "registered", number: known, tag };
    }
    const again = comeBack(state, known, tag, { isEntering: false, isHidden: false, servesPage }, now);
    if (again.is !== "lapsed") return again;
  }
  if (refusal !== undefined) return refusal;
  const number = ++lane.issued;
  state.joined++;
  if (isIdentity) {
    giveUp(state, otherLane(state, lane), tag);
    remember(lane.identities, tag, number, mostIdentities);
  } else remember(lane.recent, tag, number, mostRecent);
  const member = memberOf(number, tag);
  if (state.mode === "bypass") {
    // Nobody has to be called whose turn has been: afterwards the line begins behind them. Nobody is called before a draw.
    if (lane.frontier === number - 1 && !isUndrawn(state)) lane.frontier = number;
    return letIn(state, member, { rank: 0, free: 1, servesPage }, now);
  }
  if (isRegistering(state)) return { is: "registered", number, tag };
  const isWanted = lane.front.size < wanted(state, lane, now);
  if (lane.frontier !== number - 1 || !isWanted || !isCalling(state, now)) {
    return { is: "far", number, tag };
  }
  lane.frontier = number;
  return seat(state, lane, member, { isEntering: true, isHidden: false, servesPage }, now);
}

/** Lets somebody in who need not wait. Whoever is in already, by the same tag, is not counted twice. */
function passBy(state: RoomState, tag: string, servesPage: boolean, now: number): Outcome {
  const member = memberOf(0, tag);
  const known = inside(state, member);
  return known?.is === "admitted" ? known : letIn(state, member, { rank: 0, free: 1, servesPage }, now);
}

/** Why nobody gets a number now; `undefined` where there are numbers. */
function refusalNow(state: RoomState, now: number): Outcome | undefined {
  const { mode, heldUntil } = state;
  if (isShut(state) || mode === "draining") return { is: "closed" };
  if (now < heldUntil) return { is: "later", seconds: Math.ceil((heldUntil - now) / 1000) };
  // Nobody registers before the secret is bound, and where everybody is let in nobody has to.
  return mode !== "bypass" && isRegistering(state) && state.commitment === ""
    ? { is: "later", seconds: 1 }
    : undefined;
}

/**
 * The number of an identity, which has one in both lanes together. One of the priority lane is good wherever it is asked for; one of the
 * other lane goes for one of that, but not while its holder is inside, who would be in twice, or there is none to be had.
 */
function identityIn(state: RoomState, lane: Lane, tag: string, givesNumbers: boolean): number | undefined {
  const own = lane.identities.score(tag);
  const number = otherLane(state, lane)?.identities.score(tag);
  if (own !== undefined || number === undefined) return own;
  const stays = lane === state || !givesNumbers || state.sessions.score(memberOf(number, tag)) !== undefined;
  return stays ? number : undefined;
}

/** Uses up the number of an identity that gets one of the other lane. */
function giveUp(state: RoomState, lane: Lane | undefined, tag: string): void {
  const number = lane?.identities.score(tag);
  if (lane === undefined || number === undefined) return;
  lane.identities.remove(tag);
  lane.spent.put(memberOf(number, tag), number);
  leaveFront(state, memberOf(number, tag));
}

/** Takes note of a number. Two go for one that comes, so that a set which was larger once becomes smaller. */
function remember(known: OrderedSet, tag: string, number: number, most: number): void {
  known.put(tag, number);
  if (known.size > most) { for (const old of known.upTo(number, 2)) known.remove(old); }
}

/** Says that somebody with a number is there. */
export function checkIn(state: RoomState, command: CheckIn, now: number): Outcome {
  const { epoch, number, tag, isHidden = false, servesPage = false } = command;
  const lane = laneOf(state, number);
  if (epoch !== state.epoch || !(number > baseOf(state, lane) && number <= lane.issued)) {
    // Whoever is inside stays there when the line is dropped.
    return inside(state, memberOf(number, tag)) ?? { is: "unknown", number };
  }
  if (command.isRegistration === true && isRegistration(state, number)) {
    return { is: "registered", number, tag };
  }
  return comeBack(state, number, tag, { isEntering: false, isHidden, servesPage }, now);
}

function comeBack(state: RoomState, number: number, tag: string, visit: Visit, now: number): Outcome {
  const member = memberOf(number, tag);
  const known = inside(state, member);
  if (known !== undefined) return known;
  const lane = laneOf(state, number);
  if (lane.spent.score(member) !== undefined) return lapse(state, number, true);
  if (isShut(state)) return { is: "closed" };
  if (state.mode === "bypass") return letIn(state, member, { rank: 0, free: 1, ...visit }, now);
  if (number > lane.frontier) return { is: "far", number, tag };
  const isThere = lane.front.score(member) !== undefined || lane.asleep.score(member) !== undefined;
  if (number <= (lane.line[0] ?? 0) && !isThere) return lapse(state, number, false);
  return seat(state, lane, member, visit, now);
}

function lapse(state: RoomState, number: number, wasUsed: boolean): Outcome {
  state.lapsed++;
  return { is: "lapsed", number, wasUsed };
}

/** What is answered to somebody who is inside, or has left and whose place is not free yet. */
function inside(state: RoomState, member: string): Outcome | undefined {
  const score = state.sessions.score(member);
  if (score === undefined) return undefined;
  const { endsAt, kind } = sessionOf(score);
  const number = numberOf(member);
  if (kind === sessionKind.left) return { is: "lapsed", number, wasUsed: true };
  const until = endsAt - spareMs;
  const isConfirmed = kind === sessionKind.confirmed;
  return { is: "admitted", number, tag: tagOf(member), until, again: true, isConfirmed, rank: 0, free: 1 };
}

/** Lets somebody in whose turn it is; everybody else is present from now on, or asleep. */
function seat(state: RoomState, lane: Lane, member: string, visit: Visit, now: number): Outcome {
  const { isEntering, isHidden } = visit;
  const number = numberOf(member);
  const ownRank = lane.front.below(number);
  const rank = ownRank + othersBefore(state, lane, ownRank);
  const all = freeNow(state, now);
  const free = isHidden ? all : Math.max(0, all - reserve(state, lane, number, now));
  const isFirst = !isEntering || (lane.asleep.size === 0 && now >= lane.quietUntil);
  if (rank < free && isFirst) {
    leaveFront(state, member);
    takeToken(state, now);
    takeTurn(state, lane);
    const lowest = lane.front.lowest();
    lane.passed = Math.max(lane.passed, lowest === undefined ? number : Math.min(lowest, number));
    lane.admittedSince++;
    return letIn(state, member, { rank, free, ...visit }, now);
  }
  const nextMs = nextCallMs(state, rank, all, now);
  if (isHidden) {
    lane.front.remove(member);
    lane.asleep.put(member, number);
    state.expiry.put(member, now + hiddenMs);
  } else {
    lane.asleep.remove(member);
    lane.front.put(member, number);
    state.expiry.put(member, now + Math.ceil(nextMs * 6 / 5) + 1000);
  }
  return { is: "waiting", number, tag: tagOf(member), rank: ownRank, nextMs };
}

/**
 * How many admissions are kept for those whose pages are hidden and whose turn is over: they call once a minute only. Only for those who go
 * before whoever calls: otherwise each would wait for the other one where there is a single place.
 */
function reserve(state: RoomState, own: Lane, number: number, now: number): number {
  const lanes = lanesOf(state);
  if (lanes.every(({ asleep }) => asleep.size === 0)) return 0;
  const { limits } = state;
  const isByRate = tokens(state, now) <= freePlaces(state, now);
  // More than a part of what comes at once would keep all others out.
  const part = isByRate ? paceOf(limits).burst / 6 : limits.capacity / 100;
  const passedBy = lanes.reduce((sum, lane) => sum + sleepersBefore(state, lane, own, number), 0);
  return Math.min(passedBy, Math.max(1, Math.ceil(part)));
}

function sleepersBefore(state: RoomState, lane: Lane, own: Lane, number: number): number {
  const { asleep, front, passed } = lane;
  if (lane !== own && !isOthersTurn(state, own)) return 0;
  const next = lane === own ? number : front.lowest() ?? Number.POSITIVE_INFINITY;
  return asleep.below(Math.min(passed + 1, next));
}

function letIn(
  state: RoomState,
  member: string,
  { rank, free, servesPage }: { readonly rank: number; readonly free: number; readonly servesPage: boolean },
  now: number,
): Outcome {
  leaveFront(state, member);
  const lastsMs = Math.min(state.limits.sessionMs, servesPage ? servedMs : claimMs);
  const until = now + lastsMs;
  state.sessions.put(member, sessionScore(until + spareMs, sessionKind.claim));
  state.admitted++;
  const lane = laneOf(state, numberOf(member));
  // Nobody of the room's own lane was passed by that.
  if (lane !== state) lane.admitted++;
  if (lane !== state || numberOf(member) === 0) state.lineAdmitted++;
  const who = { number: numberOf(member), tag: tagOf(member) };
  return { is: "admitted", ...who, until, again: false, isConfirmed: false, rank, free };
}

/** Takes somebody out of those who wait. */
export function leaveFront(state: RoomState, member: string): void {
  if (!state.expiry.remove(member)) return;
  const lane = laneOf(state, numberOf(member));
  if (!lane.front.remove(member)) lane.asleep.remove(member);
}

/** When to call again: at half of the time until one's turn, within bounds. */
function nextCallMs(state: RoomState, rank: number, free: number, now: number): number {
  const perSecond = admissionsPerSecond(state);
  const nextMs = perSecond === 0
    ? usualMs
    : waitMs(Math.max(0, rank - Math.max(free, 1) + 1) / perSecond * 1000);
  if (isAdmitting(state, now) && perSecond > 0 && freePlaces(state, now) > 0) return nextMs;
  if (state.mode === "scheduled" && state.opensAt > now && perSecond > 0) {
    return openingCallMs(state, rank, perSecond, now);
  }
  return Math.max(nextMs, rank >= 10 * paceOf(state.limits).burst ? usualMs : stillMs);
}

/** Before an opening: when it is one's turn. Whoever called later would let others go first who called at the right time. */
function openingCallMs(state: RoomState, rank: number, perSecond: number, now: number): number {
  const free = Math.max(1, Math.min(paceOf(state.limits).burst, freePlaces(state, now)));
  const dueMs = state.opensAt - now + Math.max(0, rank - free + 1) / perSecond * 1000;
  return Math.floor(0.5 + Math.min(usualMs, Math.max(soonestMs, dueMs)));
}

function waitMs(dueMs: number): number {
  const most = Math.max(usualMs, Math.min(longestMs, dueMs / 10));
  return Math.floor(0.5 + Math.min(most, Math.max(soonestMs, dueMs < 2 * soonestMs ? dueMs : dueMs / 2)));
}

/** How many are going to be admitted a second. */
function admissionsPerSecond({ limits, sessions, endRate }: RoomState): number {
  const { interval } = paceOf(limits);
  if (interval === 0) return 0;
  const rate = 1e6 / interval;
  if (limits.capacity === unlimited) return rate;
  return Math.min(rate, Math.max(endRate, Math.min(rate, (limits.capacity - sessions.size) / 10), 0.05));
}

function tagOf(member: string): string {
  return member.slice(member.indexOf(".") + 1);
}

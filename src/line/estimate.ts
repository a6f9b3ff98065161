/** Where somebody stands in the line of a room, and for how long: what the script of its page computes, and `waitingFetch()`. */

/** What everybody may know of a room, as the status endpoint tells it. Times are Unix milliseconds, by the store's clock. */
export interface StatusDocument {
  readonly epoch: number;
  readonly revision: number;
  readonly now: number;
  readonly mode: string;
  /** When the room opens, or opened; 0 where it was open from the start. */
  readonly opensAt: number;
  /** The frontier: numbers up to this one are called. */
  readonly F: number;
  readonly issued: number;
  readonly passed: number;
  /** Numbers, and people, a second by which the head of the line moves. */
  readonly pace: number;
  readonly flow: number;
  /** Which share of those who are called comes. */
  readonly y: number;
  /** Admissions a minute. */
  readonly rate: number;
  /** After how many seconds to look again, at most. */
  readonly poll: number;
  /** How the registration of a lottery stands; left out where there is none. */
  readonly lottery?: "open" | "closed" | "drawn";
  /** The lane of those with priority, where there is one; what is said of a line above, the rate included, is that of all others. */
  readonly priority?: LaneDocument;
  readonly note: string;
  /** What tells a note of which only the beginning is told from others that begin like it; left out where all of it is told. */
  readonly cut?: number;
}

/** What everybody may know of a lane of its own: the same figures by the same names. */
export type LaneDocument = Pick<
  StatusDocument,
  "F" | "issued" | "passed" | "pace" | "flow" | "y" | "rate"
>;

/** Where somebody stands. */
export interface Estimate {
  /** The place, from 1 on. */
  readonly place: number;
  /** How long it is going to take, in milliseconds; `undefined` where nobody can tell. */
  readonly waitMs: number | undefined;
}

/** For how long after the opening nothing is told, and until when the measured speed counts in part, in milliseconds. */
const silentMs = 30_000;
const blendedMs = 60_000;

/**
 * Estimates by the number on a ticket. In the first minute the speed that was measured counts by as much as was measured, and the rest
 * is what the limits promise.
 */
export function estimate(number: number, status: StatusDocument): Estimate {
  const { now, mode, opensAt, passed, pace, flow, y, rate } = status;
  const ahead = Math.max(0, number - passed);
  // Before the opening it is the place that was given or drawn, for nobody has shown yet who comes.
  const share = mode === "scheduled" ? 1 : pace > 0 ? flow / pace : y;
  const place = Math.max(1, Math.round(ahead * share));
  const openMs = now - opensAt;
  if (pace === 0 || openMs < silentMs) return { place, waitMs: undefined };
  const weight = Math.min(1, openMs / blendedMs);
  const speed = weight * pace + (1 - weight) * rate / 60 / y;
  return { place, waitMs: Math.round(ahead / speed * 1000) };
}

/** When a page that is far from the front looks again, in milliseconds. A page adds up to a fifth at random, or takes it away. */
export function nextLookMs(waitMs: number | undefined, { poll }: Pick<StatusDocument, "poll">): number {
  const most = poll * 1000;
  return Math.min(most, Math.max(3000, waitMs === undefined ? most : waitMs / 10));
}

/** Check-in opens so long before the opening; within so long of it each page that may be called then looks, in milliseconds. */
const earlyMs = 60_000;
const lookMs = 30_000;

/**
 * When a page whose number may be called for the opening looks again: after check-in has begun, and not all at the same time.
 *
 * @param number The number on the ticket.
 * @param usualMs When it would look otherwise.
 * @param status What everybody knows of the room.
 * @param random From 0 up to, but without, 1.
 * @returns Milliseconds; `undefined` where it looks as usual.
 */
export function openingLookMs(
  number: number,
  usualMs: number,
  { mode, opensAt, now, F, y, rate }: StatusDocument,
  random: number,
): number | undefined {
  const calledMs = opensAt - earlyMs - now;
  const isSoon = mode === "scheduled" && calledMs >= 0 && usualMs >= calledMs - earlyMs;
  // Three times what is called for the first minute.
  return isSoon && (number - F) * y <= 3 * rate + 30 ? calledMs + random * lookMs : undefined;
}

/** Which share of the way from joining the line to its head lies behind somebody. */
export function progressOf(number: number, from: number, passed: number): number {
  if (number <= passed) return 1;
  return Math.min(1, Math.max(0, passed - from) / Math.max(1, number - from));
}

/**
 * Gets something again and again: one attempt at a time, by a timer, or by the next request where timers do not run between
 * requests. What is got, and who waits for it, is the affair of whoever uses it.
 */

import { type Schedule, schedule as later } from "./schedule.ts";

/** Where a refresher stands. All times are of the clock, in milliseconds. */
export interface RefresherState {
  /** The number of the attempt that was begun last; 0 for none. */
  readonly attempt: number;
  /** Whether this attempt has not ended yet. */
  readonly isRunning: boolean;
  /** When it was begun while it runs, and otherwise when it ended. */
  readonly sinceMs: number;
  /** When the next one is due, once this one has ended. */
  readonly dueAtMs: number;
  readonly isClosed: boolean;
}

/** What happens to a refresher. */
export type RefresherEvent =
  | { readonly type: "begun"; readonly atMs: number }
  | {
    readonly type: "ended";
    /** Which attempt. */
    readonly attempt: number;
    readonly atMs: number;
    /** After what time the next one is due. */
    readonly dueMs: number;
  }
  | { readonly type: "closed" };

/** Nothing was begun yet, so that the first attempt is due. */
export const beginning: RefresherState = {
  attempt: 0,
  isRunning: false,
  sinceMs: Number.NEGATIVE_INFINITY,
  dueAtMs: Number.NEGATIVE_INFINITY,
  isClosed: false,
};

/** The state after what happens. The end of an attempt that had to give way to another one changes nothing. */
export function step(state: RefresherState, event: RefresherEvent): RefresherState {
  switch (event.type) {
    case "begun":
      return { ...state, attempt: state.attempt + 1, isRunning: true, sinceMs: event.atMs };
    case "ended": {
      const { attempt, atMs, dueMs } = event;
      if (attempt !== state.attempt) return state;
      return { ...state, isRunning: false, sinceMs: atMs, dueAtMs: atMs + dueMs };
    }
    case "closed":
      return { ...state, isClosed: true };
  }
}

/**
 * Whether an attempt goes on. Platforms end what a request began, and it is never heard of again: after its time an attempt
 * is given up.
 */
export function goesOn({ isRunning, sinceMs }: RefresherState, nowMs: number, lostMs: number): boolean {
  return isRunning && Math.abs(nowMs - sinceMs) < lostMs;
}

/**
 * Whether an attempt is to be begun: none goes on, and the next one has been due for `lateMs`. After one that was given up
 * it is due at once, and also where the clock was set back, which must not end the refreshing.
 */
export function isDue(state: RefresherState, nowMs: number, lostMs: number, lateMs: number): boolean {
  const { isRunning, sinceMs, dueAtMs, isClosed } = state;
  if (isClosed || goesOn(state, nowMs, lostMs)) return false;
  if (isRunning || nowMs >= dueAtMs + lateMs) return true;
  return nowMs < sinceMs && dueAtMs !== Number.POSITIVE_INFINITY;
}

/** What comes after an attempt. */
export interface Rest {
  /** When the next one is due, in milliseconds; `Infinity` for never. */
  readonly dueMs: number;
  /** When a timer is to see to it, in milliseconds; left out for no timer. */
  readonly timerMs?: number;
}

/** How a refresher works. */
export interface RefresherOptions {
  /** After what time an attempt that does not end is given up, in milliseconds. */
  readonly lostMs: number;
  /** Says what comes after the attempt that has just ended. */
  readonly rest: () => Rest;
  /** Is called by the timer, and sees to the next attempt; left out where only requests do. */
  readonly wake?: () => void;
  /** Tells the time in milliseconds. */
  readonly now?: () => number;
  /** Sets the timers. Where it throws, as on Workers outside of requests, there is none. */
  readonly schedule?: Schedule;
}

/** Makes attempts, one at a time. */
export interface Refresher<T> {
  /** The attempt that goes on; `undefined` if there is none, or if it was given up. */
  current(nowMs: number): Promise<T> | undefined;

  /** Whether an attempt is to be begun, by somebody who leaves a timer `lateMs` to do so. */
  isDue(nowMs: number, lateMs?: number): boolean;

  /** Whether a timer is set for the next attempt. */
  isTimed(): boolean;

  /**
   * Begins an attempt.
   *
   * @param work Makes it. It is handed what tells whether no other one was begun since: what comes late must not replace what
   * came later.
   * @param clock The clock by which it is measured.
   */
  begin(work: (isLast: () => boolean) => Promise<T>, clock?: () => number): Promise<T>;

  /** Takes note of an attempt that took no time. */
  ended(): void;

  /** Ends the timers: nothing is due any more. */
  close(): void;
}

/** Makes a refresher. Nothing is begun until somebody does so. */
export function createRefresher<T>(options: RefresherOptions): Refresher<T> {
  const { lostMs, rest, wake, now = Date.now, schedule = later } = options;
  let state = beginning;
  let running: Promise<T> | undefined;
  let cancel: (() => void) | undefined;

  function end(attempt: number, atMs: number): void {
    if (attempt !== state.attempt) return;
    const { dueMs, timerMs } = rest();
    state = step(state, { type: "ended", attempt, atMs, dueMs });
    running = undefined;
    cancel?.();
    const isTimed = wake !== undefined && timerMs !== undefined && !state.isClosed;
    cancel = isTimed ? timerOf(schedule, wake, timerMs) : undefined;
  }

  return {
    current: (nowMs) => goesOn(state, nowMs, lostMs) ? running : undefined,
    isDue: (nowMs, lateMs = 0) => isDue(state, nowMs, lostMs, lateMs),
    isTimed: () => cancel !== undefined,
    begin(work, clock = now) {
      state = step(state, { type: "begun", atMs: clock() });
      const { attempt } = state;
      const made = work(() => attempt === state.attempt).finally(() => end(attempt, clock()));
      return running = made;
    },
    ended: () => end(state.attempt, now()),
    close() {
      state = step(state, { type: "closed" });
      cancel?.();
      cancel = undefined;
    },
  };
}

function timerOf(schedule: Schedule, wake: () => void, ms: number): (() => void) | undefined {
  try {
    return schedule(wake, ms);
  } catch {
    // Workers set no timers outside of requests: the next request is the clock.
    return undefined;
  }
}

import { ServiceError } from "../errors.ts";
import { type Loop, platformLoop } from "./loop.ts";

/** The longest time that timers know, in milliseconds; they take a longer one for none at all. */
const longestMs = 2 ** 31 - 1;

/** How late the timers of a healthy loop are in all, in milliseconds. More than that is given back. */
const healthyMs = 50;
/** Up to where time that was lost is made good by giving it back, in milliseconds; less where the limit itself is short. */
const madeGoodMs = 250;

/** In how many steps a time is waited for: the lateness of each tells how much of it the loop stood still. */
const steps = 16;
/** The least that a step takes, in milliseconds: shorter ones would cost more than they tell. */
const leastStepMs = 10;

/** How many turns of the loop an answer has that is there already. Deno needs four from the socket to its reader. */
const turns = 5;

/**
 * Calls back when a time is over, and says whether it was cut short: by a loop that stood still, as a crowd makes it do, so
 * that nobody could look at what arrived. Who waits for an answer must not take that for silence.
 *
 * What has arrived by the end is looked at first: the call comes some turns of the loop later. Where timers came late by more
 * than 50 ms in all, the time that was lost is given back before that, up to half of `timeoutMs`.
 *
 * A time counts as cut short when more than 250 ms of it were lost, or half of `timeoutMs` where that is less, but not less than
 * 50 ms: who had less than that had the whole time on a loop that ran.
 *
 * @param timeoutMs The time, in milliseconds.
 * @param over Is called once, with whether the time was cut short.
 * @returns What calls it off.
 */
export function startDeadline(
  timeoutMs: number,
  over: (isCutShort: boolean) => void,
  loop: Loop = platformLoop,
): () => void {
  const stepMs = Math.min(Math.max(Math.ceil(timeoutMs / steps), leastStepMs), longestMs);
  const toleratedMs = Math.max(healthyMs, Math.min(timeoutMs / 2, madeGoodMs));
  let leftMs = timeoutMs;
  let lostMs = 0;

  /** Takes note of how long something took that should take so long. */
  function note(tookMs: number, dueMs: number): void {
    lostMs += Math.max(0, tookMs - dueMs);
  }

  function wait(): () => void {
    const dueMs = Math.min(stepMs, leftMs);
    const since = loop.now();
    return loop.wait(() => {
      const tookMs = loop.now() - since;
      note(tookMs, dueMs);
      // A clock of a test, or of Workers, may stand still: the step is over all the same.
      leftMs -= Math.max(tookMs, dueMs);
      cancel = leftMs > 0 ? wait() : lostMs > healthyMs ? waitLonger() : look(turns);
    }, dueMs);
  }

  function waitLonger(): () => void {
    const dueMs = Math.min(lostMs, timeoutMs / 2);
    const since = loop.now();
    return loop.wait(() => {
      note(loop.now() - since, dueMs);
      cancel = look(turns);
    }, dueMs);
  }

  function look(left: number): () => void {
    const since = loop.now();
    return loop.turn(() => {
      note(loop.now() - since, 0);
      if (left > 1) cancel = look(left - 1);
      else over(lostMs > toleratedMs);
    });
  }

  let cancel = wait();
  return () => cancel();
}

/**
 * Waits for work no longer than a time limit. The wait ends even where the work cannot be stopped.
 *
 * @param what Names the work in the message, such as `"GET /v1/rooms"`.
 * @param stop Is called when the time is over.
 * @throws {ServiceError} `timeout`, or `overloaded` when the loop stood still meanwhile, which says nothing about the work.
 */
export function withDeadline<T>(
  work: Promise<T>,
  timeoutMs: number,
  what: string,
  stop: () => void = () => {},
  loop: Loop = platformLoop,
): Promise<T> {
  return inTime(work, timeoutMs, `${what} did not answer`, stop, loop);
}

/** The same, with the words of the failure: `"not done"`. */
export function inTime<T>(
  work: Promise<T>,
  timeoutMs: number,
  complaint: string,
  stop: () => void = () => {},
  loop: Loop = platformLoop,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = startDeadline(timeoutMs, (isCutShort) => {
      reject(outOfTime(timeoutMs, complaint, isCutShort));
      stop();
    }, loop);
    work.then((value) => {
      cancel();
      resolve(value);
    }, (cause: unknown) => {
      cancel();
      reject(cause);
    });
  });
}

/** The failure of what was not done in its time. */
export function outOfTime(timeoutMs: number, complaint: string, isCutShort: boolean): ServiceError {
  const message = `${complaint} within ${timeoutMs} ms`;
  return isCutShort
    ? new ServiceError("overloaded", `${message}, during which this process was too busy to look`)
    : new ServiceError("timeout", message);
}

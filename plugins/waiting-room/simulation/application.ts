/** An application that is simulated: it answers one page after the other, so that it is the slower the more is asked of it. */

import type { Meter } from "../meter.ts";
import type { Agenda } from "./agenda.ts";
import type { Random } from "./random.ts";

/** What an application can do. */
export interface Application {
  /** How many pages it can make in a second, at a time in milliseconds since the beginning. */
  readonly pagesPerSecond: (ms: number) => number;
  /** Which share of the pages fails, at a time. */
  readonly fails: (ms: number) => number;
}

/** How much was asked of it in a second, and how long the answers took. */
export interface Answers {
  count: number;
  sumMs: number;
}

/** The application. */
export interface SimulatedApplication {
  /** What was asked of it, by seconds. */
  readonly answers: readonly Answers[];
  /**
   * Makes a page.
   *
   * @param visitor Who asks for it.
   * @param meter What the node in front of it hears.
   * @returns How long that takes, in milliseconds.
   */
  answer(visitor: string, meter: Meter | undefined): number;
}

const request = { method: "GET", signal: new AbortController().signal };

/** Makes the application. */
export function createApplication(
  { pagesPerSecond, fails }: Application,
  agenda: Agenda,
  random: Random,
): SimulatedApplication {
  const answers: Answers[] = [];
  let freeAt = 0;

  return {
    answers,
    answer(visitor, meter) {
      const { now } = agenda;
      freeAt = Math.max(now, freeAt) + random.exponential(1000 / pagesPerSecond(now));
      const tookMs = freeAt - now;
      const status = random.chance(fails(now)) ? 500 : 200;
      const end = meter?.begin(visitor, request);
      if (end !== undefined) agenda.in(tookMs, () => end({ status, threw: false }));
      const second = answers[Math.floor(now / 1000)] ??= { count: 0, sumMs: 0 };
      second.count++;
      second.sumMs += tookMs;
      return tookMs;
    },
  };
}

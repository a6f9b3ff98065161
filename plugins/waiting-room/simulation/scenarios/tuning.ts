import type { Answers } from "../application.ts";
import type { Result } from "../simulate.ts";
import type { PartialWorld } from "../world.ts";
import { atLeast, atMost, type Figure, oneWorld, type Scenario } from "./scenario.ts";

/** How many pages a second the application makes, and how long one may take: then 83 of 100 may be asked for. */
const pagesPerSecond = 50;
const targetMs = 120;
/** The bounds of the rate, which goes from where it is far from what the application can take. */
const least = 30;
const most = 3000;

const minute = 60;

/** Visits of a minute, of which each makes about eight pages, for an hour. */
function tuned(admitPerMinute: number, application: PartialWorld["application"]): PartialWorld {
  return {
    durationMs: 3_600_000,
    limits: { admitPerMinute, capacity: 3000, sessionMs: 240_000 },
    crowd: { waiting: 60_000, stayMs: 60_000, pageMs: 10_000 },
    application,
    autotune: { targetMs, maxErrorRate: 0.05, min: least, max: most },
  };
}

function of(
  name: string,
  about: string,
  world: PartialWorld,
  figures: (result: Result) => readonly Figure[],
): Scenario {
  return oneWorld({ name, rules: "W38", about, world: () => world, figures });
}

/** What was asked between two times, in minutes. */
function between({ answers }: Result, from: number, to: number): Answers {
  const sum = { count: 0, sumMs: 0 };
  for (const second of answers.slice(from * minute, to * minute)) {
    // There may be seconds in which nothing was asked.
    sum.count += second?.count ?? 0;
    sum.sumMs += second?.sumMs ?? 0;
  }
  return sum;
}

/** Which share of what the application can do was asked of it. */
function use(result: Result, from: number, to: number): number {
  return between(result, from, to).count / ((to - from) * minute * pagesPerSecond);
}

/** How long it took on average, in milliseconds. */
function took(result: Result, from: number, to: number): number {
  const { count, sumMs } = between(result, from, to);
  return sumMs / count;
}

/** The rate at a minute. */
function rateAt({ seconds }: Result, at: number): number {
  return (seconds[at * minute]?.allowed ?? 0) * minute;
}

const never = () => 0;

/** A rate that follows what the application can take. */
export const tuningScenarios: readonly Scenario[] = [
  of(
    "autotune",
    "an application that takes the longer the more is asked of it, and 83 of 100 where it takes as long as it may",
    tuned(120, { pagesPerSecond: () => pagesPerSecond, fails: never }),
    (result) => [
      atLeast("asked of what it can do, from the 15th minute on", use(result, 15, 60), 0.62),
      atMost("how long it takes on average, in ms", took(result, 15, 60), targetMs),
    ],
  ),
  of(
    "autotune-overload",
    "the same, and a rate that is four times too high at the opening",
    tuned(1500, { pagesPerSecond: () => pagesPerSecond, fails: never }),
    (result) => [
      atMost("how long it takes on average from the 10th minute on, in ms", took(result, 10, 60), targetMs),
      atLeast("asked of what it can do, from the 30th minute on", use(result, 30, 60), 0.6),
    ],
  ),
  of(
    "autotune-slower",
    "the same, and for ten minutes it can do half as much",
    tuned(300, {
      pagesPerSecond: (ms) => ms >= 1_200_000 && ms < 1_800_000 ? pagesPerSecond / 2 : pagesPerSecond,
      fails: never,
    }),
    (result) => [
      atMost("asked of half of what it can do, meanwhile", 2 * use(result, 24, 30), 1),
      atMost("how long it takes on average from five minutes on, in ms", took(result, 25, 30), 2 * targetMs),
      atLeast("asked of what it can do, a quarter of an hour later", use(result, 45, 60), 0.6),
    ],
  ),
  of(
    "autotune-errors",
    "the same, and for five minutes a fifth of its pages fail",
    tuned(300, {
      pagesPerSecond: () => pagesPerSecond,
      fails: (ms) => ms >= 1_200_000 && ms < 1_500_000 ? 0.2 : 0,
    }),
    (result) => [
      atMost("the rate three minutes later", rateAt(result, 23), least),
      atLeast("the rate half an hour after the end", rateAt(result, 55), 4 * least),
    ],
  ),
];

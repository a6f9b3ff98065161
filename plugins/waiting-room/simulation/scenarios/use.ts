import type { PartialWorld } from "../world.ts";
import {
  atLeast,
  atMost,
  crowding,
  type Figure,
  mostCalls,
  occupancy,
  oneWorld,
  type Scenario,
  utilisation,
} from "./scenario.ts";
import type { Result } from "../simulate.ts";

/** How many people are in line for every admission that a scenario can make, so that it does not run dry. */
function lineFor(admitPerMinute: number, minutes: number, stays: number): number {
  return Math.ceil(admitPerMinute * (minutes + 4) / stays * 1.25);
}

function usual(admitPerMinute: number, minutes: number): PartialWorld {
  return {
    durationMs: (minutes + 1) * 60_000,
    limits: { admitPerMinute },
    crowd: { waiting: lineFor(admitPerMinute, minutes, 0.6), pageMs: 0 },
  };
}

/** The limits are used, and nobody who is there loses the place. */
function used(least: number): (result: Result) => readonly Figure[] {
  return (result) => [
    atLeast("admitted of what the rate allows", utilisation(result), least),
    atMost("pages that call, hidden or not, and lose their place", result.violations.lapsed, 0),
  ];
}

/** And not many more are called than are wanted, where nothing suddenly changes. */
function usedEvenly(least: number): (result: Result) => readonly Figure[] {
  return (
    result,
  ) => [...used(least)(result), atMost("present beyond twice what is wanted", crowding(result), 100)];
}

function of(
  name: string,
  about: string,
  least: number,
  world: (isQuick: boolean) => PartialWorld,
  figures: (result: Result) => readonly Figure[] = used(least),
): Scenario {
  return oneWorld({ name, about, rules: "W45", world: ({ isQuick }) => world(isQuick), figures });
}

const pace = (rate: number, minutes: number) => (isQuick: boolean) =>
  // One admission more or less at the end must not count.
  usual(rate, isQuick ? Math.min(rate < 600 ? 10 : 4, minutes) : minutes);

/** How much of the limits is used. */
export const useScenarios: readonly Scenario[] = [
  of("use-60", "60 a minute, 60 % stay, 25 % hidden, 10 % suspended", 0.997, pace(60, 30), usedEvenly(0.997)),
  of("use-600", "600 a minute", 0.997, pace(600, 20), usedEvenly(0.997)),
  of("use-6000", "6,000 a minute", 0.997, pace(6000, 10), usedEvenly(0.997)),
  of(
    "use-60000",
    "60,000 a minute",
    0.997,
    (isQuick) => usual(isQuick ? 6000 : 60_000, isQuick ? 4 : 3),
    (result) => [
      ...usedEvenly(0.997)(result),
      // Each node makes one batch in 5 ms at most; a second may hold one more.
      atMost("calls of the store in a second", mostCalls(result), 201 * result.world.nodes),
    ],
  ),
  of("hidden", "600 a minute, and 60 % of the pages are hidden", 0.99, (isQuick) => {
    const world = usual(600, isQuick ? 5 : 20);
    return { ...world, crowd: { ...world.crowd, hidden: 0.6 } };
  }),
  of("use-both", "120 a minute, and a capacity of 3,000 that is not reached", 0.99, (isQuick) => ({
    ...usual(120, isQuick ? 6 : 20),
    limits: { admitPerMinute: 120, capacity: 3000 },
  })),
  of("fewer-stay", "600 a minute, and instead of 90 % all at once only 20 % stay", 0.99, (isQuick) => {
    const from = isQuick ? 2000 : 6000;
    return {
      ...usual(600, isQuick ? 8 : 20),
      crowd: { waiting: isQuick ? 30_000 : 60_000, pageMs: 0, stays: (number) => number < from ? 0.9 : 0.2 },
    };
  }),
  of("dead-200000", "600 a minute, and 200,000 tickets in a row never come", 0.99, dead(200_000)),
  of("dead-1000000", "600 a minute, and a million tickets in a row never come", 0.98, dead(1_000_000)),
  of("rate-up-down", "600 a minute, then 6,000, then 600 again", 0.99, (isQuick) => ({
    ...usual(600, isQuick ? 9 : 16),
    crowd: { waiting: isQuick ? 60_000 : 90_000, pageMs: 0 },
    script: [
      { atMs: 240_000, what: "change", change: { limits: { admitPerMinute: 6000 } } },
      { atMs: isQuick ? 360_000 : 540_000, what: "change", change: { limits: { admitPerMinute: 600 } } },
    ],
  })),
  of("pause", "600 a minute, and a pause of ten minutes", 0.99, (isQuick) => ({
    ...usual(600, isQuick ? 16 : 25),
    script: [
      { atMs: 240_000, what: "change", change: { mode: "paused" } },
      { atMs: 840_000, what: "change", change: { mode: "open" } },
    ],
  })),
  of(
    "capacity",
    "200 inside, five minutes each",
    0.99,
    (isQuick) => ({
      durationMs: isQuick ? 1_500_000 : 3_600_000,
      fromMs: 600_000,
      limits: { admitPerMinute: 200, capacity: 200 },
      crowd: { waiting: 10_000 },
    }),
    (result) => [
      atLeast("places taken of the capacity", occupancy(result), 0.99),
      atMost("present beyond twice what is wanted", crowding(result), 100),
      atMost("pages that call, hidden or not, and lose their place", result.violations.lapsed, 0),
    ],
  ),
];

function dead(count: number): (isQuick: boolean) => PartialWorld {
  return (isQuick) => {
    const most = isQuick ? Math.min(count, 200_000) : count;
    return {
      ...usual(600, isQuick ? 12 : 16),
      crowd: {
        waiting: most + 60_000,
        pageMs: 0,
        stays: (number) => number > 4000 && number <= 4000 + most ? 0 : 0.6,
      },
    };
  };
}

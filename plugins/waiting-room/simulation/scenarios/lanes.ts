import type { Result } from "../simulate.ts";
import type { Crowd, PartialWorld } from "../world.ts";
import {
  atLeast,
  atMost,
  crowding,
  type Figure,
  occupancy,
  oneWorld,
  overtaking,
  type Scenario,
  utilisation,
} from "./scenario.ts";

/** How many seconds those windows have in which no lane may starve. */
const windowSeconds = 10;
/** How many of the priority lane come in for one of the other. */
const weight = 3;
const share = weight / (1 + weight);

const awake: Partial<Crowd> = { hidden: 0, suspended: 0, pageMs: 0 };
const usual: Partial<Crowd> = { pageMs: 0 };

/** Who came in in each second that counts: of the priority lane, and of the other. */
function admittedOf({ world, seconds, prioritySeconds }: Result): readonly (readonly [number, number])[] {
  return seconds.slice(world.fromMs / 1000).map(({ at, admitted }) => {
    const some = prioritySeconds[at - 1] ?? 0;
    return [some, admitted - some];
  });
}

/** Which share of all who came in was of the priority lane. */
function shareOf(result: Result): number {
  let [some, all] = [0, 0];
  for (const [ofLane, ofOthers] of admittedOf(result)) {
    some += ofLane;
    all += ofLane + ofOthers;
  }
  return some / all;
}

/** The fewest of the other lane in any window, of what its share of all then is; one admission is nobody's fault. */
function leastOfOthers(result: Result): number {
  const admitted = admittedOf(result);
  const { admitPerMinute } = result.world.limits;
  const due = (1 - share) * admitPerMinute / 60 * windowSeconds;
  let least = Number.POSITIVE_INFINITY;
  for (let from = 0; from + windowSeconds <= admitted.length; from++) {
    const others = admitted.slice(from, from + windowSeconds).reduce((sum, [, each]) => sum + each, 0);
    least = Math.min(least, (others + 1) / due);
  }
  return least;
}

function shared(result: Result): Figure {
  return atMost("how far the share of the priority lane is off", Math.abs(shareOf(result) - share), 0.01);
}

function used(result: Result): readonly Figure[] {
  return [
    atLeast("admitted of what the rate allows", utilisation(result), 0.997),
    atMost("present beyond twice what is wanted", crowding(result), 100),
    atMost("99 of 100 are overtaken for no more than seconds", overtaking(result, 0.99), 1),
  ];
}

const fair = (result: Result) => [
  ...used(result),
  shared(result),
  atLeast("the fewest of the other lane in 10 s, of its share", leastOfOthers(result), 0.85),
];

function of(
  name: string,
  about: string,
  world: (isQuick: boolean) => PartialWorld,
  figures: (result: Result) => readonly Figure[],
): Scenario {
  return oneWorld({ name, about, rules: "W42", world: ({ isQuick }) => world(isQuick), figures });
}

/** Both lanes are full from before the opening to the end. */
function full(admitPerMinute: number, minutes: number, crowd: Partial<Crowd>): PartialWorld {
  const waiting = Math.ceil(admitPerMinute * (minutes + 4) / 0.6);
  return {
    durationMs: (minutes + 1) * 60_000,
    limits: { admitPerMinute },
    crowd: { ...crowd, waiting },
    priority: { weight, crowd: { waiting } },
  };
}

/** The other lane is full, and those with priority come as they are told to. */
function coming(arrivals: (ms: number) => number): (isQuick: boolean) => PartialWorld {
  return (isQuick) => ({
    ...full(600, isQuick ? 5 : 14, usual),
    priority: { weight, crowd: { waiting: 0, arrivals } },
  });
}

/** Two lanes, which share what is admitted by their weights. */
export const laneScenarios: readonly Scenario[] = [
  of(
    "lanes-600",
    "two lanes of weights 3 and 1, both full, at 600 a minute with pages that are awake",
    (isQuick) => full(600, isQuick ? 5 : 14, awake),
    fair,
  ),
  of(
    "lanes-hidden",
    "the same with 25 % hidden and 10 % suspended",
    (isQuick) => full(600, isQuick ? 5 : 14, usual),
    fair,
  ),
  of(
    "lanes-60",
    "the same at 60 a minute",
    (isQuick) => full(60, isQuick ? 20 : 60, usual),
    (result) => [...used(result), shared(result)],
  ),
  of("lanes-6000", "the same at 6,000 a minute", (isQuick) => full(6000, isQuick ? 4 : 8, usual), fair),
  of(
    "lanes-flood",
    "the other lane is full, and 50 a second come to the priority lane",
    coming(() => 50),
    fair,
  ),
  of(
    "lanes-trickle",
    "one a second comes to the priority lane, and of the rest the other one loses nothing",
    coming(() => 1),
    (result) => [
      ...used(result),
      atMost("how far those with priority are from a tenth of all", Math.abs(shareOf(result) - 0.1), 0.02),
    ],
  ),
  of(
    "lanes-waves",
    "a hundred come to the priority lane each minute, all at once",
    coming((ms) => ms % 60_000 < 1000 ? 100 : 0),
    used,
  ),
  of(
    "lanes-empty",
    "the priority lane is empty after some minutes, and the other one gets all",
    (isQuick) => ({ ...full(600, isQuick ? 6 : 14, usual), priority: { weight, crowd: { waiting: 2000 } } }),
    used,
  ),
  of(
    "lanes-capacity",
    "200 inside, five minutes each, and both lanes are full",
    (isQuick) => ({
      durationMs: isQuick ? 1_500_000 : 3_600_000,
      fromMs: 600_000,
      limits: { admitPerMinute: 200, capacity: 200 },
      crowd: { waiting: 10_000 },
      priority: { weight, crowd: { waiting: 10_000 } },
    }),
    (result) => [
      atLeast("places taken of the capacity", occupancy(result), 0.99),
      atMost("present beyond twice what is wanted", crowding(result), 100),
      shared(result),
    ],
  ),
];

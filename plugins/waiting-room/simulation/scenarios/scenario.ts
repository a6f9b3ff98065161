/** What a scenario is, and what comes of it. */

import { mean, quantile, type Second } from "../figures.ts";
import { type Result, simulate } from "../simulate.ts";
import { type PartialWorld, worldOf } from "../world.ts";

/** A figure beside its bound. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly bound: number;
  readonly isAtMost: boolean;
  readonly ok: boolean;
}

/** How much is simulated: all that is promised, or a part of it that is done in seconds. */
export interface Extent {
  readonly isQuick: boolean;
  /** The first seed. */
  readonly seed: number;
  /** Is told how far it is. */
  readonly tell?: Tell;
}

/** Is told how much was simulated of how much at most. */
export type Tell = (done: number, all: number, unit: "minutes" | "worlds") => void;

/** Something that is tried, by its name. */
export interface Scenario {
  readonly name: string;
  /** Which rules it shows, and what happens in it. */
  readonly rules: string;
  readonly about: string;
  run(extent: Extent): Outcome;
}

/** What came of a scenario. */
export interface Outcome {
  readonly figures: readonly Figure[];
  readonly events: number;
  /** The seeds of worlds in which something was wrong. */
  readonly wrong: readonly number[];
}

/** A figure that must not be more than its bound. */
export function atMost(name: string, value: number, bound: number): Figure {
  return { name, value, bound, isAtMost: true, ok: value <= bound };
}

/** A figure that must not be less than its bound. */
export function atLeast(name: string, value: number, bound: number): Figure {
  return { name, value, bound, isAtMost: false, ok: value >= bound };
}

/** A scenario of one world. */
export function oneWorld(
  { name, rules, about, world, figures }: {
    readonly name: string;
    readonly rules: string;
    readonly about: string;
    readonly world: (extent: Extent) => PartialWorld;
    readonly figures: (result: Result) => readonly Figure[];
  },
): Scenario {
  return {
    name,
    rules,
    about,
    run(extent) {
      const own = worldOf({ seed: extent.seed, ...world(extent) });
      const result = simulate(own, ({ at }) => extent.tell?.(at / 60, own.durationMs / 60_000, "minutes"));
      const found = [...figures(result), ...violated(result)];
      return {
        figures: found,
        events: result.events,
        wrong: found.every(({ ok }) => ok) ? [] : [result.world.seed],
      };
    },
  };
}

/** What must never be, where there is any of it. */
export function violated({ violations }: Result): readonly Figure[] {
  return Object.entries(violations).filter(([, count]) => count > 0)
    .map(([name, count]) => atMost(`violations: ${name}`, count, 0));
}

/** The seconds that count: people are there, and may be let in. */
export function counting({ world, seconds }: Result): readonly Second[] {
  return seconds.filter(({ at, isOpen, present }) => at >= world.fromMs / 1000 && isOpen && present > 0);
}

/** Which share of what the rate allows was admitted while people were there. */
export function utilisation(result: Result): number {
  const seconds = counting(result);
  return mean(seconds.map(({ admitted }) => admitted)) / mean(seconds.map(({ allowed }) => allowed));
}

/** Which share of the places was taken. */
export function occupancy(result: Result): number {
  return mean(counting(result).map(({ sessions, capacity }) => sessions / capacity));
}

/** By how many people the front was more than twice what is wanted. */
export function crowding({ seconds }: Result): number {
  return Math.max(...seconds.map(({ present, want }) => present - 2 * want));
}

/** How many joins and check-ins of the store an admission took. */
export function callsAnAdmission({ calls, fates }: Result): number {
  return (calls.enter + calls.checkIn) / fates.admitted;
}

/** The most calls of the store in one second. */
export function mostCalls({ calls }: Result): number {
  let most = 0;
  for (const count of calls.bySecond) most = Math.max(most, count ?? 0);
  return most;
}

/** A share of all overtaking, in seconds. */
export function overtaking({ overtaken }: Result, share: number): number {
  return quantile(overtaken, share) / 1000;
}

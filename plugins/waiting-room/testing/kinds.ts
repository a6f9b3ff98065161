/** The kinds of random worlds. */

import type { Limits } from "../machine/mod.ts";
import type { Random } from "./random.ts";

/** When worlds begin, by the clock of the store. */
export const firstTime = 1_800_000_000_000;

/** What kind of world it is: how much is asked at once, and what of. */
export interface Kind {
  readonly batches: number;
  readonly sizes: readonly number[];
  readonly steps: readonly number[];
  /** Where the clock jumps to, and how often it does, the room is changed, and its state is lost. */
  readonly jumps: readonly number[];
  readonly jumping: number;
  readonly changes: number;
  readonly losses: number;
  /** How often somebody brings what the room cannot have given. */
  readonly strange: number;
  /** How many of those who call are new. */
  readonly entering: number;
  /** How many open by a lottery. */
  readonly lotteries: number;
  /** How many have two lanes. */
  readonly lanes: number;
  readonly opensAt: readonly number[];
  readonly closesAt: readonly number[];
  readonly limits: (random: Random) => Limits;
}

/** In milliseconds. */
export const minute: number = 60_000;
export const hour: number = 60 * minute;

/** A room with some people, to which everything happens. */
export const usual: Kind = {
  batches: 100,
  sizes: [0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 6, 9, 9, 30],
  steps: [0, 0, 1, 5, 40, 249, 250, 251, 700, 1000, 1000, 2400, 5000, 9000, 15_000, 31_000, 61_000, 95_000],
  jumps: [-1, -300, -4999, -5000, -5001, -minute, -hour, hour, 30 * hour],
  jumping: 0.01,
  changes: 0.05,
  losses: 0.015,
  strange: 0.015,
  entering: 0.35,
  lotteries: 0.4,
  lanes: 0.6,
  opensAt: [0, 0, 0, firstTime - hour, firstTime + 30_000, firstTime + 3 * minute],
  closesAt: [0, 0, 0, firstTime + 10 * minute],
  limits: limitsOf,
};

/** So many people that a sweep does not take all of them at once. */
export const crowd: Kind = {
  batches: 200,
  sizes: [100, 100, 100, 100, 100, 100, 37, 0],
  steps: [0, 0, 5, 5, 5, 40, 250, 251],
  jumps: [-minute, 30_000, 2 * minute, hour],
  jumping: 0.02,
  changes: 0.0002,
  losses: 0.002,
  strange: 0.0002,
  entering: 0.5,
  lotteries: 0,
  lanes: 0.5,
  opensAt: [0, firstTime + 59_000, firstTime + 59_000],
  closesAt: [0],
  limits: (random) => ({
    ...limitsOf(random),
    admitPerMinute: random.pick([6000, 600_000]),
    burstSeconds: random.pick([3, 60]),
    capacity: random.pick([-1, 3000, 100_000]),
    sessionMs: random.pick([minute, 15 * minute]),
    returnMs: random.pick([20_000, 5 * minute]),
  }),
};

function limitsOf(random: Random): Limits {
  return {
    admitPerMinute: random.pick([0, 0.5, 6, 60, 60, 123.456, 600, 6000, 600_000]),
    burstSeconds: random.pick([0, 0.5, 3, 3, 60]),
    capacity: random.pick([-1, -1, 0, 1, 5, 20, 300, 1_000_000]),
    sessionMs: random.pick([minute, 2 * minute, 15 * minute, 90_001, 24 * hour]),
    returnMs: random.pick([20_000, minute, 5 * minute, 12_345, 0]),
    recovery: random.pick(["strict", "linear"]),
  };
}

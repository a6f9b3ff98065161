/** What came of a plan, as the page shows it. */

import { type Result, simulate, worldOf } from "../../plugins/waiting-room/simulation/mod.ts";
import { type Plan, worldOfPlan } from "./settings.ts";

/** What there was, second by second: the first value of a list is that of the first second. */
export interface Film {
  /** How many wait who are still there. */
  readonly waiting: readonly number[];
  readonly inside: readonly number[];
  /** How many were let in within the minute before. */
  readonly admitted: readonly number[];
  readonly issued: readonly number[];
  readonly passed: readonly number[];
  readonly speed: readonly number[];
  /** Those who were let in, by their numbers: the number, when that was in minutes, and how they waited. */
  readonly guests: readonly Guest[];
  /** By what time at the pace of the room somebody who was there was overtaken: 99 of 100 by no more, in seconds. */
  readonly overtaken: number;
  /** How often a promise was broken. */
  readonly broken: number;
}

/** Somebody who was let in. */
export interface Guest {
  readonly number: number;
  readonly minute: number;
  readonly isAwake: boolean;
}

/** Lets a plan go by. */
export function filmOf(plan: Plan): Film {
  const result = simulate(worldOf(worldOfPlan(plan)));
  const { seconds, admissions, overtaken, violations } = result;
  const stays = plan.stays / 100;
  const sorted = overtaken.toSorted((one, other) => one - other);
  return {
    waiting: seconds.map(({ far, present, asleep }) => Math.round(far * stays + present + asleep)),
    inside: seconds.map(({ inside }) => inside),
    admitted: minuteSums(result),
    issued: seconds.map(({ issued }) => issued),
    passed: seconds.map(({ passed }) => passed),
    speed: seconds.map(({ speed }) => speed),
    guests: admissions.map(({ number, admittedAt, kind }) => ({
      number,
      minute: admittedAt / 60_000,
      isAwake: kind === "awake",
    })).sort((one, other) => one.number - other.number),
    overtaken: (sorted[Math.floor(sorted.length * 0.99)] ?? 0) / 1000,
    broken: Object.values(violations).reduce((sum, count) => sum + count, 0),
  };
}

function minuteSums({ seconds }: Result): number[] {
  let sum = 0;
  return seconds.map(({ admitted }, at) => sum += admitted - (seconds[at - 60]?.admitted ?? 0));
}

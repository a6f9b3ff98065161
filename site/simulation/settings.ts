/** What is set on the page of the simulation, and the world that it makes. */

import type { PartialWorld } from "../../plugins/waiting-room/simulation/mod.ts";

/** What may be changed at any time. */
export interface Settings {
  /** How many are let in a minute. */
  readonly rate: number;
  /** How many may be inside at once. */
  readonly capacity: number;
  /** How many come a minute. */
  readonly arrivals: number;
}

/** Settings, and since when they are so, in milliseconds since the beginning. */
export interface Change extends Settings {
  readonly atMs: number;
}

/** What has been set. The same plan brings the same, to the last visitor, so that a change leaves what was before it as it was. */
export interface Plan {
  readonly seed: number;
  /** Which share of those in line is still there at their turn, in percent. */
  readonly stays: number;
  /** In order; the first one is at 0. */
  readonly changes: readonly [Change, ...Change[]];
  /** When as many as `surge` come within a minute, in milliseconds since the beginning. */
  readonly surges: readonly number[];
}

/** For how long a line is watched, in milliseconds. */
export const durationMs = 45 * 60_000;

/** How many come with a surge, within a minute. */
export const surge = 2000;

const surgeMs = 60_000;

/** Makes a world of a plan. */
export function worldOfPlan({ seed, stays, changes, surges }: Plan): PartialWorld {
  const [first, ...later] = changes;
  return {
    seed,
    mode: "open",
    durationMs,
    nodes: 2,
    limits: { admitPerMinute: first.rate, capacity: first.capacity, sessionMs: 300_000 },
    crowd: { stays: stays / 100, stayMs: 180_000, arrivals: (ms) => arrivalsAt(ms, changes, surges) },
    script: later.map(({ atMs, rate, capacity }) => ({
      atMs,
      what: "change",
      change: { limits: { admitPerMinute: rate, capacity } },
    })),
  };
}

/** How many come a second. */
function arrivalsAt(ms: number, changes: Plan["changes"], surges: readonly number[]): number {
  const { arrivals } = changes.findLast(({ atMs }) => atMs <= ms) ?? changes[0];
  const extra = surges.filter((atMs) => atMs <= ms && ms < atMs + surgeMs).length * surge / (surgeMs / 1000);
  return arrivals / 60 + extra;
}

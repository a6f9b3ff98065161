/** What pages say about the time that is left, and what came of it. */

import type { RoomStatus } from "../machine/mod.ts";
import type { FarLine } from "./line.ts";
import { timeLeftOf } from "./page.ts";
import type { Random } from "./random.ts";

/** A forecast that was tried, in milliseconds. */
export interface Forecast {
  readonly saidMs: number;
  readonly cameMs: number;
}

/** How often and how many are asked, and how long after the opening nothing is said, in milliseconds. */
const everyMs = 10_000;
const each = 20;
const silentMs = 30_000;

/** Forecasts for numbers that are drawn. */
export interface Forecasts {
  readonly made: readonly Forecast[];
  /** Notes what pages say now. */
  ask(status: RoomStatus, now: number): void;
  /** Notes that a number got in. */
  came(number: number, now: number): void;
}

/** Makes forecasts. */
export function createForecasts(random: Random, far: FarLine): Forecasts {
  const open = new Map<number, { readonly at: number; readonly saidMs: number }[]>();
  const made: Forecast[] = [];
  return {
    made,
    ask(status, now) {
      const { openedAt, frontier, issued } = status;
      if (openedAt === 0 || status.now - openedAt < silentMs || Math.round(now) % everyMs !== 0) return;
      if (far.size < 100) return;
      for (let at = 0; at < each; at++) {
        const number = frontier + 1 + Math.floor(random.next() * (issued - frontier));
        const saidMs = timeLeftOf(status, number);
        if (saidMs === undefined) continue;
        const known = open.get(number);
        if (known === undefined) open.set(number, [{ at: now, saidMs }]);
        else known.push({ at: now, saidMs });
      }
    },
    came(number, now) {
      for (const { at, saidMs } of open.get(number) ?? []) made.push({ saidMs, cameMs: now - at });
      open.delete(number);
    },
  };
}

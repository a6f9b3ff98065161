/** A world that is simulated: a room, those who want in, the machines between them, and what goes wrong. */

import type { Autotune, Limits, RoomChange, RoomMode } from "../machine/mod.ts";
import type { Application } from "./application.ts";

/** Something that happens once. Times are milliseconds since the beginning. */
export type Happening =
  & { readonly atMs: number }
  & (
    | { readonly what: "change"; readonly change: RoomChange }
    /** The store loses all that it knows, or what it learned in the last so many milliseconds. */
    | { readonly what: "loss"; readonly back: number | "all"; readonly nodesToo?: boolean }
    /** The clock of the store jumps, by so many milliseconds. */
    | { readonly what: "clock"; readonly byMs: number }
    /** A node ends with all that it was doing, and a new one takes its place. */
    | { readonly what: "crash"; readonly node: number }
    /** For so long the store answers nobody. */
    | { readonly what: "outage"; readonly forMs: number }
  );

/** Those who want in. */
export interface Crowd {
  /** How many have a number at the beginning. */
  readonly waiting: number;
  /** How many come a second, at a time. */
  readonly arrivals: ((ms: number) => number) | undefined;
  /** How many come at most. */
  readonly mostArrivals: number;
  /** Which share of those with a number is still there at their turn. */
  readonly stays: number | ((number: number) => number);
  /** Which shares of those have a page that is hidden, or a device that sleeps, and for how long on average. */
  readonly hidden: number;
  readonly suspended: number;
  readonly awayMs: number;
  /** Which share has its ticket in three tabs, or shares it. */
  readonly shared: number;
  /** How long somebody who was called waits on average, before giving up; `Infinity` for ever. */
  readonly patienceMs: number;
  /** Which share of those whose place was lost joins anew. */
  readonly rejoins: number;
  /** How long somebody stays inside on average, and how long between two pages; 0 for nobody who is looked at inside. */
  readonly stayMs: number;
  readonly pageMs: number;
  /** Which share says that it leaves, in the line and inside. */
  readonly saysSo: number;
  /** Which share of those who are let in never comes. */
  readonly noShow: number;
}

/** A world. */
export interface World {
  readonly seed: number;
  readonly limits: Limits;
  /** What is behind the door, and how the rate follows it; `undefined` for what is never too slow. */
  readonly application: Application | undefined;
  readonly autotune: Autotune | undefined;
  readonly mode: RoomMode;
  readonly opensAtMs: number;
  readonly durationMs: number;
  readonly crowd: Crowd;
  /** Those who have a lane of their own, and its weight; `undefined` where there is one lane. */
  readonly priority: { readonly weight: number; readonly crowd: Crowd } | undefined;
  readonly nodes: number;
  /** How long an answer of the store takes on average, in milliseconds. */
  readonly storeMs: number;
  /** How old a status is at most that somebody far from the front is shown, in milliseconds. */
  readonly statusAgeMs: number;
  readonly script: readonly Happening[];
  /** From when on figures count. */
  readonly fromMs: number;
  /** Whether it ends as soon as nobody is left who waits. */
  readonly endsEmpty: boolean;
  /** From when and until when a sample of the times left that pages show is taken, to be compared with what comes. */
  readonly forecastsFromMs: number;
  readonly forecastsUntilMs: number;
}

/** What is usual of a room: 600 a minute, and no other limit. */
export const usualLimits: Limits = {
  admitPerMinute: 600,
  burstSeconds: 3,
  capacity: -1,
  sessionMs: 900_000,
  returnMs: 300_000,
  recovery: "strict",
};

/** What is usual of a crowd. */
export const usualCrowd: Crowd = {
  waiting: 0,
  arrivals: undefined,
  mostArrivals: Number.POSITIVE_INFINITY,
  stays: 0.6,
  hidden: 0.25,
  suspended: 0.1,
  awayMs: 180_000,
  shared: 0,
  patienceMs: 6_000_000,
  rejoins: 0,
  stayMs: 300_000,
  pageMs: 20_000,
  saysSo: 0.5,
  noShow: 0,
};

/** A part of a world, of which the rest is as usual. */
export type PartialWorld =
  & Partial<Omit<World, "limits" | "crowd" | "priority">>
  & { readonly limits?: Partial<Limits>; readonly crowd?: Partial<Crowd> }
  & { readonly priority?: { readonly weight: number; readonly crowd?: Partial<Crowd> } };

/** Makes a world: open from the second minute on, with a crowd before it, for a quarter of an hour. */
export function worldOf({ limits, crowd, priority, ...others }: PartialWorld): World {
  return {
    seed: 1,
    application: undefined,
    autotune: undefined,
    mode: "scheduled",
    opensAtMs: 60_000,
    durationMs: 900_000,
    nodes: 8,
    storeMs: 1,
    statusAgeMs: 2000,
    script: [],
    fromMs: 120_000,
    endsEmpty: false,
    forecastsFromMs: 0,
    forecastsUntilMs: 0,
    ...others,
    limits: { ...usualLimits, ...limits },
    crowd: { ...usualCrowd, ...crowd },
    // Whoever has priority behaves as all others do.
    priority: priority && {
      weight: priority.weight,
      crowd: { ...usualCrowd, ...crowd, waiting: 0, arrivals: undefined, ...priority.crowd },
    },
  };
}

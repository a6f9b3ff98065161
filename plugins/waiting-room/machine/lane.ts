/** The lanes of a room. Without priority there is one, which is the room itself; the other one has the same shape. */

import type { OrderedSet } from "./ordered-set.ts";

/** How many values of `passed` are kept: one for each fifth of the time to come back, and the one that counts. */
export const lineLength = 6;
/** How many values of `issued` are kept: one for each ten seconds, so that tags are known for a minute. */
export const marksLength = 7;

/** The numbers of the priority lane begin behind this one, so that a number says which lane it is of. */
export const priorityBase: number = 2 ** 40;

/** A number as its holder counts it: from 1 on in each lane, behind 0. */
export function numberInLane(number: number): number {
  return number >= priorityBase ? number - priorityBase : number;
}

/** The part of a lane whose size does not depend on who is there. Times are milliseconds, by the logical clock of the room. */
export interface LaneScalars {
  issued: number;
  frontier: number;
  passed: number;
  /** Past values of `passed`. Whoever is not above the first one, and away, has lost the place. */
  line: number[];
  /** How many had been admitted when the line moved for the last time; whoever comes in elsewhere is added to both. */
  lineAdmitted: number;
  /** Past values of `issued`. */
  marks: number[];

  /** The controller of the frontier. */
  inflight: number;
  came: number;
  matured: number;
  share: number;
  admittedSince: number;
  lastPresent: number;
  quietUntil: number;

  /** The speed of the head: open seconds, numbers and people of the last two minutes. */
  seconds: number;
  numbers: number;
  people: number;
  lastPassed: number;

  /** How many were admitted: of the room's own lane, in all. */
  admitted: number;
}

/** Who is known of a lane. */
export interface LaneSets {
  readonly front: OrderedSet;
  readonly asleep: OrderedSet;
  readonly spent: OrderedSet;
  readonly recent: OrderedSet;
  readonly identities: OrderedSet;
}

/** A lane. */
export interface Lane extends LaneScalars, LaneSets {}

/** The scalars of the priority lane. */
export interface PriorityScalars extends LaneScalars {
  /** How many are admitted for one of the other lane while people wait in both. */
  weight: number;
  /** How many more were admitted than the share of this lane; each one of the other lane counts for `weight`. */
  ahead: number;
}

/** The priority lane. */
export interface Priority extends PriorityScalars, LaneSets {}

/** The scalars of a lane of which nobody knows anything yet. */
export function laneScalars(base: number): LaneScalars {
  return {
    issued: base,
    frontier: base,
    passed: base,
    line: Array<number>(lineLength).fill(base),
    lineAdmitted: 0,
    marks: Array<number>(marksLength).fill(base),
    inflight: 0,
    came: 0,
    matured: 0,
    share: 0.7,
    admittedSince: 0,
    lastPresent: 0,
    quietUntil: 0,
    seconds: 0,
    numbers: 0,
    people: 0,
    lastPassed: base,
    admitted: 0,
  };
}

/** Begins the numbers of a lane anew. Whoever is inside stays there. */
export function dropLane(lane: Lane, base: number): void {
  lane.issued =
    lane.frontier =
    lane.passed =
    lane.lastPassed =
      base;
  lane.line = lane.line.map(() => base);
  lane.marks = lane.marks.map(() => base);
  lane.inflight = 0;
  lane.lastPresent = 0;
  for (const set of [lane.front, lane.asleep, lane.spent, lane.recent, lane.identities]) set.clear();
}

/** The state of a room: numbers, and who is present, inside, or was. */

import type { DrawnBy, RoomMode } from "./commands.ts";
import { type LaneScalars, laneScalars, type LaneSets, type Priority, priorityBase } from "./lane.ts";
import { type Limits, paceOf } from "./limits.ts";
import { registeredAtFirst } from "./registration.ts";
import { type OrderedSet, orderedSet, type SetListener } from "./ordered-set.ts";
import type { Autotune, Heard, Tuned } from "./tuned.ts";

/** The form of a state. A store refuses one that is higher; fields are only ever added. */
export const stateForm = 1;

/** A room as its owner configured it. It counts where there is no such room yet, or one with an older configuration. */
export interface Configured {
  /** How many it lets in, and for how long. */
  readonly limits: Limits;
  /** When it opens; 0 for open at once. */
  readonly opensAt: number;
  /** When it closes; 0 for never. */
  readonly closesAt: number;
  /** What its owner tells those who wait. */
  readonly note: string;
  /** How the rate follows what the application can take; without it the rate stays as it is. */
  readonly autotune?: Autotune;
  /** In which order those come who are there before the opening. @default {"arrival"} */
  readonly order?: "arrival" | "lottery";
  /** The lane of some, of whom `weight` are admitted for one of the others while people wait in both. @default {one lane} */
  readonly priority?: { readonly weight: number };
  /**
   * Since when this configuration holds where it was read, by the store's clock, in Unix milliseconds. Of two configurations the
   * younger one counts, so that a deployment in which two versions run side by side does not go back and forth.
   */
  readonly since: number;
}

/** The part of a state whose size does not depend on who is there. Times are milliseconds, by the logical clock of the room. */
export interface Scalars extends LaneScalars {
  form: number;
  epoch: number;
  revision: number;
  mode: RoomMode;
  limits: Limits;
  note: string;
  opensAt: number;
  closesAt: number;
  openedAt: number;
  configured: Configured;

  /** The lottery: to which secret it is bound, for which opening that was made, how many registered, and what decides the order. */
  order: "arrival" | "lottery";
  commitment: string;
  committedFor: number;
  /** Less than 0 while registration is open. */
  registered: number;
  drawnBy: DrawnBy | "";
  beacon: string;

  /** When this state began; the clock of the rate counts from there, in microseconds. */
  base: number;
  /** Since when tickets may have been given: before, by a state that was lost. */
  knownSince: number;
  /** How far the logical clock is before that of the store, and its last time. */
  offset: number;
  /** How much of that comes from a clock that went back, and has not gone forward again by as much since. */
  setBack: number;
  last: number;
  /** The theoretical arrival time of the generic cell rate algorithm, in microseconds since `base`. */
  tat: number;

  lineAt: number;
  advancedAt: number;
  /** The end of the last time in which nobody could say that they were there. The beginning is for older versions, and 0. */
  silentFrom: number;
  silentUntil: number;
  marksAt: number;

  /** When the frontier moved last, and how fast people leave. */
  tick: number;
  endRate: number;
  ended: number;

  heldUntil: number;
  recoverUntil: number;
  ghosts: number;
  ghostsAtFirst: number;
  ghostsUntil: number;
  recoveries: number;

  joined: number;
  renewed: number;
  lapsed: number;
  left: number;

  /** The last decision about the rate, and what was heard since; `undefined` where nobody tunes it. */
  tuned: Tuned | undefined;
  heard: Heard | undefined;

  /** The lane of those with priority; `undefined` where there never was one. Its sets are those of the state whose names say so. */
  priority: Priority | undefined;
}

/** The names of the sets of a state. */
export const setNames: readonly SetName[] = [
  "front",
  "asleep",
  "expiry",
  "sessions",
  "spent",
  "recent",
  "identities",
  "over",
  "priorityFront",
  "priorityAsleep",
  "prioritySpent",
  "priorityRecent",
  "priorityIdentities",
];
/** The name of a set. */
export type SetName =
  | "front"
  | "asleep"
  | "expiry"
  | "sessions"
  | "spent"
  | "recent"
  | "identities"
  | "over"
  | "priorityFront"
  | "priorityAsleep"
  | "prioritySpent"
  | "priorityRecent"
  | "priorityIdentities";

/**
 * Who is known one by one. Members are `number.tag`, but for tags in `recent` and `identities`.
 *
 * - `front`: called, present, and not hidden; by number
 * - `asleep`: called, with a page that is hidden; by number
 * - `expiry`: until when those two count as present; by time, with half a millisecond for those who were kept when that was over
 * - `sessions`: inside; by time and kind, as {@linkcode sessionScore} says
 * - `spent`: whose session has ended; by number
 * - `recent`: tags that got a number in the last minute; by that number
 * - `identities`: identities that have a number; by that number
 * - `over`: whose session is over, for as long as a pass or a form that is a little late may say something else; by time and kind
 *
 * Those whose names begin with `priority` are the same of the priority lane.
 */
export type Sets = Readonly<Record<SetName, OrderedSet>>;

/** The state of a room. */
export interface RoomState extends Scalars, Sets {}

/** What a session is. */
export const sessionKind = { claim: 0, confirmed: 1, left: 2 } as const;
export type SessionKind = typeof sessionKind[keyof typeof sessionKind];

/** How a session is kept: first by its end, then by its kind. */
export function sessionScore(endsAt: number, kind: SessionKind): number {
  return 4 * endsAt + kind;
}

/** The end and the kind of a session. */
export function sessionOf(score: number): { readonly endsAt: number; readonly kind: SessionKind } {
  const endsAt = Math.floor(score / 4);
  // The rest of a division by four, of which three are used.
  return { endsAt, kind: (score - 4 * endsAt) as SessionKind };
}

/** The name of somebody in the sets. */
export function memberOf(number: number, tag: string): string {
  return `${number}.${tag}`;
}

/** The number of somebody in the sets. */
export function numberOf(member: string): number {
  return Number(member.slice(0, member.indexOf(".")));
}

/** Makes a state. One that others share begins with one admission, for it may take the place of one that was lost. */
export function createState(configured: Configured, now: number, isShared: boolean): RoomState {
  const { limits, opensAt, closesAt, note, order = "arrival" } = configured;
  const { interval, burst } = paceOf(limits);
  const isOpen = opensAt <= now;
  const state: RoomState = {
    form: stateForm,
    epoch: 1,
    revision: 0,
    mode: isOpen ? "open" : "scheduled",
    limits,
    note,
    opensAt,
    closesAt,
    openedAt: isOpen ? now : 0,
    configured,
    order,
    commitment: "",
    committedFor: 0,
    registered: registeredAtFirst({ order, opensAt }, now),
    drawnBy: "",
    beacon: "",
    base: now,
    knownSince: now,
    offset: 0,
    setBack: 0,
    last: now,
    tat: isShared && burst > 0 ? (burst - 1) * interval : 0,
    ...laneScalars(0),
    lineAt: now,
    advancedAt: now,
    silentFrom: 0,
    silentUntil: 0,
    marksAt: now,
    tick: now,
    endRate: 0,
    ended: 0,
    heldUntil: 0,
    recoverUntil: 0,
    ghosts: 0,
    ghostsAtFirst: 0,
    ghostsUntil: 0,
    recoveries: 0,
    joined: 0,
    renewed: 0,
    lapsed: 0,
    left: 0,
    tuned: undefined,
    heard: undefined,
    priority: undefined,
    ...setsOf({}),
  };
  if (configured.priority !== undefined) beginPriority(state, configured.priority.weight);
  return state;
}

/** Begins the priority lane where there is none yet. It stays, for its numbers must not be given again. */
export function beginPriority(state: RoomState, weight: number): Priority {
  return state.priority ??= { ...laneScalars(priorityBase), weight, ahead: 0, ...prioritySets(state) };
}

/** The same state with other sets. */
export function withSets(scalars: Scalars, sets: Sets): RoomState {
  const { priority } = scalars;
  return { ...scalars, ...sets, priority: priority && { ...priority, ...prioritySets(sets) } };
}

/** The sets of the priority lane. */
export function prioritySets(sets: Sets): LaneSets {
  return {
    front: sets.priorityFront,
    asleep: sets.priorityAsleep,
    spent: sets.prioritySpent,
    recent: sets.priorityRecent,
    identities: sets.priorityIdentities,
  };
}

/** Makes the sets of a state. */
export function setsOf(
  entries: Partial<Readonly<Record<SetName, Iterable<readonly [member: string, score: number]>>>>,
  changed?: (name: SetName) => SetListener,
): Sets {
  const set = (name: SetName) => orderedSet(entries[name], changed?.(name));
  return {
    front: set("front"),
    asleep: set("asleep"),
    expiry: set("expiry"),
    sessions: set("sessions"),
    spent: set("spent"),
    recent: set("recent"),
    identities: set("identities"),
    over: set("over"),
    priorityFront: set("priorityFront"),
    priorityAsleep: set("priorityAsleep"),
    prioritySpent: set("prioritySpent"),
    priorityRecent: set("priorityRecent"),
    priorityIdentities: set("priorityIdentities"),
  };
}

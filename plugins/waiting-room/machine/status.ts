/** What everybody may know of a room, and what its nodes and its owner know. */

import type { DrawnBy, RoomMode } from "./commands.ts";
import { priorityBase } from "./lane.ts";
import type { Limits } from "./limits.ts";
import type { Tuned } from "./tuned.ts";

/** A room as the last batch left it. Times are Unix milliseconds by the store's clock. */
export interface RoomStatus {
  /** Which line it is: one that is dropped makes room for the next. */
  readonly epoch: number;
  /** How often the room was changed. */
  readonly revision: number;
  /** When that was. */
  readonly now: number;
  /** What it does. */
  readonly mode: RoomMode;
  /** The limits in force. */
  readonly limits: Limits;
  /** What its owner tells those who wait. */
  readonly note: string;
  /** When it opens; 0 for no time. */
  readonly opensAt: number;
  /** When it closes; 0 for no time. */
  readonly closesAt: number;
  /** When admissions began, or 0 before: since then the speed is measured. */
  readonly openedAt: number;
  /** In which order those come who are there before the opening. */
  readonly order: "arrival" | "lottery";
  /** What is published of the secret of the lottery; `""` before. */
  readonly commitment: string;
  /** For which opening that secret was made; 0 before. */
  readonly committedFor: number;
  /** How many registered for the lottery; less than 0 while registration is open. */
  readonly registered: number;
  /** What decided the order; `""` before. */
  readonly drawnBy: DrawnBy | "";
  /** The beacon; `""` before, and where there was none. */
  readonly beacon: string;
  /** The last number that was given. */
  readonly issued: number;
  /** Numbers up to this one are called. */
  readonly frontier: number;
  /** Numbers up to this one were passed: somebody behind them was admitted while they were away. */
  readonly passed: number;
  /** Numbers up to this one are lost where nobody is there. */
  readonly lapseLine: number;
  /** How many people are present, hidden pages not counted. */
  readonly present: number;
  /** How many are there with a hidden page. */
  readonly asleep: number;
  /** How many are inside. */
  readonly sessions: number;
  /** How many places are kept for those whom a loss of the state made unknown. */
  readonly ghosts: number;
  /** How many may be admitted now. */
  readonly free: number;
  /** How many numbers the head of the line moves on a second. */
  readonly pace: number;
  /** How many people are admitted a second. */
  readonly flow: number;
  /** Which share of those who are called comes. */
  readonly share: number;
  /** How many sessions end a second. */
  readonly endRate: number;
  /** After how many seconds somebody who is far from the front should look again, at most. */
  readonly poll: number;
  /** How many numbers were given since the room began; so long the next ones are counted as well. */
  readonly joined: number;
  /** How often somebody was let in. */
  readonly admitted: number;
  /** How often somebody inside kept the place. */
  readonly renewed: number;
  /** How often somebody was told that the place is lost. */
  readonly lapsed: number;
  /** How many gave their places back. */
  readonly left: number;
  /** How often a loss of the state was found. */
  readonly recoveries: number;
  /** The last decision about the rate, where it follows what the application can take. */
  readonly tuned?: Tuned;
  /** The lane of those with priority, where there is one: what is said of a line above is that of all others. */
  readonly priority?: LaneStatus;
}

/** How the priority lane is. */
export interface LaneStatus {
  /** How many of it are admitted for one of the others while people wait in both. */
  readonly weight: number;
  /** The last number that was given. All numbers of this lane are beyond 2^40. */
  readonly issued: number;
  /** Numbers up to this one are called. */
  readonly frontier: number;
  /** Numbers up to this one were passed. */
  readonly passed: number;
  /** Numbers up to this one are lost where nobody is there. */
  readonly lapseLine: number;
  /** How many people are present, hidden pages not counted. */
  readonly present: number;
  /** How many are there with a hidden page. */
  readonly asleep: number;
  /** How many numbers the head of the lane moves on a second. */
  readonly pace: number;
  /** How many people of it are admitted a second. */
  readonly flow: number;
  /** Which share of those who are called comes. */
  readonly share: number;
  /** How often somebody of it was let in. */
  readonly admitted: number;
}

const usualLimits: RoomStatus["limits"] = {
  admitPerMinute: 0,
  burstSeconds: 0,
  capacity: 0,
  sessionMs: 0,
  returnMs: 0,
  recovery: "strict",
};

/** What a status has where the version that wrote it knew no such field. */
const usual: Omit<RoomStatus, "limits" | "tuned" | "priority"> = {
  epoch: 0,
  revision: 0,
  now: 0,
  mode: "open",
  note: "",
  opensAt: 0,
  closesAt: 0,
  openedAt: 0,
  order: "arrival",
  commitment: "",
  committedFor: 0,
  registered: 0,
  drawnBy: "",
  beacon: "",
  issued: 0,
  frontier: 0,
  passed: 0,
  lapseLine: 0,
  present: 0,
  asleep: 0,
  sessions: 0,
  ghosts: 0,
  free: 0,
  pace: 0,
  flow: 0,
  share: 0.7,
  endRate: 0,
  poll: 20,
  joined: 0,
  admitted: 0,
  renewed: 0,
  lapsed: 0,
  left: 0,
  recoveries: 0,
};

/** What a decision about the rate has. */
const usualTuned: Tuned = {
  at: 0,
  why: "new",
  from: 0,
  visitors: 0,
  meanMs: 0,
  errorRate: 0,
  used: 0,
  heldSince: 0,
};

/** What a lane has. */
const usualLane: LaneStatus = {
  weight: 1,
  issued: priorityBase,
  frontier: priorityBase,
  passed: priorityBase,
  lapseLine: priorityBase,
  present: 0,
  asleep: 0,
  pace: 0,
  flow: 0,
  share: 0.7,
  admitted: 0,
};

/**
 * Reads a status that may have been written by another version, or by something else. What an older version did not write has its usual
 * value, and what a younger one added stays.
 *
 * @returns The status; `undefined` for what is none.
 */
export function readStatus(value: unknown): RoomStatus | undefined {
  if (!isOf(value, usual) || !isOf(value["limits"], usualLimits)) return undefined;
  if (value["epoch"] === undefined || value["now"] === undefined || value["mode"] === undefined) {
    return undefined;
  }
  const { tuned, priority } = value;
  // A room whose rate nobody tunes has nothing to tell of that.
  if (tuned !== undefined && (!isOf(tuned, usualTuned) || tuned["at"] === undefined)) return undefined;
  if (priority !== undefined && !isOf(priority, usualLane)) return undefined;
  // Each field is of the kind of its usual value, or has that. Whoever writes a mode writes one of them.
  return {
    ...usual,
    ...value,
    limits: { ...usualLimits, ...value["limits"] },
    ...(tuned !== undefined && { tuned: { ...usualTuned, ...tuned } }),
    ...(priority !== undefined && { priority: { ...usualLane, ...priority } }),
  } as RoomStatus;
}

/** A status as those of the lane of a number read it. */
export function statusOfLane(status: RoomStatus, number: number): RoomStatus {
  return number > priorityBase ? { ...status, ...status.priority } : status;
}

/** Whether a value is a record, and whatever it has of a shape is of the same kind. */
function isOf(value: unknown, shape: object): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const record = value as Readonly<Record<string, unknown>>;
  return Object.entries(shape).every(([name, usual]) => {
    const own = record[name];
    return own === undefined || (typeof own === typeof usual && !Number.isNaN(own));
  });
}

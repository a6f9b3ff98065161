/** What everybody may know of a room, and what its nodes and its owner know. */

import type { RoomMode } from "./commands.ts";
import type { Limits } from "./limits.ts";

/** A room as the last batch left it. Times are Unix milliseconds by the store's clock. */
export interface RoomStatus {
  readonly epoch: number;
  /** How often the room was changed. */
  readonly revision: number;
  readonly now: number;
  readonly mode: RoomMode;
  readonly limits: Limits;
  readonly note: string;
  /** When it opens, and when it closes; 0 for no time. */
  readonly opensAt: number;
  readonly closesAt: number;
  /** When admissions began, or 0 before: since then the speed is measured. */
  readonly openedAt: number;
  /** The last number that was given. */
  readonly issued: number;
  /** Numbers up to this one are called. */
  readonly frontier: number;
  /** Numbers up to this one were passed: somebody behind them was admitted while they were away. */
  readonly passed: number;
  /** Numbers up to this one are lost where nobody is there. */
  readonly lapseLine: number;
  /** How many people are present, hidden pages not counted, and how many of those there are. */
  readonly present: number;
  readonly asleep: number;
  /** How many are inside, and how many places are kept for those whom a loss of the state made unknown. */
  readonly sessions: number;
  readonly ghosts: number;
  /** How many may be admitted now. */
  readonly free: number;
  /** How fast the head of the line moves: numbers a second, and people a second. */
  readonly pace: number;
  readonly flow: number;
  /** Which share of those who are called comes. */
  readonly share: number;
  /** How many sessions end a second. */
  readonly endRate: number;
  /** After how many seconds somebody who is far from the front should look again, at most. */
  readonly poll: number;
  /** Counts since the room began. */
  readonly joined: number;
  readonly admitted: number;
  readonly lapsed: number;
  readonly left: number;
  /** How often a loss of the state was found. */
  readonly recoveries: number;
}

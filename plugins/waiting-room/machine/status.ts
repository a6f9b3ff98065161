/** What everybody may know of a room, and what its nodes and its owner know. */

import type { RoomMode } from "./commands.ts";
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
}

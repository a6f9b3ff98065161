/**
 * What keeps the state of rooms.
 *
 * @module
 */

import type { Health } from "../../../src/health.ts";
import type { Answered, Asked, RoomStatus } from "../machine/mod.ts";

/** What is asked of a room at once: all of it, or none. No command is a look, which also keeps the room moving. */
export type Batch = Asked;

/** What a store answers. */
export type BatchResult = Answered;

/** How many records a store keeps of a room. */
export const mostRecords = 100;

/** For which rooms a store is fast enough. */
export interface StoreBounds {
  /** How many people may be present and inside. */
  readonly people: number;
  /** How many may be admitted a minute. */
  readonly admissionsPerMinute: number;
}

/**
 * Runs the machine on the state of rooms. Any number of nodes may ask at once.
 *
 * A store runs exactly the machine: `storeContract()` from `stanchion/waiting-room/testing` compares any store with it.
 */
export interface RoomStore {
  /** What it is, for messages: `memory`, `redis`. */
  readonly name: string;
  /** Whether other processes may use the same rooms. */
  readonly isShared: boolean;
  /**
   * Whether the store puts together what is asked at the same time, or gains nothing by it: then each command is handed over at once, by
   * the request that brings it. So it is with any store on Workers, which end timers and calls with the request that began them.
   *
   * @default {false}
   */
  readonly batchesItself?: boolean;
  /** How long an answer may take, in milliseconds, unless the owner says otherwise. */
  readonly timeoutMs: number;
  /** For which rooms it is fast enough; without it, for all. Where a room's limits are beyond that, its owner is told. */
  readonly bounds?: StoreBounds;
  /**
   * Runs a batch on one room: in order, all or none, on the store's clock.
   *
   * @param room The room's key: letters, digits, hyphens and colons.
   * @param batch What is asked.
   * @returns What the room answers.
   * @throws {GateError} `unreachable` and the like where the store fails; `newer` state is `malformed`.
   */
  run(room: string, batch: Batch): Promise<BatchResult>;
  /**
   * Reads the status that the last batch left, without running anything.
   *
   * @param room The room's key.
   * @returns The status, or `undefined` where there is no such room yet.
   */
  status(room: string): Promise<RoomStatus | undefined>;
  /**
   * Keeps one secret for all processes: the one that was offered first.
   *
   * @param offered A secret that is kept if there is none yet.
   * @returns The secret that is kept.
   */
  secret?(offered: string): Promise<string>;
  /**
   * Keeps a record beside a room, such as who changed it, behind those that are there, and the last 100 of them all.
   *
   * @param room The room's key.
   * @param text Up to 8 KiB of text.
   */
  record?(room: string, text: string): Promise<void>;
  /**
   * Reads the records of a room.
   *
   * @param room The room's key.
   * @returns Their texts, the oldest first; none of a room that has none.
   */
  records?(room: string): Promise<readonly string[]>;
  /** Tells of changes as they happen, where the store can; returns what ends that. */
  watch?(room: string, listener: (status: RoomStatus) => void): () => void;
  /** Says how the store is doing, as plain values under names in camel case. */
  health?(): Health;
  /** Ends what the store itself began; a client that was handed in stays open. */
  close?(): Promise<void>;
}

/**
 * What keeps the state of rooms.
 *
 * @module
 */

import type { Command, Outcome } from "../machine/commands.ts";
import type { Limits } from "../machine/limits.ts";
import type { RoomStatus } from "../machine/status.ts";

/** A room as its owner configured it. It counts where a store has no room of that name, or an older configuration. */
export interface ConfiguredRoom {
  readonly limits: Limits;
  /** When it opens; 0 for open at once. */
  readonly opensAt: number;
  /** When it closes; 0 for never. */
  readonly closesAt: number;
  readonly note: string;
  /**
   * Since when this configuration holds where it was read, in Unix milliseconds. Of two configurations the younger one counts, so
   * that a deployment in which two versions run side by side does not go back and forth.
   */
  readonly since: number;
}

/** What a node knows of a room from earlier answers: by it a store finds out that it lost something. */
export type Seen = Pick<
  RoomStatus,
  | "epoch"
  | "revision"
  | "issued"
  | "frontier"
  | "passed"
  | "lapseLine"
  | "admitted"
  | "sessions"
  | "mode"
  | "limits"
  | "note"
  | "opensAt"
  | "closesAt"
>;

/** What is asked of a room at once: all of it, or none. */
export interface Batch {
  readonly room: ConfiguredRoom;
  readonly seen: Seen | undefined;
  /** At most 100. None is a look, which also keeps the room moving. */
  readonly commands: readonly Command[];
}

/** What a store answers. */
export interface BatchResult {
  /** One for each command, in order. */
  readonly outcomes: readonly Outcome[];
  readonly status: RoomStatus;
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
  /** How long an answer may take, in milliseconds, unless the owner says otherwise. */
  readonly timeoutMs: number;
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
  /** Tells of changes as they happen, where the store can; returns what ends that. */
  watch?(room: string, listener: (status: RoomStatus) => void): () => void;
  /** Ends what the store itself began; a client that was handed in stays open. */
  close?(): Promise<void>;
}

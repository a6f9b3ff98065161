/**
 * Rooms in the memory of this process.
 *
 * @module
 */

import {
  checkFunction,
  checkNumber,
  checkOptions,
  checkSyncFunction,
  shapeError,
  textError,
} from "../../../src/options/check.ts";
import { warnOnce } from "../../../src/options/warn-once.ts";
import { createState, type RoomStatus, statusOf } from "../machine/mod.ts";
import { type Held, holdKept, holdNew } from "./attempt.ts";
import { createSnapshots, type Found, type Snapshots, type SnapshotStorage } from "./snapshots.ts";
import { createRecords } from "./records.ts";
import type { Batch, BatchResult, RoomStore } from "./store.ts";

/** The options of {@linkcode memoryStore}. */
export interface MemoryStoreOptions {
  /**
   * Where the rooms are kept over a restart of this process: a storage of unstorage, `localStorage`, or a few lines around a file. It is
   * read once for each room and written behind the answers, so that neither its speed nor its faults touch a visitor. What happened after
   * the last snapshot is put together again from the tickets that visitors bring. Without `secretKeys` the key that signs them is kept there
   * as well.
   *
   * @default {undefined: a restart begins with empty rooms}
   */
  readonly snapshot?: SnapshotStorage;
  /**
   * How long after a change the snapshot is written, in milliseconds. A room with many people is written less often, so that this takes no
   * more than a twentieth of the processor.
   *
   * @default {1000}
   */
  readonly snapshotMs?: number;
  /**
   * What the keys of the snapshots begin with.
   *
   * @default {"stanchion"}
   */
  readonly prefix?: string;
  /** Tells the time in Unix milliseconds. @default {Date.now} */
  readonly now?: () => number;
  /** Is told, once each, what is wrong with the snapshot. @default {console.warn} */
  readonly warn?: (message: string) => void;
}

/** A room of this process; without a state until somebody asks something of it. */
interface Room {
  held: Held | undefined;
  status: RoomStatus | undefined;
  /** Whether a state of it may have been lost. */
  readonly mayBeLost: boolean;
}

/**
 * Keeps rooms in the memory of this process, so that nothing else is needed.
 *
 * @param options Where a snapshot is kept, and a clock for tests.
 * @returns The store.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { memoryStore } from "stanchion/waiting-room";
 *
 * const kept = new Map<string, string>();
 * const store = memoryStore({
 *   snapshot: { getItem: (key) => kept.get(key), setItem: (key, value) => kept.set(key, value) },
 * });
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): RoomStore {
  const { now = Date.now } = options;
  const snapshots = checkedSnapshots(options);
  const rooms = new Map<string, Room>();
  const reading = new Map<string, Promise<Room>>();
  const records = createRecords(options.snapshot, options.prefix);

  function run(key: string, room: Room, batch: Batch): BatchResult {
    const clock = now();
    room.held ??= holdNew(createState(batch.room, clock, room.mayBeLost));
    const { answered } = room.held.attempt(batch, clock);
    room.status = answered.status;
    const { state } = room.held;
    snapshots?.changed(key, () => state);
    return answered;
  }

  function roomOf(key: string): Room | Promise<Room> {
    const known = rooms.get(key);
    if (known !== undefined) return known;
    if (snapshots === undefined) return keep(key, { held: undefined, status: undefined, mayBeLost: false });
    let read = reading.get(key);
    if (read === undefined) {
      read = snapshots.read(key).then((found) => keep(key, revived(found))).finally(() =>
        reading.delete(key)
      );
      reading.set(key, read);
    }
    return read;
  }

  function keep(key: string, room: Room): Room {
    rooms.set(key, room);
    return room;
  }

  return {
    name: "memory",
    isShared: false,
    // All that can be late is the first look at a snapshot.
    timeoutMs: snapshots === undefined ? 250 : 2000,
    async run(key, batch) {
      const room = roomOf(key);
      return run(key, room instanceof Promise ? await room : room, batch);
    },
    async status(key) {
      return (await roomOf(key)).status;
    },
    record: records.keep,
    records: records.read,
    ...(snapshots === undefined ? {} : { secret: (offered: string) => snapshots.secret(offered) }),
    health: () => ({ rooms: rooms.size, ...snapshots?.health() }),
    async close() {
      await snapshots?.close();
    },
  };
}

function revived({ record, mayBeLost }: Found): Room {
  if (record === undefined) return { held: undefined, status: undefined, mayBeLost };
  const held = holdKept(record.scalars, record.sets);
  return { held, status: statusOf(held.state, held.state.last), mayBeLost };
}

const subject = "memory store";

function checkedSnapshots(options: MemoryStoreOptions): Snapshots | undefined {
  checkOptions(subject, options, ["snapshot", "snapshotMs", "prefix", "now", "warn"]);
  const { snapshot, snapshotMs = 1000, prefix = "stanchion", now = Date.now } = options;
  const { warn = (message: string) => console.warn(message) } = options;
  checkNumber(subject, "snapshotMs", snapshotMs, 10, 3_600_000);
  if (typeof prefix !== "string" || prefix === "") throw textError(subject, "prefix", "a text", prefix);
  checkSyncFunction(subject, "now", now);
  checkFunction(subject, "warn", warn);
  if (snapshot === undefined) return undefined;
  if (typeof snapshot !== "object" || snapshot === null) {
    throw shapeError(subject, "snapshot", "an object with getItem and setItem", snapshot);
  }
  for (const method of ["getItem", "setItem"] as const) {
    checkFunction(subject, `snapshot.${method}`, snapshot[method]);
  }
  return createSnapshots({ storage: snapshot, everyMs: snapshotMs, prefix, warn: warnOnce(warn) });
}

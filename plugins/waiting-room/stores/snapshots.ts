/** Snapshots of rooms, written behind the answers. None of their faults stops a room. */

import { withDeadline } from "../../../src/async/deadline.ts";
import { platformLoop } from "../../../src/async/loop.ts";
import { schedule } from "../../../src/async/schedule.ts";
import { GateError } from "../../../src/errors.ts";
import type { Health } from "../../../src/health.ts";
import { kindOf } from "../../../src/pipeline/kind-of.ts";
import type { TokenStorage } from "../../../src/storage.ts";
import {
  readRecord,
  recordOf,
  type RoomState,
  type SetName,
  setNames,
  stateForm,
  type StateRecord,
} from "../machine/mod.ts";

/** A storage for snapshots: anything that keeps a text under a key. */
export type SnapshotStorage = Pick<TokenStorage, "getItem" | "setItem">;

/** How long a snapshot may take to be read, and how long the last one to be written, in milliseconds. */
const readMs = 1500;
const closeMs = 5000;
/** After how long a write that does not end is told, in milliseconds. */
const slowMs = 10_000;
/** How much longer than it takes to write a room down the next time is waited for: a twentieth of the processor. */
const rest = 20;

/** What was found of a room. */
export interface Found {
  /** What was kept; `undefined` where there is nothing that can be used. */
  readonly record: StateRecord | undefined;
  /** Whether there may have been something that could not be read. */
  readonly mayBeLost: boolean;
}

/** The snapshots of all rooms. */
export interface Snapshots {
  /** Reads what was kept of a room. It is never rejected. */
  read(room: string): Promise<Found>;
  /** Says that a room has changed, so that it is written soon. */
  changed(room: string, state: () => RoomState): void;
  health(): Health;
  /** Writes what has changed, and ends. */
  close(): Promise<void>;
}

/** How snapshots are kept. */
export interface SnapshotsOptions {
  readonly storage: SnapshotStorage;
  readonly everyMs: number;
  readonly prefix: string;
  readonly warn: (message: string) => void;
}

/** Makes the snapshots of a storage. */
export function createSnapshots({ storage, everyMs, prefix, warn }: SnapshotsOptions): Snapshots {
  const changed = new Map<string, () => RoomState>();
  /** Sets that a younger version keeps beside those known here. */
  const others = new Map<string, object>();
  /** Rooms whose snapshots a younger version wrote: they are left as they are. */
  const newer = new Set<string>();
  let failures = 0;
  let isFailing = false;
  let writing: Promise<void> | undefined;
  let cancel: (() => void) | undefined;
  let isClosed = false;

  function keyOf(room: string): string {
    return `${prefix}:room:${room}`;
  }

  function soon(ms: number): void {
    if (changed.size === 0 || cancel !== undefined || writing !== undefined || isClosed) return;
    cancel = schedule(() => {
      cancel = undefined;
      void write();
    }, ms);
  }

  /** Writes each room that has changed. Two writes are never under way, so that none overtakes the other. */
  async function write(): Promise<void> {
    let tookMs = 0;
    writing = (async () => {
      const due = [...changed];
      changed.clear();
      for (const [room, state] of due) {
        const since = platformLoop.now();
        const { scalars, sets } = recordOf(state());
        const text = JSON.stringify({ scalars, sets: { ...others.get(room), ...sets } });
        tookMs += platformLoop.now() - since;
        const calm = schedule(() => {
          isFailing = true;
          warn(
            "memory store: the storage of the snapshot does not answer: a restart loses what happened since the last one",
          );
        }, slowMs);
        try {
          await storage.setItem(keyOf(room), text);
          isFailing = false;
        } catch (cause) {
          failures++;
          isFailing = true;
          // It is tried again, unless the room changes first and is written for that.
          if (!changed.has(room)) changed.set(room, state);
          warn(
            `memory store: the snapshot cannot be written (${
              kindOf(cause)
            }): a restart loses what happened since the last one`,
          );
        } finally {
          calm();
        }
      }
    })();
    await writing;
    writing = undefined;
    soon(Math.max(everyMs, rest * tookMs));
  }

  return {
    async read(room) {
      let record: unknown;
      try {
        const work = (async () => await storage.getItem(keyOf(room)))();
        const found = await withDeadline(work, readMs, "The storage of the snapshot");
        if (found === undefined || found === null) return { record: undefined, mayBeLost: false };
        // Some storages give back what JSON says instead of the text.
        record = typeof found === "string" ? JSON.parse(found) : found;
        const known = recordOf(readRecord(record));
        others.set(room, unknownSets(record));
        return { record: known, mayBeLost: false };
      } catch (cause) {
        failures++;
        if (isNewer(record)) newer.add(room);
        const why = cause instanceof GateError ? cause.message : kindOf(cause);
        warn(`memory store: the snapshot of room "${room}" cannot be used (${why}): the room begins anew`);
        return { record: undefined, mayBeLost: true };
      }
    },
    changed(room, state) {
      if (newer.has(room)) return;
      changed.set(room, state);
      soon(everyMs);
    },
    health: () => ({ snapshotFailures: failures, isSnapshotFailing: isFailing || newer.size > 0 }),
    async close() {
      cancel?.();
      cancel = undefined;
      isClosed = true;
      const last = (async () => {
        await writing;
        if (changed.size > 0) await write();
      })();
      await withDeadline(last, closeMs, "The storage of the snapshot").catch((cause) => {
        warn(`memory store: the last snapshot was not written (${kindOf(cause)})`);
      });
    },
  };
}

/** Whether a younger version wrote it. */
function isNewer(record: unknown): boolean {
  const form = (record as Partial<StateRecord> | null | undefined)?.scalars?.["form"];
  return typeof form === "number" && form > stateForm;
}

/** What is no set of this version, to be written again as it was. */
function unknownSets(record: unknown): object {
  // It was read as a record just now.
  const { sets } = record as StateRecord;
  const unknown = Object.entries(sets ?? {}).filter(([name]) => !setNames.includes(name as SetName));
  return Object.fromEntries(unknown);
}

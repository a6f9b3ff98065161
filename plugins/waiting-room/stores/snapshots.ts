/** Snapshots of rooms, written behind the answers. None of their faults stops a room. */

import { withDeadline } from "../../../src/async/deadline.ts";
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
import { createWriter } from "./snapshot-writer.ts";

/** A storage for snapshots: anything that keeps a text under a key. */
export type SnapshotStorage = Pick<TokenStorage, "getItem" | "setItem">;

/** How long a snapshot may take to be read, in milliseconds. */
const readMs = 1500;

/** Stands before the secret, for storages that would take a text for a number. */
const mark = "~";

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
  /** Keeps the secret that was offered first; where that cannot be done, the one that is offered counts. It is never rejected. */
  secret(offered: string): Promise<string>;
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
  /** Sets that a younger version keeps beside those known here. */
  const others = new Map<string, object>();
  /** Rooms whose snapshots a younger version wrote: they are left as they are. */
  const newer = new Set<string>();
  let failures = 0;
  let secret: Promise<string> | undefined;
  const keyOf = (room: string) => `${prefix}:room:${room}`;
  const writer = createWriter({ everyMs, warn, keep: (room, text) => storage.setItem(keyOf(room), text) });

  async function secretOr(offered: string): Promise<string> {
    try {
      return await withDeadline(keptSecret(offered), readMs, "The storage of the snapshot");
    } catch (cause) {
      failures++;
      const meaning = "after a restart nobody's place is known";
      warn(`memory store: the key that signs tickets cannot be kept (${kindOf(cause)}): ${meaning}`);
      return offered;
    }
  }

  async function keptSecret(offered: string): Promise<string> {
    const key = `${prefix}:secret`;
    const kept = await storage.getItem(key);
    if (typeof kept === "string" && kept.startsWith(mark)) return kept.slice(mark.length);
    await storage.setItem(key, mark + offered);
    return offered;
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
      writer.changed(room, () => {
        const { scalars, sets } = recordOf(state());
        return JSON.stringify({ scalars, sets: { ...others.get(room), ...sets } });
      });
    },
    secret: (offered) => secret ??= secretOr(offered),
    health: () => ({
      snapshotFailures: failures + writer.failures,
      isSnapshotFailing: writer.isFailing || newer.size > 0,
    }),
    close: () => writer.close(),
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

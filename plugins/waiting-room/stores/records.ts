/** Records beside the rooms of this process, and in the storage of their snapshots, where there is one. */

import { withDeadline } from "../../../src/async/deadline.ts";
import type { SnapshotStorage } from "./snapshots.ts";
import { mostRecords, type RoomStore } from "./store.ts";

/** How long the storage may take for one of them, in milliseconds. */
const storageMs = 1500;
/** Stands before the list, for storages that would take a text for what JSON says. */
const mark = "~";

/** The records of all rooms. */
export interface Records {
  readonly keep: Required<RoomStore>["record"];
  readonly read: Required<RoomStore>["records"];
}

/** Makes the records. They are written one after the other, before whoever made them hears of it. */
export function createRecords(storage: SnapshotStorage | undefined, prefix: string = "stanchion"): Records {
  const lists = new Map<string, string[]>();
  let last: Promise<unknown> = Promise.resolve();

  /** In time, and after what was asked before. */
  function inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const done = last.then(() =>
      withDeadline((async () => await work())(), storageMs, "The storage of the snapshot")
    );
    last = done.catch(() => {});
    return done;
  }

  async function listOf(room: string): Promise<string[]> {
    const known = lists.get(room) ?? listIn(await storage?.getItem(keyOf(room)));
    lists.set(room, known);
    return known;
  }

  const keyOf = (room: string) => `${prefix}:records:${room}`;

  return {
    keep: (room, text) =>
      inTurn(async () => {
        const list = await listOf(room);
        list.push(text);
        list.splice(0, list.length - mostRecords);
        await storage?.setItem(keyOf(room), mark + JSON.stringify(list));
      }),
    read: (room) => inTurn(async () => [...await listOf(room)]),
  };
}

/** What a storage kept. What is no list, it begins anew. */
function listIn(kept: unknown): string[] {
  if (typeof kept !== "string" || !kept.startsWith(mark)) return [];
  try {
    const list: unknown = JSON.parse(kept.slice(mark.length));
    return Array.isArray(list) ? list.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

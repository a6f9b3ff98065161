/**
 * Rooms in the memory of this process.
 *
 * @module
 */

import { createState, type RoomState, type RoomStatus, step } from "../machine/mod.ts";
import type { RoomStore } from "./store.ts";

/** The options of {@linkcode memoryStore}. */
export interface MemoryStoreOptions {
  /** Tells the time in Unix milliseconds. @default {the platform's clock} */
  readonly now?: () => number;
}

/** Keeps rooms in the memory of this process, so that nothing else is needed. */
export function memoryStore({ now = Date.now }: MemoryStoreOptions = {}): RoomStore {
  const rooms = new Map<string, RoomState>();
  const statuses = new Map<string, RoomStatus>();
  return {
    name: "memory",
    isShared: false,
    timeoutMs: 250,
    run(room, batch) {
      const clock = now();
      let state = rooms.get(room);
      if (state === undefined) rooms.set(room, state = createState(batch.room, clock, false));
      const answered = step(state, batch, clock);
      statuses.set(room, answered.status);
      return Promise.resolve(answered);
    },
    status: (room) => Promise.resolve(statuses.get(room)),
  };
}

/** The rooms of `room-worker.ts`, as a store of this process. */

import { ServiceError } from "../../src/errors.ts";
import {
  type RoomStatus,
  type ScalarRecord,
  setNames,
  type StateRecord,
} from "../../plugins/waiting-room/machine/mod.ts";
import type { BatchResult, RoomStore } from "../../plugins/waiting-room/stores/store.ts";
import type { Listening } from "./_process.ts";
import { startWorker } from "./_workerd.ts";

/** Rows as the object's database has them. */
interface Rows {
  readonly room: readonly { readonly name: string; readonly value: string }[];
  readonly members: readonly { readonly of_set: string; readonly member: string; readonly score: number }[];
}

/** Rooms in workerd, and what can be done to them. */
export interface RoomWorker {
  /** Asks the Worker something. */
  ask(path: string, asked: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** The store, whose clock is this one. */
  store(now?: () => number): RoomStore;
  /** The rows of a room. */
  rows(room: string): Promise<Rows>;
  /** Writes into a room's database, and makes its object anew. */
  write(room: string, ...statements: (readonly (string | number)[])[]): Promise<void>;
  /** Ends the object of a room, as the platform does when it likes. */
  evict(room: string): Promise<void>;
  readonly process: Listening;
}

/** Starts the Worker on the databases in a folder. */
export async function startRooms(folder: string): Promise<RoomWorker> {
  const process = await startWorker({
    entry: "tests/runtimes/room-worker.ts",
    bindings: {},
    objects: { folder, classes: { ROOMS: "Room" } },
  });

  async function ask(path: string, asked: Readonly<Record<string, unknown>>): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${process.port}${path}`, {
      method: "POST",
      body: JSON.stringify(asked),
    });
    const { value, failure } = await answer.json() as {
      readonly value?: unknown;
      readonly failure?: { readonly code: "malformed"; readonly message: string };
    };
    if (failure !== undefined) throw new ServiceError(failure.code, failure.message);
    return value;
  }

  const evict = async (room: string) => {
    await ask("/evict", { room }).catch(() => {});
  };

  return {
    ask,
    process,
    store: (now) => ({
      name: "durable-object",
      isShared: true,
      timeoutMs: 1500,
      run: async (room, batch) => await ask("/run", { room, batch, now: now?.() }) as BatchResult,
      status: async (room) => await ask("/status", { room }) as RoomStatus | undefined,
      record: async (room, text) => void await ask("/record", { room, text }),
      records: async (room) => await ask("/records", { room }) as readonly string[],
      secret: async (offered) => await ask("/secret", { room: "", offered }) as string,
    }),
    rows: async (room) => await ask("/rows", { room }) as Rows,
    async write(room, ...statements) {
      await ask("/sql", { room, body: statements });
      await evict(room);
    },
    evict,
  };
}

/** The state that rows hold. */
export function recordOfRows({ room, members }: Rows): StateRecord | undefined {
  const text = room.find(({ name }) => name === "room")?.value;
  if (text === undefined) return undefined;
  const { scalars } = JSON.parse(text) as { readonly scalars: ScalarRecord };
  const sets = setNames.map((name) => [
    name,
    members.filter(({ of_set }) => of_set === name)
      .map(({ member, score }): [string, number] => [member, score])
      .sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)),
  ]);
  return { scalars, sets: Object.fromEntries(sets) };
}

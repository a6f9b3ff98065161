/**
 * Rooms in Durable Objects, and what tests do to them. Everything is asked by a POST of JSON: `/run` and the like as a node would ask, through
 * `durableObjectStore()`, and the rest of the object itself.
 */

import { DurableObject } from "cloudflare:workers";
import type { Batch, RoomStore } from "../../plugins/waiting-room/stores/store.ts";
import {
  durableObjectStore,
  type ObjectContext,
  type ObjectNamespace,
  roomObject,
} from "../../plugins/waiting-room/stores/durable-object/mod.ts";

/** The clock of all objects: they are in one isolate with the Worker. */
const clock: { now: number | undefined } = { now: undefined };
/** How many objects were made, and the alarms that they asked for. */
const seen: { made: number; alarms: (number | undefined)[] } = { made: 0, alarms: [] };

/** An object that can be looked into. */
export class Room extends roomObject(DurableObject, { now: () => clock.now ?? Date.now() }) {
  readonly #ctx: ObjectContext & { abort(): void };

  constructor(ctx: ObjectContext & { abort(): void }, env: unknown) {
    super(ctx, env);
    this.#ctx = ctx;
    seen.made++;
    const { storage } = ctx;
    const { setAlarm, deleteAlarm } = storage;
    Object.defineProperty(storage, "setAlarm", {
      value: (time: number) => (seen.alarms.push(time), setAlarm.call(storage, time)),
    });
    Object.defineProperty(storage, "deleteAlarm", {
      value: () => (seen.alarms.push(undefined), deleteAlarm.call(storage)),
    });
  }

  override async fetch(request: Request): Promise<Response> {
    const { sql } = this.#ctx.storage;
    switch (new URL(request.url).pathname) {
      case "/rows": {
        const tables = sql.exec("SELECT name FROM sqlite_master WHERE name = 'stanchion'").toArray();
        return Response.json(
          tables.length === 0 ? { room: [], members: [] } : {
            room: sql.exec("SELECT * FROM stanchion").toArray(),
            members: sql.exec("SELECT * FROM stanchion_members").toArray(),
          },
        );
      }
      case "/sql": {
        for (const [query, ...bindings] of await request.json() as [string, ...(string | number)[]][]) {
          sql.exec(query, ...bindings);
        }
        return Response.json({});
      }
      case "/wake":
        this.alarm();
        return Response.json({});
      case "/evict":
        this.#ctx.abort();
        return Response.json({});
      default:
        return super.fetch(request);
    }
  }
}

interface Asked {
  readonly room: string;
  readonly batch?: Batch;
  readonly offered?: string;
  readonly text?: string;
  readonly now?: number;
  readonly body?: unknown;
}

const worker = {
  async fetch(request: Request, env: { readonly ROOMS: ObjectNamespace }): Promise<Response> {
    const { pathname } = new URL(request.url);
    const asked = await request.json() as Asked;
    clock.now = asked.now;
    try {
      return Response.json({ value: await answer(pathname, asked, env.ROOMS) });
    } catch (cause) {
      const { code, message } = cause as { readonly code?: string; readonly message: string };
      return Response.json({ failure: { code, message } });
    }
  },
};

async function answer(pathname: string, asked: Asked, rooms: ObjectNamespace): Promise<unknown> {
  const store: RoomStore = durableObjectStore(rooms);
  switch (pathname) {
    case "/run":
      return store.run(asked.room, asked.batch as Batch);
    case "/status":
      return store.status(asked.room);
    case "/secret":
      return store.secret?.(asked.offered ?? "");
    case "/record":
      return store.record?.(asked.room, asked.text ?? "");
    case "/records":
      return store.records?.(asked.room);
    case "/seen":
      return seen;
    default: {
      const stub = rooms.get(rooms.idFromName(asked.room));
      const body = JSON.stringify(asked.body ?? null);
      return (await stub.fetch(`https://room.invalid${pathname}`, { method: "POST", body })).json();
    }
  }
}

export { worker as default };

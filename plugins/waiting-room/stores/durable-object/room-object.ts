/** The class of objects that keep rooms. */

import { GateError } from "../../../../src/errors.ts";
import { checkFunction, checkOptions, checkSyncFunction } from "../../../../src/options/check.ts";
import { kindOf } from "../../../../src/pipeline/kind-of.ts";
import type { Batch } from "../store.ts";
import { type ObjectRoom, objectRoom } from "./kept-room.ts";
import type { ObjectContext } from "./platform.ts";

/** An object that keeps one room. */
export interface RoomObject {
  /** Answers `durableObjectStore()`. */
  fetch(request: Request): Promise<Response>;
  /** Looks at the time before a scheduled opening. */
  alarm(): void;
}

/** The options of {@linkcode roomObject}. */
export interface RoomObjectOptions {
  /** Tells the time in Unix milliseconds. @default {Date.now} */
  readonly now?: () => number;
}

/**
 * Makes the class of the Durable Objects that keep rooms, each of them one. Export it from your Worker, bind it, and give it a migration with
 * `new_sqlite_classes`.
 *
 * @param Base `DurableObject` from `cloudflare:workers`.
 * @param options A clock for tests.
 * @returns The class.
 * @throws {TypeError} When an argument has the wrong shape.
 *
 * @example
 * ```ts
 * import { DurableObject } from "cloudflare:workers";
 * import { roomObject } from "stanchion/waiting-room/durable-object";
 *
 * export class StanchionRoom extends roomObject(DurableObject) {}
 * ```
 */
export function roomObject<T extends object>(
  Base: abstract new (ctx: never, env: never) => T,
  options: RoomObjectOptions = {},
): new (ctx: ObjectContext, env: unknown) => T & RoomObject {
  checkFunction("room object", "Base", Base);
  checkOptions("room object", options, ["now"]);
  const { now = Date.now } = options;
  checkSyncFunction("room object", "now", now);
  // TypeScript extends classes only whose instances it knows; what they have is kept by the type of the result.
  const Known = Base as unknown as abstract new (ctx: ObjectContext, env: unknown) => object;

  class Room extends Known implements RoomObject {
    readonly #room: ObjectRoom;

    constructor(ctx: ObjectContext, env: unknown) {
      super(ctx, env);
      this.#room = objectRoom(ctx.storage, now);
    }

    async fetch(request: Request): Promise<Response> {
      const text = await request.text();
      try {
        return Response.json(answer(this.#room, new URL(request.url).pathname, text));
      } catch (cause) {
        if (cause instanceof GateError) return failed(cause);
        const kind = kindOf(cause);
        // The platform throws these where its storage fails or is full; a fault of the program has another kind.
        const code = kind === "Error" ? "unreachable" : "internal";
        return failed({ code, message: `The Durable Object of the room failed (${kind})` });
      }
    }

    alarm(): void {
      this.#room.wake();
    }
  }

  return Room as unknown as new (ctx: ObjectContext, env: unknown) => T & RoomObject;
}

function failed({ code, message }: Pick<GateError, "code" | "message">): Response {
  return Response.json({ code, message }, { status: 500 });
}

/** What the store asks; both are of one version of the Worker, or of two that follow on each other. */
function answer(room: ObjectRoom, path: string, text: string): unknown {
  switch (path) {
    case "/run":
      return room.run(JSON.parse(text) as Batch);
    case "/status":
      return { status: room.status() };
    case "/record":
      room.record((JSON.parse(text) as { readonly text: string }).text);
      return {};
    case "/records":
      return { records: room.records() };
    case "/secret":
      return { secret: room.secret((JSON.parse(text) as { readonly offered: string }).offered) };
    default:
      throw new GateError("internal", `The Durable Object of a room does not know ${path}`);
  }
}

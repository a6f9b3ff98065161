/**
 * A waiting room of our own on Cloudflare Workers, kept in a Durable Object. In `wrangler.jsonc`:
 *
 * ```json
 * {
 *   "compatibility_date": "2025-10-01",
 *   "durable_objects": { "bindings": [{ "name": "ROOMS", "class_name": "StanchionRoom" }] },
 *   "migrations": [{ "tag": "v1", "new_sqlite_classes": ["StanchionRoom"] }]
 * }
 * ```
 *
 * In your own project, import from `stanchion`, `stanchion/waiting-room` and `stanchion/waiting-room/durable-object`.
 *
 * @module
 */

import { DurableObject } from "cloudflare:workers";
import { createGate, failClosed, type Gate, staticFiles } from "../mod.ts";
import { type StatusCache, waitingRoom } from "../plugins/waiting-room/mod.ts";
import {
  durableObjectStore,
  type ObjectNamespace,
  roomObject,
} from "../plugins/waiting-room/stores/durable-object/mod.ts";

/** The object that keeps the room. The platform finds the class by its name. */
export class StanchionRoom extends roomObject(DurableObject) {}

interface Env {
  readonly ROOMS: ObjectNamespace;
  readonly ADMIT_PER_MINUTE?: string;
  readonly CAPACITY?: string;
}

/** The platform's cache, which its types for other platforms do not know. */
const { default: cache } = caches as unknown as { readonly default: StatusCache };

const gates = new WeakMap<ObjectNamespace, Gate>();

/** One gate for the life of the isolate: what it has learned serves all requests. */
function gateOf({ ROOMS, ADMIT_PER_MINUTE = "60", CAPACITY = "200" }: Env): Gate {
  let gate = gates.get(ROOMS);
  if (gate === undefined) {
    gate = createGate({
      // The platform's routes see to it that no other host than yours arrives here, so "publicHosts" may be left out.
      plugins: [
        staticFiles({ roots: ["/assets"] }),
        failClosed(),
        waitingRoom({
          store: durableObjectStore(ROOMS),
          cache,
          admitPerMinute: Number(ADMIT_PER_MINUTE),
          capacity: Number(CAPACITY),
        }),
      ],
    });
    gates.set(ROOMS, gate);
  }
  return gate;
}

const worker = {
  fetch(request: Request, env: Env, ctx: unknown): Response | Promise<Response> {
    const page = () => new Response(`Welcome to ${new URL(request.url).pathname}\n`);
    return gateOf(env)(request, page, env, ctx);
  },
};

export { worker as default };

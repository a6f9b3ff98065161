/**
 * A shop behind a room in a Durable Object that remembers nothing from one request to the next: each has a gate of its own, as if each
 * came to another isolate. The header `x-now` is the time, `x-cache: none` leaves the cache out, and `/calls` tells how often objects were asked.
 */

import { DurableObject } from "cloudflare:workers";
import { createGate, failClosed } from "../../mod.ts";
import { type StatusCache, waitingRoom } from "../../plugins/waiting-room/mod.ts";
import {
  durableObjectStore,
  type ObjectNamespace,
  roomObject,
} from "../../plugins/waiting-room/stores/durable-object/mod.ts";

const clock: { now: number } = { now: 0 };
const asked: { calls: number } = { calls: 0 };

/** The object, which counts. */
export class Room extends roomObject(DurableObject, { now: () => clock.now }) {
  override fetch(request: Request): Promise<Response> {
    asked.calls++;
    return super.fetch(request);
  }
}

/** Only Workers have it. */
declare const caches: { readonly default: StatusCache };

const worker = {
  fetch(request: Request, env: { readonly ROOMS: ObjectNamespace }): Response | Promise<Response> {
    if (new URL(request.url).pathname === "/calls") return Response.json(asked.calls);
    clock.now = Number(request.headers.get("x-now"));
    const cache = request.headers.get("x-cache") === "none" ? undefined : caches.default;
    const now = () => clock.now;
    const room = waitingRoom({
      secretKeys: ["0123456789abcdef0123456789abcdef"],
      store: durableObjectStore(env.ROOMS),
      capacity: 1,
      now,
      ...(cache !== undefined && { cache }),
    });
    const gate = createGate({ plugins: [failClosed(), room], now });
    return gate(request, () => new Response("the shop"), env);
  },
};

export { worker as default };

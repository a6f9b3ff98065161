/**
 * A waiting room of our own on Node: any number of processes, one room, kept in Redis or Valkey. `node examples/node-room.ts`.
 *
 * In your own project, import from `stanchion`, `stanchion/waiting-room` and `stanchion/waiting-room/redis`.
 *
 * @module
 */

import process from "node:process";
import { serve } from "@hono/node-server";
import { Redis } from "ioredis";
import { clientIp, createGate, failClosed, staticFiles } from "../mod.ts";
import { waitingRoom } from "../plugins/waiting-room/mod.ts";
import { ioRedis, redisStore } from "../plugins/waiting-room/stores/redis/mod.ts";

// While there is no connection, the room is told so at once, and connects again by itself.
const client = new Redis(process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379", {
  enableOfflineQueue: false,
  lazyConnect: true,
});
client.on("error", (error) => console.warn(`Redis: ${error.message}`));
// The first visitors find a room. Where there is no Redis yet, they find the failure policy until there is.
await client.connect().catch(() => {});

const gate = createGate({
  // Rules and return addresses go by this host, whatever a request names; with `http://` only where there is no TLS, as on this machine.
  publicHosts: [process.env["PUBLIC_HOST"] ?? "http://localhost:8000"],
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    // Behind a proxy of yours, say so here.
    clientIp(),
    // While Redis is away, whoever is inside stays there, and nobody else comes in.
    failClosed(),
    waitingRoom({
      store: redisStore(ioRedis(client)),
      admitPerMinute: Number(process.env["ADMIT_PER_MINUTE"] ?? 60),
      capacity: Number(process.env["CAPACITY"] ?? 200),
    }),
  ],
});

const server = serve({
  port: Number(process.env["PORT"] ?? 8000),
  // The second argument tells the gate of the connection; the handler need not look at it.
  fetch: gate.wrap((request: Request, ..._platform: readonly unknown[]) =>
    new Response(`Welcome to ${new URL(request.url).pathname}\n`)
  ),
});

// Ends once everybody is answered and what goes on behind the responses is done.
process.once("SIGTERM", () => {
  server.close(() => void gate.idle().then(() => process.exit(0)));
});

/**
 * A waiting room of our own on Bun, with its own client of Redis: any number of processes, one room. `bun examples/bun-room.ts`.
 *
 * In your own project, import from `stanchion`, `stanchion/waiting-room` and `stanchion/waiting-room/redis`.
 *
 * @module
 */

import { clientIp, createGate, failClosed, staticFiles } from "../mod.ts";
import { waitingRoom } from "../plugins/waiting-room/mod.ts";
import { bunRedis, redisStore } from "../plugins/waiting-room/stores/redis/mod.ts";

// While there is no connection, the room is told so at once, and connects again by itself.
const client = new Bun.RedisClient(Bun.env.REDIS_URL ?? "redis://127.0.0.1:6379", {
  enableOfflineQueue: false,
  // By itself it gives up after ten attempts.
  maxRetries: 1_000_000,
});
// The first visitors find a room. Where there is no Redis yet, they find the failure policy until there is.
await client.connect().catch((error: Error) => console.warn(`Redis: ${error.message}`));

const gate = createGate({
  // Rules and return addresses go by this host, whatever a request names; with `http://` only where there is no TLS, as on this machine.
  publicHosts: [Bun.env.PUBLIC_HOST ?? "http://localhost:8000"],
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    // Behind a proxy of yours, say so here.
    clientIp(),
    // While Redis is away, whoever is inside stays there, and nobody else comes in.
    failClosed(),
    waitingRoom({
      store: redisStore(bunRedis(client)),
      admitPerMinute: Number(Bun.env.ADMIT_PER_MINUTE ?? 60),
      capacity: Number(Bun.env.CAPACITY ?? 200),
    }),
  ],
});

const server = Bun.serve({
  port: Number(Bun.env.PORT ?? 8000),
  fetch: gate.wrap((request: Request) => new Response(`Welcome to ${new URL(request.url).pathname}\n`)),
});

// Ends once everybody is answered and what goes on behind the responses is done.
process.once("SIGTERM", () => {
  server.stop().then(() => gate.idle()).then(() => process.exit(0));
});

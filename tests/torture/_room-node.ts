/**
 * One process of a site with two waiting rooms: `_room-node.ts <settings as JSON>`. The application behind the gate tells whom it serves;
 * that is written before anything else happens, so that it is known also of a process that is killed.
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { clientIp, createGate, failClosed } from "../../mod.ts";
import { waitingRoom, type WaitingRoomOptions } from "../../plugins/waiting-room/mod.ts";
import {
  bunRedis,
  type BunRedisClient,
  ioRedis,
  nodeRedis,
  type RedisCommands,
  redisStore,
} from "../../plugins/waiting-room/stores/redis/mod.ts";
import { serve } from "../src/_serve.ts";
import { eventMarker, givenCookie, machineTime, type RoomEvent } from "./_room-events.ts";

/** How a process is started. */
export interface NodeSettings {
  readonly number: number;
  readonly port: number;
  readonly redisPort: number;
  readonly client: "ioredis" | "node-redis" | "bun";
  readonly secretKeys: readonly string[];
  readonly rooms: Extract<WaitingRoomOptions, { readonly rooms: unknown }>["rooms"];
}

interface BunClient extends BunRedisClient {
  connect(): Promise<void>;
}
const { Bun } = globalThis as {
  readonly Bun?: { readonly RedisClient: new (url: string, options: object) => BunClient };
};

/** The paths by which the harness asks a process for something, in front of the gate. */
const stepPath = "/harness/step/";

// The harness writes it.
const settings = JSON.parse(process.argv[2] ?? "") as NodeSettings;
let stepMs = 0;
/** Rooms of which something was heard since the process began, or its clock jumped. */
const reached = new Set<string>();

const gate = createGate({
  publicHosts: ["shop.test"],
  plugins: [
    // Each visitor has an address of their own: otherwise most would have to earn their number.
    clientIp({ trustedProxies: 1 }),
    failClosed(),
    waitingRoom({
      secretKeys: settings.secretKeys,
      store: redisStore(noted(await connect(settings))),
      rooms: settings.rooms.map((room) => ({ ...room, page: asData })),
      now: () => Date.now() + stepMs,
      warn: (message) => console.error(message),
    }),
  ],
  onError() {},
});

const site = gate.wrap((request: Request, ..._platform: never[]) => {
  tell({ is: "served", at: machineTime(), visit: request.headers.get("x-visit") ?? "" });
  return new Response("welcome", { headers: { "content-type": "text/html" } });
});

await serve(async (request: Request, ...platform: never[]) => {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith(stepPath)) {
    stepMs = Number(pathname.slice(stepPath.length));
    reached.clear();
    return new Response(String(stepMs));
  }
  const response = await site(request, ...platform);
  const visit = request.headers.get("x-visit") ?? "";
  const cookie = givenCookie(response.headers.getSetCookie());
  if (cookie !== undefined) tell({ is: "given", at: machineTime(), visit, cookie });
  return response;
}, { port: settings.port });
console.log("listening");

function asData(
  { situation, number, nextMs }: { situation: string; number: number | undefined; nextMs: number },
) {
  return `<!doctype html><title>${situation}</title><script type="application/json">${
    JSON.stringify({ is: situation, number, nextMs })
  }</script>`;
}

function tell(event: RoomEvent): void {
  writeSync(1, `${eventMarker}${JSON.stringify(event)}\n`);
}

/** Tells when the first batch of a room was answered. */
function noted(commands: RedisCommands): RedisCommands {
  return async (args) => {
    const answer = await commands(args);
    const room = args[0]?.startsWith("EVAL") ? /:(\w+)\}/.exec(args[3] ?? "")?.[1] : undefined;
    if (room !== undefined && !reached.has(room)) {
      reached.add(room);
      tell({ is: "reached", at: machineTime(), node: settings.number, room });
    }
    return answer;
  };
}

/** Waits for a connection, but not for long: a process starts although its Redis is away. */
async function ready(connecting: Promise<unknown>): Promise<void> {
  await Promise.race([connecting.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 1500))]);
}

async function connect({ client, redisPort }: NodeSettings): Promise<RedisCommands> {
  const url = `redis://127.0.0.1:${redisPort}`;
  switch (client) {
    case "ioredis": {
      const { Redis } = await import("ioredis");
      const retryStrategy = (times: number) => Math.min(50 * times, 500);
      const made = new Redis(url, { enableOfflineQueue: false, retryStrategy }).on("error", () => {});
      await ready(new Promise((resolve) => made.once("ready", resolve)));
      return ioRedis(made);
    }
    case "node-redis": {
      const { createClient } = await import("redis");
      const socket = { reconnectStrategy: (times: number) => Math.min(50 * times, 500) };
      const made = createClient({ url, disableOfflineQueue: true, socket }).on("error", () => {});
      await ready(made.connect());
      return nodeRedis(made);
    }
    case "bun": {
      if (Bun === undefined) throw new Error("Only Bun has a client of its own");
      const made = new Bun.RedisClient(url, { enableOfflineQueue: false, maxRetries: 1_000_000 });
      await ready(made.connect());
      return bunRedis(made);
    }
  }
}

/** A site with two waiting rooms under torture: eight processes on three runtimes, one Redis, and a network for each. */

import { randomBytes } from "node:crypto";
import { freePort } from "../support/redis.ts";
import { machineTime, type RoomEvent } from "./_room-events.ts";
import type { NodeSettings } from "./_room-node.ts";
import { processOf, type ProcessRuntime, type Told } from "./_room-processes.ts";
import { type RoomProxy, startRoomProxy } from "./_room-proxy.ts";
import type { TorturedRedis } from "./_redis.ts";

/** The limits of a room that change while it is tortured, and the others. */
export interface SiteRoom {
  readonly name: string;
  readonly admitPerMinute: number;
  readonly burstSeconds: number;
  readonly capacity?: number;
  readonly sessionMinutes: number;
  readonly returnMinutes: number;
}

/** One process of the site. */
export interface SiteNode {
  readonly number: number;
  readonly port: number;
  readonly proxy: RoomProxy;
  readonly process: Told;
}

/** The site. */
export interface Site {
  readonly nodes: readonly SiteNode[];
  readonly secretKeys: readonly string[];
  /** What the processes complained of. */
  readonly complaints: readonly string[];
  /** Starts a process, with the limits that are in force for new ones. */
  start(node: SiteNode): Promise<void>;
  /** Sets the limits with which processes are started from now on. */
  configure(rooms: readonly SiteRoom[]): void;
  /** Lets the clock of a process jump. */
  step(node: SiteNode, ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Which runtime and which client of Redis each process has. */
const kinds: readonly (readonly [ProcessRuntime, NodeSettings["client"]])[] = [
  ["node", "ioredis"],
  ["node", "node-redis"],
  ["node", "ioredis"],
  ["node", "node-redis"],
  ["node", "ioredis"],
  ["node", "node-redis"],
  ["deno", "ioredis"],
  ["bun", "bun"],
];

/** Starts the site. */
export async function startSite(
  redis: TorturedRedis,
  first: readonly SiteRoom[],
  random: () => number,
  tell: (event: RoomEvent) => void,
): Promise<Site> {
  const secretKeys = [randomBytes(32).toString("base64")];
  const complaints: string[] = [];
  let rooms = first;
  const nodes = await Promise.all(kinds.map(async ([runtime], number): Promise<SiteNode> => ({
    number,
    port: await freePort(),
    proxy: await startRoomProxy(redis.port, random),
    process: processOf(runtime, "./_room-node.ts", {
      tell,
      complain: (line) => void complaints.push(`${runtime} ${number}: ${line}`),
    }),
  })));

  async function start(node: SiteNode): Promise<void> {
    const [, client = "ioredis"] = kinds[node.number] ?? [];
    tell({ is: "began", at: machineTime(), node: node.number, room: "" });
    const matching = rooms.map((room) => ({ ...room, match: { path: `/${room.name}` } }));
    const settings: NodeSettings = {
      number: node.number,
      port: node.port,
      redisPort: node.proxy.port,
      client,
      secretKeys,
      rooms: matching,
    };
    await node.process.start(settings);
  }

  await Promise.all(nodes.map(start));
  return {
    nodes,
    secretKeys,
    complaints,
    start,
    configure: (next) => void (rooms = next),
    async step({ port, number }, ms) {
      tell({ is: "began", at: machineTime(), node: number, room: "" });
      await fetch(`http://127.0.0.1:${port}/harness/step/${ms}`).then((answer) => answer.text());
    },
    async close() {
      await Promise.all(nodes.map(async ({ process, proxy }) => {
        await process.kill();
        await proxy.close();
      }));
    },
  };
}

/** The contract of stores, with a Redis that the test starts. */

import { after, test } from "node:test";
import { Redis } from "ioredis";
import { ioRedis, type RedisCommands, redisStore } from "../../../plugins/waiting-room/stores/redis/mod.ts";
import { storeContract } from "../../../plugins/waiting-room/testing/mod.ts";
import { roomsInRedis } from "../../support/room-in-redis.ts";
import { type RedisServer, startRedis } from "../../support/redis.ts";

/** What makes the commands of one client, and what ends it. */
export type Connect = (server: RedisServer, redis: Redis) => Promise<{
  readonly commands: RedisCommands;
  readonly close: () => void | Promise<unknown>;
}>;

/** Whether this runs on Node, where there is time for all batches. */
export const isNode: boolean = !("Deno" in globalThis) && !("Bun" in globalThis);

/** The options of {@linkcode redisContract}. */
export interface RedisContractOptions {
  readonly batches: number;
  readonly seed?: number;
  /** The server. @default {"redis-server"} */
  readonly program?: string;
  /** Another client than ioredis. */
  readonly connect?: Connect;
}

/** Tests that the store equals the machine, with one client and one server. */
export async function redisContract(
  name: string,
  { batches, seed = 1, program = "redis-server", connect }: RedisContractOptions,
): Promise<void> {
  const server = await startRedis({ program });
  if (server === undefined) {
    console.log(`skipped: ${program} is not installed`);
    return;
  }
  const redis = new Redis(server.url);
  const client = await connect?.(server, redis);
  after(async () => {
    await client?.close();
    redis.disconnect();
    await server.kill();
  });
  storeContract({
    name,
    test,
    batches,
    seed,
    create: (now) => ({
      store: redisStore(client?.commands ?? ioRedis(redis), { now }),
      ...roomsInRedis(ioRedis(redis)),
      async close() {
        await redis.flushall();
      },
    }),
  });
}

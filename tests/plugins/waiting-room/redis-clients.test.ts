import { Redis as Upstash } from "@upstash/redis";
import { createClient } from "redis";
import {
  bunRedis,
  type BunRedisClient,
  nodeRedis,
  upstashRedis,
} from "../../../plugins/waiting-room/stores/redis/mod.ts";
import { startUpstash } from "../../support/upstash.ts";
import { redisContract } from "./_redis-contract.ts";

await redisContract("redisStore() with node-redis", {
  batches: 2000,
  async connect({ url }) {
    const client = createClient({ url, disableOfflineQueue: true });
    client.on("error", () => {});
    await client.connect();
    return { commands: nodeRedis(client), close: () => client.destroy() };
  },
});

await redisContract("redisStore() with Upstash's REST client", {
  batches: 1000,
  async connect(_, redis) {
    const service = await startUpstash(redis, "token");
    const client = new Upstash({ url: service.url, token: "token", enableTelemetry: false });
    return { commands: upstashRedis(client), close: () => service.close() };
  },
});

/** Bun's own client, as far as it is used here. */
interface BunClient extends BunRedisClient {
  connect(): Promise<void>;
  close(): void;
}

const { Bun } = globalThis as { readonly Bun?: { readonly RedisClient: new (url: string) => BunClient } };
if (Bun !== undefined) {
  await redisContract("redisStore() with Bun's client", {
    batches: 2000,
    async connect({ url }) {
      const client = new Bun.RedisClient(url);
      await client.connect();
      return { commands: bunRedis(client), close: () => client.close() };
    },
  });
}

await redisContract("redisStore() with Valkey", { batches: 2000, program: "valkey-server" });

import { Redis as Upstash } from "@upstash/redis";
import { createClient } from "redis";
import { bunRedis, nodeRedis, upstashRedis } from "../../../plugins/waiting-room/stores/redis/mod.ts";
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

if ("Bun" in globalThis) {
  const { RedisClient } = await import("bun");
  await redisContract("redisStore() with Bun's client", {
    batches: 2000,
    async connect({ url }) {
      const client = new RedisClient(url);
      await client.connect();
      return { commands: bunRedis(client), close: () => client.close() };
    },
  });
}

await redisContract("redisStore() with Valkey", { batches: 2000, program: "valkey-server" });

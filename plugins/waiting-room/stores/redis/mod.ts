/**
 * Keeps waiting rooms in Redis or Valkey, so that any number of processes act as one room.
 *
 * @module
 */

export type * from "../contract.ts";
export {
  bunRedis,
  type BunRedisClient,
  ioRedis,
  type IoRedisClient,
  nodeRedis,
  type NodeRedisClient,
  type RedisCommands,
  type UpstashClient,
  upstashRedis,
} from "./clients.ts";
export { redisStore, type RedisStoreOptions } from "./redis-store.ts";

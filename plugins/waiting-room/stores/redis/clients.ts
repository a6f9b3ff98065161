/** How commands are sent: one small interface, and the clients that have it after a line. */

/**
 * Sends one command to Redis: its name and its arguments, all texts. Answers of Redis are resolved as texts, numbers, `null` and lists of
 * them, and its errors rejected with a message that begins with the word of Redis, as all clients do.
 */
export interface RedisCommands {
  (args: string[]): Promise<unknown>;
  /** How long an answer may take, in milliseconds. @default {250} */
  readonly timeoutMs?: number;
}

/** What is used of a client of `redis`, node-redis. */
export interface NodeRedisClient {
  /** Sends one command. */
  sendCommand(args: string[]): Promise<unknown>;
}

/** What is used of a client of `ioredis`, a cluster of it included. */
export interface IoRedisClient {
  /** Sends one command. */
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** What is used of Bun's own client. */
export interface BunRedisClient {
  /** Sends one command. */
  send(command: string, args: string[]): Promise<unknown>;
}

/** What is used of the REST client of Upstash, `@upstash/redis`. */
export interface UpstashClient {
  /** Sends one command. */
  exec(args: [command: string, ...args: string[]]): Promise<unknown>;
}

/** Refuses what is no client, before the first visitor finds it out. What was given may be an address with a password, and is not shown. */
function checkClient(client: unknown, method: string, of: string): void {
  // Whatever it is, it has members, or is refused for that.
  if (typeof (client as Readonly<Record<string, unknown>> | undefined)?.[method] === "function") return;
  throw new TypeError(
    `The client must be one of ${of}, which has "${method}", received a ${typeof client}`,
  );
}

/**
 * Sends commands with node-redis. Have it fail at once while there is no connection, by `disableOfflineQueue: true`: a waiting room
 * should not wait for that.
 *
 * @param client A client of `redis` that is connected, and whose errors somebody listens to.
 * @returns What {@linkcode redisStore} takes.
 * @throws {TypeError} When it is no such client.
 *
 * @example
 * ```ts
 * import { createClient } from "redis";
 * import { nodeRedis, redisStore } from "stanchion/waiting-room/redis";
 *
 * const client = createClient({ disableOfflineQueue: true }).on("error", console.warn);
 * export const store = redisStore(nodeRedis(client)); // and then: await client.connect()
 * ```
 */
export function nodeRedis(client: NodeRedisClient): RedisCommands {
  checkClient(client, "sendCommand", "redis (node-redis)");
  return (args) => client.sendCommand(args);
}

/**
 * Sends commands with ioredis, to one server or to a cluster.
 *
 * @param client A client of `ioredis` whose errors somebody listens to; `enableOfflineQueue: false` has it fail at once without a connection.
 * @returns What {@linkcode redisStore} takes.
 * @throws {TypeError} When it is no such client.
 *
 * @example
 * ```ts
 * import { Redis } from "ioredis";
 * import { ioRedis, redisStore } from "stanchion/waiting-room/redis";
 *
 * const client = new Redis({ lazyConnect: true, enableOfflineQueue: false }).on("error", console.warn);
 * export const store = redisStore(ioRedis(client)); // and then: await client.connect()
 * ```
 */
export function ioRedis(client: IoRedisClient): RedisCommands {
  checkClient(client, "call", "ioredis");
  return ([command = "", ...args]) => client.call(command, ...args);
}

/**
 * Sends commands with Bun's own client.
 *
 * @param client A `RedisClient` of Bun. By itself it gives up for good after ten attempts to connect: `maxRetries` has it come back after a
 * longer outage.
 * @returns What {@linkcode redisStore} takes.
 * @throws {TypeError} When it is no such client.
 *
 * @example
 * ```ts
 * import { type BunRedisClient, bunRedis, redisStore } from "stanchion/waiting-room/redis";
 *
 * // With: new Bun.RedisClient("redis://localhost:6379", { enableOfflineQueue: false, maxRetries: 1_000_000 })
 * export const storeOf = (client: BunRedisClient) => redisStore(bunRedis(client));
 * ```
 */
export function bunRedis(client: BunRedisClient): RedisCommands {
  checkClient(client, "send", "Bun");
  return ([command = "", ...args]) => client.send(command, args);
}

/**
 * Sends commands with the REST client of Upstash, for platforms without sockets. An answer may take 1,500 ms.
 *
 * @param client A client of `@upstash/redis`.
 * @returns What {@linkcode redisStore} takes.
 * @throws {TypeError} When it is no such client.
 *
 * @example
 * ```ts
 * import { Redis } from "@upstash/redis";
 * import { redisStore, upstashRedis } from "stanchion/waiting-room/redis";
 *
 * const client = new Redis({ url: "https://example.upstash.io", token: "your-token", retry: false });
 * export const store = redisStore(upstashRedis(client));
 * ```
 */
export function upstashRedis(client: UpstashClient): RedisCommands {
  checkClient(client, "exec", "@upstash/redis");
  const send = ([command = "", ...args]: string[]) => client.exec([command, ...args]);
  return Object.assign(send, { timeoutMs: 1500 });
}

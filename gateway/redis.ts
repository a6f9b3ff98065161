import type { RoomStore } from "../plugins/waiting-room/mod.ts";
import { ioRedis, type IoRedisClient, redisStore } from "../plugins/waiting-room/stores/redis/mod.ts";
import { ConfigError } from "./read-config.ts";

/** A store that is shared by gateways. */
export interface OpenStore {
  readonly store: RoomStore;
  /** Ends the connection. */
  readonly close: () => void;
}

/** What is used of the client, beside the commands of the store. */
interface Client extends IoRedisClient {
  on(event: string, listener: (error: Error) => void): unknown;
  connect(): Promise<unknown>;
  /** @param isAgain Whether it connects again by itself. */
  disconnect(isAgain?: boolean): void;
}

/** How a client is made. */
export type RedisConnector = (url: string, options: Readonly<Record<string, unknown>>) => Client;

/** Loads the client, which is installed beside the gateway by whoever shares a store. */
export async function loadRedis(): Promise<RedisConnector> {
  try {
    const { Redis } = await import("ioredis");
    return (url, options) => new Redis(url, options);
  } catch {
    throw new ConfigError(
      '"store" needs the package ioredis: npm install ioredis, or npx --package stanchion --package ioredis stanchion serve …',
    );
  }
}

/**
 * Connects with a Redis. One that is not there yet is connected to as soon as it is; until then the failure policy decides.
 *
 * @param log Is told when the connection is lost and there again.
 */
export async function openRedis(
  url: string,
  prefix: string | undefined,
  connect: RedisConnector,
  log: (message: string) => void,
): Promise<OpenStore> {
  const client = connect(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 3000,
  });
  let isThere: boolean | undefined;
  client.on("error", (error) => {
    if (isThere !== false) log(`The store cannot be reached (${error.message}); it is tried again.`);
    isThere = false;
    // The client would go on in the first database, where another room may be.
    if (isOfSelect(error)) client.disconnect(true);
  });
  client.on("ready", () => {
    if (isThere === false) log("The store is there again.");
    isThere = true;
  });
  await client.connect().catch(() => {});
  return {
    store: redisStore(ioRedis(client), prefix === undefined ? { warn: log } : { prefix, warn: log }),
    close: () => client.disconnect(),
  };
}

/** Whether the server refused the database that the address names: errors of ioredis tell the command. */
function isOfSelect(error: Error): boolean {
  if (!("command" in error)) return false;
  const { command } = error;
  return typeof command === "object" && command !== null && "name" in command && command.name === "select";
}

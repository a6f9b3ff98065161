/**
 * The Redis of the demo, and what is said of it where it cannot be used.
 *
 * @module
 */

import { GateError } from "../../mod.ts";
import type { RoomStore } from "../../plugins/waiting-room/mod.ts";
import { ioRedis, redisStore } from "../../plugins/waiting-room/stores/redis/mod.ts";

/** A store in Redis. */
export interface OpenStore {
  readonly store: RoomStore;
  /** Ends the connection. */
  close(): void;
}

/** Says in words why a store cannot be used, and what to do. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

/** After how long a Redis that does not answer is given up, in milliseconds. */
const connectMs = 3000;
/** The rooms of the demo are not those of anybody else who uses the same Redis. */
const prefix = "stanchion-demo";

/**
 * Checks the address of a Redis.
 *
 * @param text What was given.
 * @returns The same.
 * @throws {RangeError} When it is no address of a Redis. The text says it without user, password and query.
 */
export function storeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isRedis = url !== undefined && ["redis:", "rediss:"].includes(url.protocol) && url.hostname !== "" &&
    /^(?:\/\d*)?$/.test(url.pathname) && url.hash === "";
  if (isRedis) return text;
  throw new RangeError(
    `--store must be the address of a Redis, such as redis://127.0.0.1:6379, received "${
      withoutSecrets(text)
    }"`,
  );
}

/** An address, or what was meant as one, without its user, password and query. */
export function withoutSecrets(text: string): string {
  return text.replace(/^([\w-]*=?\w+:\/\/)?.*@/s, (_, start = "") => `${start}…@`).replace(/\?.*$/s, "?…");
}

/**
 * Connects with a Redis, and makes sure that rooms may be kept there.
 *
 * @param url Its address.
 * @param warn Is told when the connection is lost and there again.
 * @returns The store.
 * @throws {StoreError} When it cannot be used.
 */
export async function openRedis(url: string, warn: (message: string) => void): Promise<OpenStore> {
  // Whoever keeps the room in memory does not load it.
  const { Redis } = await import("ioredis");
  let isOpen = false;
  let failure: unknown;
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    connectTimeout: connectMs,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => isOpen ? Math.min(times * 100, 2000) : null,
  });
  client.on("error", (error: unknown) => {
    failure = error;
  });
  const store = redisStore(ioRedis(client), { prefix, warn: (message) => warn(message) });
  const close = () => client.disconnect();
  try {
    await within(connectMs + 500, client.connect());
    await within(connectMs, store.secret?.(newSecret()));
  } catch (error) {
    close();
    throw new StoreError(whyNot(url, failure ?? error));
  }
  isOpen = true;
  let isLost = false;
  // Each attempt to connect again ends like the first connection.
  client.on("close", () => {
    if (!isLost) warn("The connection to Redis is lost; the room goes on when it is there again.");
    isLost = true;
  });
  client.on("ready", () => {
    isLost = false;
    warn("Redis is there again.");
  });
  return {
    store,
    close() {
      client.removeAllListeners("close");
      close();
    },
  };
}

async function within<T>(ms: number, promise: T | Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function whyNot(url: string, error: unknown): string {
  const { protocol, host, hostname } = new URL(url);
  const address = `${protocol}//${host}`;
  const { code, message = "" } = error as { readonly code?: unknown; readonly message?: string };
  const start =
    "Start one, such as with: redis-server, or: docker run --rm -p 6379:6379 redis\nOr leave out --store: then the room is kept in memory.";
  switch (code) {
    case "ECONNREFUSED":
      return `No Redis listens at ${address}. ${start}`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The host "${hostname}" of --store is not known. Is its name right, and is there a network?`;
    case "ETIMEDOUT":
      return `What is at ${address} does not answer as a Redis does within ${connectMs / 1000} seconds. ` +
        "Is the address right, and is rediss:// needed in place of redis://, or the other way round?";
  }
  if (/^(?:NOAUTH|WRONGPASS|ERR AUTH)|\b(?:NOAUTH|WRONGPASS)\b/.test(message)) {
    return `The Redis at ${address} asks for another user or password. Give them as redis://user:password@host:port, ` +
      "with what is special in them written as %40 and the like.";
  }
  // The store's own failures say what to do and quote nothing; others may quote what was sent.
  const told = error instanceof GateError
    ? message
    : "it does not answer as a Redis does. Is the address right?";
  return `The Redis at ${address} cannot be used: ${told}`;
}

/** What is offered as the secret of the rooms; the first one is kept. */
function newSecret(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
}

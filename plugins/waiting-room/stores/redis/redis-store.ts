/** Rooms in Redis, for any number of processes. */

import { GateError } from "../../../../src/errors.ts";
import {
  checkFunction,
  checkNumber,
  checkOptions,
  checkSyncFunction,
  shapeError,
} from "../../../../src/options/check.ts";
import { mostCommands, setNames } from "../../machine/mod.ts";
import { mostRecords, type RoomStore } from "../store.ts";
import type { RedisCommands } from "./clients.ts";
import { resultOf, statusOf } from "./decode.ts";
import { argumentsOf } from "./encode.ts";
import { connect } from "./server.ts";

/** The options of {@linkcode redisStore}. */
export interface RedisStoreOptions {
  /**
   * What all keys begin with: letters, digits, `.`, `_`, `:` and `-`. Another one keeps staging and production apart in one Redis.
   *
   * @default {"stanchion"}
   */
  readonly prefix?: string;
  /** How long an answer may take before the batch counts as failed, in milliseconds. @default {250, and 1500 over REST} */
  readonly timeoutMs?: number;
  /** Is told once when it cannot be seen whether Redis may drop the waiting room's keys. @default {console.warn} */
  readonly warn?: (message: string) => void;
  /** Tells the time in Unix milliseconds, for tests. @default {the clock of the Redis server} */
  readonly now?: () => number;
}

const subject = "redis store";

/** After how long nobody asked for it a room is forgotten, with its records, in milliseconds. */
const keptMs = 90 * 86_400_000;

/**
 * Keeps rooms in Redis from 6.2 on, or in Valkey, so that any number of processes act as one room. One script runs the machine of the
 * waiting room there: all of a batch, or none, by the clock of the server.
 *
 * All keys of a room have one hash tag, so that a cluster keeps them together: `stanchion:{room}:state`, `…:status`, and one for each
 * set. A room that nobody asks for is forgotten after 90 days. Redis must not drop keys when its memory is full: with a
 * `maxmemory-policy` other than `noeviction` every batch is refused, for people would lose their places without anybody noticing.
 *
 * @param client Sends commands: {@linkcode nodeRedis}, {@linkcode ioRedis}, {@linkcode bunRedis}, {@linkcode upstashRedis}, or your own.
 * @param options The prefix, the time limit, and who is warned.
 * @returns The store. Its failures are `GateError`s: `unreachable`, `rejected` (a wrong password, a missing right), `overloaded` (its
 * memory is full), or `malformed` (a younger version wrote the state, or another program the keys). None quotes addresses or secrets.
 * @throws {TypeError} When the client or an option has the wrong shape.
 * @throws {RangeError} When an option has a value that is none.
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
export function redisStore(client: RedisCommands, options: RedisStoreOptions = {}): RoomStore {
  if (typeof client !== "function") {
    const must = "a function that sends commands, such as ioRedis(client) or nodeRedis(client)";
    throw shapeError(subject, "client", must, client);
  }
  checkOptions(subject, options, ["prefix", "timeoutMs", "warn", "now"]);
  const { prefix = "stanchion", timeoutMs = client.timeoutMs ?? 250, warn = console.warn, now } = options;
  if (typeof prefix !== "string" || !/^[\w.:-]{1,64}$/.test(prefix)) {
    const shown = JSON.stringify(prefix);
    throw new TypeError(
      `Cannot create ${subject}: "prefix" must be 1 to 64 letters, digits, ".", "_", ":" and "-", received ${shown}`,
    );
  }
  checkNumber(subject, "timeoutMs", timeoutMs, 1, 60_000);
  checkFunction(subject, "warn", warn);
  if (now !== undefined) checkSyncFunction(subject, "now", now);

  const server = connect(client, warn);

  const keyOf = (room: string, name: string) => `${prefix}:{${roomOf(room)}}:${name}`;

  return {
    name: "redis",
    isShared: true,
    timeoutMs,
    async run(room, batch) {
      const { length } = batch.commands;
      if (length > mostCommands) {
        throw new GateError("internal", `A batch has ${length} commands, which is more than ${mostCommands}`);
      }
      const keys = ["state", "status", ...setNames].map((name) => keyOf(room, name));
      await server.check();
      const time = now === undefined ? "" : String(now());
      return resultOf(await server.evaluate(keys, [time, ...argumentsOf(batch)]), batch);
    },
    async status(room) {
      const stored = await server.send("GET", keyOf(room, "status"));
      return stored === null ? undefined : statusOf(stored);
    },
    async record(room, text) {
      await server.check();
      const key = keyOf(room, "records");
      // A letter in front keeps clients from reading it as something else than text.
      await server.send("RPUSH", key, `r${text}`);
      await server.send("LTRIM", key, String(-mostRecords), "-1");
      await server.send("PEXPIRE", key, String(keptMs));
    },
    async records(room) {
      const kept = await server.send("LRANGE", keyOf(room, "records"), "0", "-1");
      return Array.isArray(kept) ? kept.map((each) => String(each).slice(1)) : [];
    },
    async secret(offered) {
      await server.check();
      const key = `${prefix}:secret`;
      // A letter in front keeps clients from reading it as something else than text.
      await server.send("SET", key, `s${offered}`, "NX");
      const kept = await server.send("GET", key);
      if (typeof kept === "string" && kept.startsWith("s")) return kept.slice(1);
      throw new GateError(
        "malformed",
        `Redis has something else than a secret in the key "${key}": is it another program's?`,
      );
    },
  };
}

function roomOf(room: string): string {
  if (/^[\w:.-]+$/.test(room)) return room;
  throw new GateError(
    "internal",
    "The key of a waiting room may have letters, digits, hyphens and colons only",
  );
}

/**
 * Rooms in Deno KV.
 *
 * @module
 */

import { type Loop, platformLoop } from "../../../../src/async/loop.ts";
import { GateError, ServiceError } from "../../../../src/errors.ts";
import {
  checkFunction,
  checkOptions,
  checkSyncFunction,
  shapeError,
  textError,
} from "../../../../src/options/check.ts";
import type { RoomStatus } from "../../machine/mod.ts";
import { createNodesClock, type NodesClock } from "./clock.ts";
import type { BatchResult, RoomStore } from "../store.ts";
import { callsWithin } from "./call.ts";
import { type KeptRoom, keptRoom, mostPeople } from "./kept-room.ts";
import type { DenoKv, KvKey } from "./kv.ts";
import { keysOf, readHead } from "./layout.ts";
import { keepRecord, readRecords } from "./records.ts";

/** How many admissions a minute Deno KV is fast enough for: each takes about ten commands, and there are 100 in a batch. */
const mostAdmissions = 10_000;
/** How long an answer may take, and how long a batch waits for those before it, in milliseconds. */
const usualMs = 1500;
/** After how long a call of KV is given up, so that those behind it are not held up, in milliseconds. */
const lostMs = 5000;

/** The options of {@linkcode denoKvStore}. */
export interface DenoKvStoreOptions {
  /**
   * The first part of all keys.
   *
   * @default {"stanchion"}
   */
  readonly prefix?: string;
  /** Tells the time in Unix milliseconds. @default {Date.now} */
  readonly now?: () => number;
  /** A number from 0 up to, but without, 1. It spreads batches that were tried at the same time. @default {Math.random} */
  readonly random?: () => number;
  /** Tells how much time has passed, in milliseconds: a clock that does not jump. @default {performance.now} */
  readonly steady?: () => number;
}

/**
 * Keeps rooms in Deno KV, for any number of processes and regions.
 *
 * It is made for up to 20 batches a second and 20,000 people, present and inside, in a room; a room with more is refused, and
 * `redisStore()` takes it. What a batch changes is committed at once or not at all. KV has no clock: the time of a room is that of the nodes, of
 * which none can put it back, or forward by more than two seconds at once.
 *
 * @param kv What `Deno.openKv()` gives.
 * @param options The first part of the keys, and clocks for tests.
 * @returns The store.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { denoKvStore } from "stanchion/waiting-room/deno-kv";
 *
 * const store = denoKvStore(await Deno.openKv());
 * ```
 */
export function denoKvStore(kv: DenoKv, options: DenoKvStoreOptions = {}): RoomStore {
  const { now, loop, ...others } = resolve(kv, options);
  return kvStore({
    kv,
    loop,
    timeoutMs: usualMs,
    callMs: lostMs,
    ...others,
    clockOf: () => createNodesClock(now, () => loop.now()),
  });
}

/** What a store is made of. */
export interface Parts {
  readonly kv: DenoKv;
  readonly prefix: string;
  readonly random: () => number;
  readonly loop: Loop;
  readonly timeoutMs: number;
  readonly callMs: number;
  /** Makes what tells the time of one room. */
  readonly clockOf: () => NodesClock;
}

/** The store, with another way to tell the time. */
export function kvStore(parts: Parts): RoomStore {
  const { kv, prefix, random, loop, timeoutMs, callMs, clockOf } = parts;
  const call = callsWithin(callMs, loop);
  const counts = { conflicts: 0, loads: 0 };
  const rooms = new Map<string, KeptRoom & { last: Promise<unknown> }>();
  const watches = new Set<() => void>();

  function roomOf(room: string) {
    let known = rooms.get(room);
    if (known === undefined) {
      const count = (what: keyof typeof counts) => void counts[what]++;
      const kept = keptRoom({ kv, call, keys: keysOf(prefix, room), clock: clockOf(), random, loop, count });
      rooms.set(room, known = { ...kept, last: Promise.resolve() });
    }
    return known;
  }

  return {
    name: "deno-kv",
    isShared: true,
    timeoutMs,
    bounds: { people: mostPeople, admissionsPerMinute: mostAdmissions },
    async run(key, batch): Promise<BatchResult> {
      const room = roomOf(key);
      const since = loop.now();
      const answer = room.last.then(() => {
        // Who asked has gone, and asks again.
        if (loop.now() - since > timeoutMs) {
          throw new ServiceError("overloaded", "Deno KV was busy with earlier batches");
        }
        return room.run(batch);
      });
      room.last = answer.catch(() => {});
      return await answer;
    },
    async status(room) {
      const { value, versionstamp } = await call(() => kv.get(keysOf(prefix, room).head));
      return versionstamp === null ? undefined : readHead(value).status;
    },
    record: (room, text) => call(() => keepRecord(kv, keysOf(prefix, room), text)),
    records: (room) => call(() => readRecords(kv, keysOf(prefix, room))),
    async secret(offered) {
      const key = [prefix, "secret"];
      await call(() => kv.atomic().check({ key, versionstamp: null }).set(key, offered).commit());
      const { value } = await call(() => kv.get(key));
      if (typeof value !== "string") {
        throw new GateError(
          "malformed",
          `The key ${JSON.stringify(key)} of Deno KV has no secret: delete it`,
        );
      }
      return value;
    },
    ...(kv.watch === undefined ? {} : {
      watch(room: string, listener: (status: RoomStatus) => void): () => void {
        const stop = watch(kv, keysOf(prefix, room).head, listener);
        const end = () => {
          watches.delete(end);
          stop();
        };
        watches.add(end);
        return end;
      },
    }),
    health: () => ({ ...counts }),
    close() {
      for (const end of watches) end();
      return Promise.resolve();
    },
  };
}

/** Tells of each head that KV tells of. Where that ends by a fault, nodes read the status as if nobody had told them. */
function watch(kv: DenoKv, key: KvKey, listener: (status: RoomStatus) => void): () => void {
  const reader = kv.watch?.([key]).getReader();
  void (async () => {
    for (let turn = await reader?.read(); turn?.done === false; turn = await reader?.read()) {
      const [entry] = turn.value;
      if (entry !== undefined && entry.versionstamp !== null) listener(readHead(entry.value).status);
    }
  })().catch(() => reader?.cancel()).catch(() => {});
  return () => void reader?.cancel().catch(() => {});
}

const subject = "Deno KV store";

function resolve(kv: DenoKv, options: DenoKvStoreOptions) {
  if (typeof kv !== "object" || kv === null) throw shapeError(subject, "kv", "what Deno.openKv() gives", kv);
  for (const method of ["get", "getMany", "atomic"] as const) {
    checkFunction(subject, `kv.${method}`, kv[method]);
  }
  checkOptions(subject, options, ["prefix", "now", "random", "steady"]);
  const { prefix = "stanchion", now = Date.now, random = Math.random, steady } = options;
  if (typeof prefix !== "string" || prefix === "") throw textError(subject, "prefix", "a text", prefix);
  checkSyncFunction(subject, "now", now);
  checkSyncFunction(subject, "random", random);
  if (steady !== undefined) checkSyncFunction(subject, "steady", steady);
  const loop: Loop = steady === undefined ? platformLoop : { ...platformLoop, now: steady };
  return { prefix, now, random, loop };
}

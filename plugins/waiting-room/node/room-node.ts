import { withDeadline } from "../../../src/async/deadline.ts";
import { endsWithRequest } from "../../../src/async/ends-with-request.ts";
import { type Loop, platformLoop } from "../../../src/async/loop.ts";
import { GateError, ServiceError } from "../../../src/errors.ts";
import { kindOf } from "../../../src/pipeline/kind-of.ts";
import { type Command, type Configured, readStatus, type Report, type RoomStatus } from "../machine/mod.ts";
import type { BatchResult, RoomStore } from "../stores/store.ts";
import { type Answered, createBatches } from "./batches.ts";
import { createStoreBreaker, type StoreBreaker } from "./breaker.ts";
import { createKnown } from "./known.ts";
import type { StatusKeeper } from "./status-cache.ts";
import { createStatusReader, type Peeked } from "./status-reader.ts";
import { createStoreClock } from "./store-clock.ts";

/** How many different commands wait at most. */
const maxQueued = 10_000;

/** How a node reaches a room. */
export interface RoomNodeOptions {
  readonly store: RoomStore;
  /** The room's key in the store. */
  readonly key: string;
  /** The room, as its owner configured it. Since when is told by the store's clock: that of a process may be wrong. */
  readonly room: Omit<Configured, "since">;
  /** Tells what was heard of the application, now and then; it goes along with a batch, and is lost with one that fails. */
  readonly report?: (() => Report | undefined) | undefined;
  /** After how long a batch without answer has failed, in milliseconds. */
  readonly timeoutMs: number;
  /** What others near by have read a moment ago. @default {the store is asked} */
  readonly keeper?: StatusKeeper | undefined;
  /** The wall clock, in Unix milliseconds. @default {Date.now} */
  readonly now?: () => number;
  /** A number from 0 up to, but without, 1. @default {Math.random} */
  readonly random?: () => number;
  readonly loop?: Loop;
  /** Is told each status that is younger than the last one. */
  readonly learned?: (status: RoomStatus) => void;
  /** Whether timers and calls end together with the request that began them. @default {as the platform has it} */
  readonly isEnding?: boolean;
}

/** How a store did, as this process saw it. */
export interface StoreCalls {
  /** How often it was asked for a room, and how many of these calls failed. */
  asked: number;
  failed: number;
  /** How long its answers take, in milliseconds, of which the last ones count most; `undefined` before the first one. */
  latencyMs: number | undefined;
}

/** One room, as this process reaches it. */
export interface RoomNode {
  /**
   * Asks the room something, together with what others ask at the same time.
   *
   * @throws {GateError} When the store fails, and `overloaded` when too much waits to be asked.
   */
  submit(command: Command): Promise<Answered>;
  /**
   * Tells the room's status, read at most a second ago and a quarter, and keeps the room moving where somebody waits. It is there at once while what is
   * known is young enough.
   *
   * @throws {GateError} When the store fails.
   */
  status(): RoomStatus | Promise<RoomStatus>;
  /** Tells the time by the store's clock, in Unix milliseconds, and asks for it where it is not known. */
  time(): number | Promise<number>;
  /**
   * Tells what the store has, and runs no batch: nothing changes by it.
   *
   * @throws {GateError} When the store fails.
   */
  peek(): Promise<Peeked>;
  /** Tells the time by the store's clock, in Unix milliseconds; `undefined` where it is not known. */
  now(): number | undefined;
  /**
   * Asks the store for something else than a batch, within its time.
   *
   * @throws {GateError} When the store fails.
   */
  ask<T>(doing: string, what: (store: RoomStore, key: string) => Promise<T>): Promise<T>;
  /** How the store did so far. */
  readonly calls: Readonly<StoreCalls>;
  /** The status that was told last, however old it is; `undefined` before the first answer. */
  readonly last: RoomStatus | undefined;
  /** Whether the store failed when it was asked last. */
  readonly isFailing: boolean;
  /** When the store answered last, by its own clock, in Unix milliseconds; `undefined` where it never did. */
  readonly answeredAt: number | undefined;
  /** How many different commands wait to be asked. */
  readonly queued: number;
  /** Ends what was begun; a store stays open. */
  close(): void;
}

/** Makes a node of one room. Nothing is asked until somebody wants to know. */
export function createRoomNode(options: RoomNodeOptions): RoomNode {
  const { store, key, room, timeoutMs, keeper, now = Date.now, random = Math.random, loop = platformLoop } =
    options;
  const { isEnding = endsWithRequest } = options;
  const isApart = isEnding || store.batchesItself === true;
  const what = `store "${store.name}"`;
  const breaker = createStoreBreaker(what, () => loop.now());
  const calls: StoreCalls = { asked: 0, failed: 0, latencyMs: undefined };
  const reach = reacher(breaker, what, timeoutMs, loop, calls);
  const clock = createStoreClock(() => loop.now(), now);
  const batches = createBatches({ send, loop, maxQueued, maxWaitMs: 2 * timeoutMs, lostMs: 4 * timeoutMs });
  const known = createKnown(() => loop.now(), random, options.learned);
  const reader = createStatusReader({
    known,
    clock,
    read: () => reach("asked for the status", async () => statusIn(what, await store.status(key))),
    look,
    keeper,
    loop,
    wall: now,
    isEnding,
    lostMs: isEnding ? timeoutMs / 2 : 4 * timeoutMs,
  });
  let answeredAt: number | undefined;
  // Before the first answer the configuration is younger than none, and makes a room only where there is none.
  let since = 0;
  const watch = watcher(store, key, (status) => known.learn(status));

  async function send(commands: readonly Command[]): Promise<BatchResult> {
    const askedAt = loop.now();
    const report = options.report?.();
    const asked = { room: { ...room, since }, seen: known.seen, commands };
    const batch = { ...asked, ...(report !== undefined && { report }) };
    const run = async () => toldResult(what, await store.run(key, batch));
    const result = await reach("asked for a batch", run);
    const { status } = result;
    if (since === 0) since = status.now;
    clock.set(status.now, askedAt);
    answeredAt = status.now;
    known.learn(status);
    return result;
  }

  /** Looks at the room, which keeps it moving. */
  function look(): Promise<BatchResult> {
    return isApart ? send([]) : batches.look();
  }

  return {
    submit(command) {
      watch.begin();
      if (isApart) return send([command]).then(soleAnswer);
      const refusal = breaker.refusal();
      return refusal === undefined ? batches.submit(command) : Promise.reject(refusal);
    },
    status() {
      watch.begin();
      return reader.status();
    },
    time: () => reader.time(),
    peek: () => reader.peek(),
    now: () => clock.now(),
    ask: (doing, what) => reach(doing, () => what(store, key)),
    calls,
    get last() {
      return known.last;
    },
    get isFailing() {
      return breaker.isFailing;
    },
    get answeredAt() {
      return answeredAt;
    },
    get queued() {
      return batches.queued;
    },
    close: watch.end,
  };
}

/** Has the store tell of changes as they happen, from the first time that somebody wants to know. */
function watcher(store: RoomStore, key: string, learn: (status: RoomStatus) => void) {
  let unwatch: (() => void) | undefined;
  let isClosed = false;
  return {
    begin(): void {
      if (unwatch !== undefined || isClosed) return;
      unwatch = store.watch?.(key, (told) => {
        const status = readStatus(told);
        // Nobody waits for it: what is none is told as such once it is asked for.
        if (status !== undefined) learn(status);
      }) ?? (() => {});
    },
    end(): void {
      if (!isClosed) unwatch?.();
      isClosed = true;
    },
  };
}

/** The answer to a batch of one command. */
function soleAnswer({ outcomes: [outcome], status }: BatchResult): Answered {
  if (outcome === undefined) throw new ServiceError("malformed", "The store left a command unanswered");
  return { outcome, status };
}

/** Runs what reaches the store, within its time and behind the breaker. */
function reacher(breaker: StoreBreaker, what: string, timeoutMs: number, loop: Loop, calls: StoreCalls) {
  return async <T>(doing: string, make: () => Promise<T>): Promise<T> => {
    const refusal = breaker.refusal();
    if (refusal !== undefined) throw refusal;
    calls.asked++;
    const since = loop.now();
    try {
      const result = await withDeadline(called(make), timeoutMs, `The ${what}, ${doing},`, undefined, loop);
      breaker.answered();
      const tookMs = loop.now() - since;
      calls.latencyMs = calls.latencyMs === undefined
        ? tookMs
        : calls.latencyMs + (tookMs - calls.latencyMs) / 8;
      return result;
    } catch (cause) {
      calls.failed++;
      const failure = failureOf(what, cause);
      breaker.failed(failure);
      throw failure;
    }
  };
}

/** What a store answers to a batch: it may be its owner's own, or of another version. */
function toldResult(what: string, told: BatchResult | undefined): BatchResult {
  const { outcomes, status } = told ?? {};
  if (!Array.isArray(outcomes)) {
    throw new ServiceError("malformed", `The ${what} answered a batch with something else than its outcomes`);
  }
  return { outcomes, status: toldStatus(what, status) };
}

function statusIn(what: string, told: RoomStatus | undefined): RoomStatus | undefined {
  return told === undefined ? undefined : toldStatus(what, told);
}

function toldStatus(what: string, told: unknown): RoomStatus {
  const status = readStatus(told);
  if (status === undefined) {
    throw new ServiceError("malformed", `The ${what} has something else than a status`);
  }
  return status;
}

/** A store may throw at once, too. */
async function called<T>(make: () => Promise<T>): Promise<T> {
  return await make();
}

/** What a driver throws may quote an address or a password: only its kind is told. */
function failureOf(what: string, cause: unknown): GateError {
  if (cause instanceof GateError) return cause;
  return new ServiceError("unreachable", `The ${what} failed: ${kindOf(cause)}`, { cause });
}

import { withDeadline } from "../../../src/async/deadline.ts";
import { type Loop, platformLoop } from "../../../src/async/loop.ts";
import { GateError, ServiceError } from "../../../src/errors.ts";
import { kindOf } from "../../../src/pipeline/kind-of.ts";
import type { Command, Configured, RoomStatus, Seen } from "../machine/mod.ts";
import type { BatchResult, RoomStore } from "../stores/store.ts";
import { type Answered, createBatches } from "./batches.ts";
import { createStoreBreaker, type StoreBreaker } from "./breaker.ts";
import { createKnown } from "./known.ts";
import { hasWaiters, isBehind } from "./seen.ts";
import { createStoreClock } from "./store-clock.ts";

/** How old what the last batch left may be, in milliseconds, before the room is looked at where somebody waits. */
const freshMs = 1000;
/** How many different commands wait at most. */
const maxQueued = 10_000;

/** How a node reaches a room. */
export interface RoomNodeOptions {
  readonly store: RoomStore;
  /** The room's key in the store. */
  readonly key: string;
  /** The room, as its owner configured it. Since when is told by the store's clock: that of a process may be wrong. */
  readonly room: Omit<Configured, "since">;
  /** After how long a batch without answer has failed, in milliseconds. */
  readonly timeoutMs: number;
  /** The wall clock, in Unix milliseconds. @default {Date.now} */
  readonly now?: () => number;
  /** A number from 0 up to, but without, 1. @default {Math.random} */
  readonly random?: () => number;
  readonly loop?: Loop;
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
  /** Tells the time by the store's clock, in Unix milliseconds; `undefined` where it is not known. */
  now(): number | undefined;
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
  const { store, key, room, timeoutMs, now = Date.now, random = Math.random, loop = platformLoop } = options;
  const what = `store "${store.name}"`;
  const breaker = createStoreBreaker(what, () => loop.now());
  const reach = reacher(breaker, what, timeoutMs, loop);
  const clock = createStoreClock(() => loop.now(), now);
  const batches = createBatches({ send, loop, maxQueued, maxWaitMs: 2 * timeoutMs, lostMs: 4 * timeoutMs });
  const known = createKnown(() => loop.now(), random);
  let reading: Promise<RoomStatus> | undefined;
  let answeredAt: number | undefined;
  // Before the first answer the configuration is younger than none, and makes a room only where there is none.
  let since = 0;
  let unwatch: (() => void) | undefined;
  let isClosed = false;

  async function send(commands: readonly Command[]): Promise<BatchResult> {
    const askedAt = loop.now();
    const batch = { room: { ...room, since }, seen: known.seen, commands };
    const result = await reach("asked for a batch", () => store.run(key, batch));
    const { status } = result;
    if (since === 0) since = status.now;
    clock.set(status.now, askedAt);
    answeredAt = status.now;
    known.learn(status);
    return result;
  }

  /** Looks at the room, which keeps it moving. */
  function look(): Promise<BatchResult> {
    return store.batchesItself === true ? send([]) : batches.look();
  }

  function watch(): void {
    if (unwatch !== undefined || isClosed) return;
    unwatch = store.watch?.(key, known.learn) ?? (() => {});
  }

  async function refresh(): Promise<RoomStatus> {
    const told = await reach("asked for the status", () => store.status(key));
    if (isLost(told, known.seen)) return (await look()).status;
    known.learn(told);
    return isYoung(told, clock.now()) || !hasWaiters(told) ? told : (await look()).status;
  }

  return {
    submit(command) {
      watch();
      if (store.batchesItself === true) return send([command]).then(soleAnswer);
      const refusal = breaker.refusal();
      return refusal === undefined ? batches.submit(command) : Promise.reject(refusal);
    },
    status() {
      watch();
      const fresh = known.fresh();
      if (fresh !== undefined) return fresh;
      if (reading !== undefined) return reading;
      const read = refresh().finally(() => reading = undefined);
      return reading = read;
    },
    time: () => clock.now() ?? look().then(({ status }) => status.now),
    now: () => clock.now(),
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
    close() {
      if (!isClosed) unwatch?.();
      isClosed = true;
    },
  };
}

/** Whether a room that was known is not there any more, or went back: the next batch puts it together again. */
function isLost(told: RoomStatus | undefined, seen: Seen | undefined): told is undefined {
  return told === undefined || (seen !== undefined && isBehind(told, seen));
}

/** How old a status is nobody can tell without the store's clock. */
function isYoung({ now }: RoomStatus, storeNow: number | undefined): boolean {
  return storeNow !== undefined && storeNow - now < freshMs;
}

/** The answer to a batch of one command. */
function soleAnswer({ outcomes: [outcome], status }: BatchResult): Answered {
  if (outcome === undefined) throw new ServiceError("malformed", "The store left a command unanswered");
  return { outcome, status };
}

/** Runs what reaches the store, within its time and behind the breaker. */
function reacher(breaker: StoreBreaker, what: string, timeoutMs: number, loop: Loop) {
  return async <T>(doing: string, make: () => Promise<T>): Promise<T> => {
    const refusal = breaker.refusal();
    if (refusal !== undefined) throw refusal;
    try {
      const result = await withDeadline(called(make), timeoutMs, `The ${what}, ${doing},`, undefined, loop);
      breaker.answered();
      return result;
    } catch (cause) {
      const failure = failureOf(what, cause);
      breaker.failed(failure);
      throw failure;
    }
  };
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

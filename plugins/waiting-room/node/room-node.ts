import { withDeadline } from "../../../src/async/deadline.ts";
import { type Loop, platformLoop } from "../../../src/async/loop.ts";
import { GateError, ServiceError } from "../../../src/errors.ts";
import { kindOf } from "../../../src/pipeline/kind-of.ts";
import type { Command, Configured, RoomStatus, Seen } from "../machine/mod.ts";
import type { BatchResult, RoomStore } from "../stores/store.ts";
import { type Answered, createBatches } from "./batches.ts";
import { createStoreBreaker } from "./breaker.ts";
import { hasWaiters, isBehind, seenAfter } from "./seen.ts";
import { createStoreClock } from "./store-clock.ts";

/** How old a status may be, in milliseconds, before it is read again, and before the room is looked at where somebody waits. */
const freshMs = 1000;
/** How much later, at most and at random, a node reads than another one, in milliseconds: the first look serves all of them. */
const spreadMs = 250;
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
  const clock = createStoreClock(() => loop.now(), now);
  const batches = createBatches({ send, loop, maxQueued, maxWaitMs: 2 * timeoutMs, lostMs: 4 * timeoutMs });
  let seen: Seen | undefined;
  let last: RoomStatus | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let goodForMs = freshMs;
  let reading: Promise<RoomStatus> | undefined;
  let answeredAt: number | undefined;
  /** Before the first answer the configuration is younger than none, and makes a room only where there is none. */
  let since = 0;
  let unwatch: (() => void) | undefined;
  let isClosed = false;

  /** Runs what reaches the store, within its time and behind the breaker. */
  async function reach<T>(doing: string, make: () => Promise<T>): Promise<T> {
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
  }

  async function send(commands: readonly Command[]): Promise<BatchResult> {
    const askedAt = loop.now();
    const result = await reach(
      "asked for a batch",
      () => store.run(key, { room: { ...room, since }, seen, commands }),
    );
    const { status } = result;
    if (since === 0) since = status.now;
    clock.set(status.now, askedAt);
    answeredAt = status.now;
    learn(status);
    return result;
  }

  /** Answers may overtake each other; an older one changes nothing. */
  function learn(status: RoomStatus): void {
    const isOlder = last !== undefined && (last.epoch > status.epoch || last.now > status.now);
    seen = seenAfter(seen, status);
    if (isOlder) return;
    last = status;
    readAt = loop.now();
    goodForMs = freshMs + random() * spreadMs;
  }

  /** Looks at the room, which keeps it moving. */
  function look(): Promise<BatchResult> {
    return store.batchesItself === true ? send([]) : batches.look();
  }

  function watch(): void {
    if (unwatch !== undefined || isClosed) return;
    unwatch = store.watch?.(key, learn) ?? (() => {});
  }

  async function refresh(): Promise<RoomStatus> {
    const told = await reach("asked for the status", () => store.status(key));
    // A room that was known and is not there any more was lost, and the next batch puts it together again.
    const isLost = told === undefined || (seen !== undefined && isBehind(told, seen));
    if (!isLost) {
      learn(told);
      const storeNow = clock.now();
      // How old a status is nobody can tell without the store's clock.
      const isYoung = storeNow !== undefined && storeNow - told.now < freshMs;
      if (isYoung || !hasWaiters(told)) return told;
    }
    return (await look()).status;
  }

  return {
    submit(command) {
      watch();
      if (store.batchesItself === true) return alone(command);
      const refusal = breaker.refusal();
      return refusal === undefined ? batches.submit(command) : Promise.reject(refusal);
    },
    status() {
      watch();
      if (last !== undefined && loop.now() - readAt < goodForMs) return last;
      if (reading !== undefined) return reading;
      const read = refresh().finally(() => reading = undefined);
      return reading = read;
    },
    time() {
      return clock.now() ?? look().then(({ status }) => status.now);
    },
    now: () => clock.now(),
    get last() {
      return last;
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
      isClosed = true;
      unwatch?.();
      unwatch = undefined;
    },
  };

  async function alone(command: Command): Promise<Answered> {
    const { outcomes: [outcome], status } = await send([command]);
    if (outcome === undefined) throw new ServiceError("malformed", "The store left a command unanswered");
    return { outcome, status };
  }
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

import type { Loop } from "../../../src/async/loop.ts";
import { GateError } from "../../../src/errors.ts";
import type { RoomStatus, Seen } from "../machine/mod.ts";
import type { BatchResult } from "../stores/store.ts";
import type { Known } from "./known.ts";
import { hasWaiters, isBehind } from "./seen.ts";
import type { StatusKeeper } from "./status-cache.ts";
import type { StoreClock } from "./store-clock.ts";

/** How old what the last batch left may be, in milliseconds, before the room is looked at where somebody waits. */
const freshMs = 1000;

/** By what a room's status is come by. */
export interface StatusSources {
  readonly known: Known;
  readonly clock: StoreClock;
  /** Reads the status that the last batch left. */
  readonly read: () => Promise<RoomStatus | undefined>;
  /** Looks at the room, which keeps it moving. */
  readonly look: () => Promise<BatchResult>;
  /** What others near by have read a moment ago. */
  readonly keeper: StatusKeeper | undefined;
  readonly loop: Loop;
  /** The wall clock, in Unix milliseconds. */
  readonly wall: () => number;
  /** After how long a reading that never ended is given up, in milliseconds. */
  readonly lostMs: number;
  /** Whether a reading ends together with the request that began it, also for those others who wait for it. */
  readonly isEnding: boolean;
}

/** What is found without changing anything. */
export interface Peeked {
  /** The status that the last batch left; `undefined` where there is no such room yet. */
  readonly status: RoomStatus | undefined;
  /** The time of the room, or what comes next to it: that of this machine. */
  readonly time: number;
}

/** Tells status and time of a room. */
export interface StatusReader {
  status(): RoomStatus | Promise<RoomStatus>;
  time(): number | Promise<number>;
  peek(): Promise<Peeked>;
}

/** Makes it. What is known and young enough is there at once; then what others near by know is asked for, and then the store. */
export function createStatusReader(sources: StatusSources): StatusReader {
  const { known, clock, read, look, keeper, loop, wall, lostMs, isEnding } = sources;
  let reading: Promise<RoomStatus> | undefined;
  let readingSince = 0;
  /** What a store said that tells what it has, and takes no batch; and until when nobody asks it again. */
  let refusal: { readonly cause: unknown; readonly until: number } | undefined;

  /** What others have read. Its time is a second old at most: told early, and never late. */
  async function found(): Promise<RoomStatus | undefined> {
    const kept = await keeper?.read();
    if (kept === undefined || isLost(kept.status, known.seen)) return undefined;
    known.learn(kept.status, kept.ageMs);
    if (clock.now() === undefined && kept.time !== undefined) clock.set(kept.time, loop.now());
    return kept.status;
  }

  async function keep(status: RoomStatus): Promise<RoomStatus> {
    await keeper?.write({ status, time: clock.now() });
    return status;
  }

  async function asked(): Promise<RoomStatus> {
    const told = await read();
    if (isLost(told, known.seen)) return (await look()).status;
    known.learn(told);
    return isYoung(told, clock.now()) || !hasWaiters(told) ? told : await moved(told);
  }

  /** Keeps the room moving. A replica, or a store that is full, goes on telling what it was like: that is not how it is. */
  async function moved(told: RoomStatus): Promise<RoomStatus> {
    try {
      return (await look()).status;
    } catch (cause) {
      // One answer that is late, or lost, says nothing of the next.
      if (!(cause instanceof GateError && cause.code === "timeout")) {
        known.learn(told, Infinity);
        refusal = { cause, until: loop.now() + freshMs };
      }
      throw cause;
    }
  }

  async function refresh(): Promise<RoomStatus> {
    return await found() ?? await keep(await asked());
  }

  async function timeAsked(): Promise<number> {
    await found();
    return clock.now() ?? (await keep((await look()).status)).now;
  }

  function status(): RoomStatus | Promise<RoomStatus> {
    const fresh = known.fresh();
    if (fresh !== undefined) return fresh;
    if (refusal !== undefined && loop.now() < refusal.until) return Promise.reject(refusal.cause);
    const leftMs = readingSince + lostMs - loop.now();
    // Some platforms end answers with the request that began them: what is long overdue is given up.
    if (reading !== undefined && leftMs > 0) {
      return isEnding ? joined(reading, status, leftMs, loop) : reading;
    }
    readingSince = loop.now();
    const own = refresh().finally(() => {
      if (reading === own) reading = undefined;
    });
    return reading = own;
  }

  return {
    status,
    time: () => clock.now() ?? timeAsked(),
    async peek() {
      const status = known.fresh() ?? await read();
      return { status, time: clock.now() ?? Math.max(wall(), status?.now ?? 0) };
    },
  };
}

/** What another request reads, or what is read anew where that does not come in time. */
function joined(
  others: Promise<RoomStatus>,
  status: StatusReader["status"],
  leftMs: number,
  loop: Loop,
): Promise<RoomStatus> {
  return new Promise((resolve, reject) => {
    const cancel = loop.wait(() => void (async () => await status())().then(resolve, reject), leftMs);
    void others.then(resolve, reject).finally(cancel);
  });
}

/** Whether a room that was known is not there any more, or went back: the next batch puts it together again. */
function isLost(told: RoomStatus | undefined, seen: Seen | undefined): told is undefined {
  return told === undefined || (seen !== undefined && isBehind(told, seen));
}

/** How old a status is nobody can tell without the store's clock. */
function isYoung({ now }: RoomStatus, storeNow: number | undefined): boolean {
  return storeNow !== undefined && storeNow - now < freshMs;
}

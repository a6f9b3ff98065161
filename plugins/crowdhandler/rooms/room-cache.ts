import { withDeadline } from "../../../src/async/deadline.ts";
import { keepAlive } from "../../../src/async/keep-alive.ts";
import { createRefresher, type Refresher } from "../../../src/async/refresher.ts";
import { GateError } from "../../../src/errors.ts";
import type { Context } from "../../../src/context.ts";
import type { Call, Calls } from "../../../src/service.ts";
import type { Rooms } from "./rooms.ts";

/** After a failed fetch, how long the next one waits, so that an outage does not slow every page. */
const retryMs = 5000;

/** How the rooms are kept, all in milliseconds. */
export interface RoomCacheLimits {
  readonly ttlMs: number;
  readonly maxStaleMs: number;
  /** Measures the age that is told: it need not tell the time. */
  readonly timer?: () => number;
}

/** Keeps the rooms: fetched in the background while there is a usable copy, once for all who wait for it. */
export class RoomCache {
  readonly #load: Call<Rooms>;
  readonly #limits: RoomCacheLimits;
  readonly #refresher: Refresher<Rooms>;
  #rooms: Rooms | undefined;
  #loadedAt = Number.NEGATIVE_INFINITY;
  #failure: unknown;
  #restMs = 0;
  #markedAt = 0;
  /** Whether the attempt that goes on waits for its turn, because as many calls are under way as may be. */
  #isInLine = false;

  constructor(load: Call<Rooms>, limits: RoomCacheLimits) {
    this.#load = load;
    this.#limits = limits;
    this.#refresher = createRefresher<Rooms>({
      lostMs: 2 * load.timeoutMs,
      rest: () => ({ dueMs: this.#restMs }),
    });
  }

  /** How old the rooms are, in milliseconds; `undefined` while there is none. */
  ageMs(): number | undefined {
    return this.#rooms === undefined ? undefined : Math.max(0, Math.round(this.#time() - this.#markedAt));
  }

  #time(): number {
    return (this.#limits.timer ?? (() => performance.now()))();
  }

  /**
   * Gives the rooms, at once when a copy is at hand. The platform is asked to keep the fetch alive: it is everybody's,
   * and some platforms end what a request began when its visitor hangs up.
   */
  get(ctx: Context, calls: Calls, now: number): Rooms | Promise<Rooms> {
    const { ttlMs, maxStaleMs } = this.#limits;
    const rooms = this.#rooms;
    const isDue = this.#refresher.isDue(now);
    if (rooms !== undefined && now - this.#loadedAt < ttlMs + maxStaleMs) {
      if (isDue && !calls.refuses()) this.#refreshFor(ctx, calls, now).catch(() => {});
      return rooms;
    }
    // Who waits for a fetch that another request began has a time limit of their own: platforms may end that one.
    return isDue || this.#refresher.current(now) !== undefined
      ? this.#wait(this.#refreshFor(ctx, calls, now))
      : Promise.reject(this.#failure);
  }

  async #wait(refresh: Promise<Rooms>): Promise<Rooms> {
    try {
      return await withDeadline(refresh, this.#load.timeoutMs, this.#load.what);
    } catch (cause) {
      // A service that was not asked has not failed.
      throw this.#isInLine
        ? new GateError("overloaded", `${this.#load.what} had no turn in its time`)
        : cause;
    }
  }

  #refreshFor(ctx: Context, calls: Calls, now: number): Promise<Rooms> {
    const refresh = this.#refresher.current(now) ??
      this.#refresher.begin((isLast) => this.#attempt(calls, now, isLast), () => now);
    keepAlive(ctx.platform, refresh.catch(() => {}));
    return refresh;
  }

  async #attempt(calls: Calls, now: number, isLast: () => boolean): Promise<Rooms> {
    let isMade = false;
    this.#isInLine = true;
    try {
      const rooms = await calls.run({
        ...this.#load,
        make: (signal) => {
          isMade = true;
          if (isLast()) this.#isInLine = false;
          return this.#load.make(signal);
        },
      });
      // A fetch that was given up may still arrive, later than its successor.
      if (!isLast()) return rooms;
      this.#restMs = this.#limits.ttlMs;
      this.#loadedAt = now;
      this.#markedAt = this.#time();
      return this.#rooms = rooms;
    } catch (failure) {
      if (isLast()) {
        this.#isInLine = false;
        // Who did not let the call through says when the next one may be made.
        this.#restMs = isMade ? retryMs : 0;
        if (isMade) this.#failure = failure;
      }
      throw failure;
    }
  }
}

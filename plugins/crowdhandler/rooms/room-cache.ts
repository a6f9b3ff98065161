import { withDeadline } from "../../../src/async/deadline.ts";
import type { Context } from "../../../src/context.ts";
import { callService, serviceCalls } from "../../../src/service.ts";
import type { Rooms } from "./rooms.ts";

/** After a failed fetch, how long the next one waits, so that an outage does not slow every page. */
const retryMs = 5000;

/** How the rooms are kept, all in milliseconds. */
export interface RoomCacheLimits {
  readonly ttlMs: number;
  readonly maxStaleMs: number;
  readonly timeoutMs: number;
  /** Measures the age that is told: it need not tell the time. */
  readonly timer?: () => number;
}

/** Keeps the rooms: fetched in the background while there is a usable copy, once for all who wait for it. */
export class RoomCache {
  readonly #load: () => Promise<Rooms>;
  readonly #limits: RoomCacheLimits;
  #rooms: Rooms | undefined;
  #loadedAt = Number.NEGATIVE_INFINITY;
  #failure: unknown;
  #failedAt = Number.NEGATIVE_INFINITY;
  #loading: Promise<Rooms> | undefined;
  #loadingSince = 0;
  #markedAt = 0;

  constructor(load: () => Promise<Rooms>, limits: RoomCacheLimits) {
    this.#load = load;
    this.#limits = limits;
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
  get(ctx: Context, now: number): Rooms | Promise<Rooms> {
    const { ttlMs, maxStaleMs, timeoutMs } = this.#limits;
    const age = now - this.#loadedAt;
    const rooms = this.#rooms;
    if (rooms !== undefined && age >= 0 && age < ttlMs) return rooms;
    const waits = now >= this.#failedAt && now - this.#failedAt < retryMs;
    if (rooms !== undefined && age < ttlMs + maxStaleMs) {
      const isFree = !waits && !this.#isLoading(now) && ctx.get(serviceCalls)?.refuses?.() !== true;
      if (isFree) this.#refreshFor(ctx, now).catch(() => {});
      return rooms;
    }
    // Who waits for a fetch that another request began has a time limit of their own: platforms may end that one.
    return waits
      ? Promise.reject(this.#failure)
      : withDeadline(this.#refreshFor(ctx, now), timeoutMs, "GET /v1/rooms");
  }

  #refreshFor(ctx: Context, now: number): Promise<Rooms> {
    const refresh = this.#refresh(ctx, now);
    ctx.platform.waitUntil?.(refresh.catch(() => {}));
    return refresh;
  }

  #isLoading(now: number): boolean {
    return this.#loading !== undefined && Math.abs(now - this.#loadingSince) < 2 * this.#limits.timeoutMs;
  }

  #refresh(ctx: Context, now: number): Promise<Rooms> {
    if (this.#loading !== undefined && this.#isLoading(now)) return this.#loading;
    this.#loadingSince = now;
    let isMade = false;
    const loading: Promise<Rooms> = callService(ctx, () => {
      isMade = true;
      return this.#load();
    }).then(
      (rooms) => {
        // A fetch that was given up may still arrive, later than its successor.
        if (this.#loading !== loading) return rooms;
        this.#loading = undefined;
        this.#loadedAt = now;
        this.#markedAt = this.#time();
        return this.#rooms = rooms;
      },
      (failure: unknown) => {
        if (this.#loading === loading) {
          this.#loading = undefined;
          // Who did not let the call through says when the next one may be made.
          if (!isMade) throw failure;
          this.#failure = failure;
          this.#failedAt = now;
        }
        throw failure;
      },
    );
    return this.#loading = loading;
  }
}

import { withDeadline } from "../../../src/async/deadline.ts";
import type { Context } from "../../../src/context.ts";
import { callService, serviceCalls } from "../../../src/service.ts";
import type { Feed } from "./rooms.ts";

/** After a failed fetch, how long the next one waits, so that an outage does not slow every page. */
const retryMs = 5000;

/** How a feed is kept, all in milliseconds. */
export interface FeedLimits {
  readonly ttlMs: number;
  readonly maxStaleMs: number;
  readonly timeoutMs: number;
  /** Measures the age that is told: it need not tell the time. */
  readonly timer?: () => number;
}

/** Keeps the rooms feed: fetched in the background while there is a usable copy, once for all who wait for it. */
export class FeedCache {
  readonly #load: () => Promise<Feed>;
  readonly #limits: FeedLimits;
  #feed: Feed | undefined;
  #loadedAt = Number.NEGATIVE_INFINITY;
  #failure: unknown;
  #failedAt = Number.NEGATIVE_INFINITY;
  #loading: Promise<Feed> | undefined;
  #loadingSince = 0;
  #markedAt = 0;

  constructor(load: () => Promise<Feed>, limits: FeedLimits) {
    this.#load = load;
    this.#limits = limits;
  }

  /** How old the feed is, in milliseconds; `undefined` while there is none. */
  ageMs(): number | undefined {
    return this.#feed === undefined ? undefined : Math.max(0, Math.round(this.#time() - this.#markedAt));
  }

  #time(): number {
    return (this.#limits.timer ?? (() => performance.now()))();
  }

  /**
   * Gives the feed, at once when a copy is at hand. The platform is asked to keep the fetch alive: it is everybody's,
   * and some platforms end what a request began when its visitor hangs up.
   */
  get(ctx: Context, now: number): Feed | Promise<Feed> {
    const { ttlMs, maxStaleMs, timeoutMs } = this.#limits;
    const age = now - this.#loadedAt;
    const feed = this.#feed;
    if (feed !== undefined && age >= 0 && age < ttlMs) return feed;
    const waits = now >= this.#failedAt && now - this.#failedAt < retryMs;
    if (feed !== undefined && age < ttlMs + maxStaleMs) {
      const isFree = !waits && !this.#isLoading(now) && ctx.get(serviceCalls)?.refuses?.() !== true;
      if (isFree) this.#refreshFor(ctx, now).catch(() => {});
      return feed;
    }
    // Who waits for a fetch that another request began has a time limit of their own: platforms may end that one.
    return waits
      ? Promise.reject(this.#failure)
      : withDeadline(this.#refreshFor(ctx, now), timeoutMs, "GET /v1/rooms");
  }

  #refreshFor(ctx: Context, now: number): Promise<Feed> {
    const refresh = this.#refresh(ctx, now);
    ctx.platform.waitUntil?.(refresh.catch(() => {}));
    return refresh;
  }

  #isLoading(now: number): boolean {
    return this.#loading !== undefined && Math.abs(now - this.#loadingSince) < 2 * this.#limits.timeoutMs;
  }

  #refresh(ctx: Context, now: number): Promise<Feed> {
    if (this.#loading !== undefined && this.#isLoading(now)) return this.#loading;
    this.#loadingSince = now;
    let isMade = false;
    const loading: Promise<Feed> = callService(ctx, () => {
      isMade = true;
      return this.#load();
    }).then(
      (feed) => {
        // A fetch that was given up may still arrive, later than its successor.
        if (this.#loading !== loading) return feed;
        this.#loading = undefined;
        this.#loadedAt = now;
        this.#markedAt = this.#time();
        return this.#feed = feed;
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

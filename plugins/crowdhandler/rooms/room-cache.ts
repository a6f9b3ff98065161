import { withDeadline } from "../../../src/async/deadline.ts";
import { createRefresher, type Refresher } from "../../../src/async/refresher.ts";
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
  readonly #refresher: Refresher<Feed>;
  #feed: Feed | undefined;
  #loadedAt = Number.NEGATIVE_INFINITY;
  #failure: unknown;
  #restMs = 0;
  #markedAt = 0;

  constructor(load: () => Promise<Feed>, limits: FeedLimits) {
    this.#load = load;
    this.#limits = limits;
    this.#refresher = createRefresher<Feed>({
      lostMs: 2 * limits.timeoutMs,
      rest: () => ({ dueMs: this.#restMs }),
    });
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
    const feed = this.#feed;
    const isDue = this.#refresher.isDue(now);
    if (feed !== undefined && now - this.#loadedAt < ttlMs + maxStaleMs) {
      if (isDue && ctx.get(serviceCalls)?.refuses?.() !== true) this.#refreshFor(ctx, now).catch(() => {});
      return feed;
    }
    // Who waits for a fetch that another request began has a time limit of their own: platforms may end that one.
    return isDue || this.#refresher.current(now) !== undefined
      ? withDeadline(this.#refreshFor(ctx, now), timeoutMs, "GET /v1/rooms")
      : Promise.reject(this.#failure);
  }

  #refreshFor(ctx: Context, now: number): Promise<Feed> {
    const refresh = this.#refresher.current(now) ??
      this.#refresher.begin((isLast) => this.#attempt(ctx, now, isLast), () => now);
    ctx.platform.waitUntil?.(refresh.catch(() => {}));
    return refresh;
  }

  async #attempt(ctx: Context, now: number, isLast: () => boolean): Promise<Feed> {
    let isMade = false;
    try {
      const feed = await callService(ctx, () => {
        isMade = true;
        return this.#load();
      });
      // A fetch that was given up may still arrive, later than its successor.
      if (!isLast()) return feed;
      this.#restMs = this.#limits.ttlMs;
      this.#loadedAt = now;
      this.#markedAt = this.#time();
      return this.#feed = feed;
    } catch (failure) {
      if (isLast()) {
        // Who did not let the call through says when the next one may be made.
        this.#restMs = isMade ? retryMs : 0;
        if (isMade) this.#failure = failure;
      }
      throw failure;
    }
  }
}

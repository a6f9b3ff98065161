import { withDeadline } from "../../../src/async/deadline.ts";
import { createRefresher } from "../../../src/async/refresher.ts";
import type { Schedule } from "../../../src/async/schedule.ts";
import type { Feed, RefreshingSource } from "./integration-source.ts";

/** What keeps a feed fresh. */
export interface Refreshing {
  readonly feed: Feed;
  /** Gets the text, which may be the same again. */
  readonly load: () => string | Promise<string>;
  /** When to get the next one, in milliseconds; 0 for never. */
  readonly nextMs: () => number;
  /** How long one attempt may take, with all its calls; beyond, it is given up. */
  readonly attemptMs: number;
  /** How long after its beginning requests wait for an attempt, while there is no configuration. */
  readonly waitMs: number;
  readonly now: () => number;
  readonly schedule: Schedule;
  /** Is told of failures in the background. */
  readonly warn: (message: string) => void;
}

const what = "The integration configuration";

/** Where timers do not run between requests, how late a refresh is before a request sees to it. */
const lateMs = 5000;

/** Gets the configuration once a provider asks, and then again and again. */
export function keepFresh(refreshing: Refreshing): RefreshingSource {
  const { feed, load, nextMs, attemptMs, waitMs, now, schedule, warn } = refreshing;
  let text: string | undefined;
  let begunAt = 0;
  let isClosed = false;
  const refresher = createRefresher<void>({
    lostMs: attemptMs,
    rest() {
      const timerMs = nextMs();
      if (timerMs === 0) return { dueMs: Number.POSITIVE_INFINITY };
      return { dueMs: feed.status().isLoaded ? timerMs : 0, timerMs };
    },
    now,
    schedule,
    wake: () => void refresh().catch(reportToConsole),
  });

  function take(loaded: string): void {
    if (loaded === text) return feed.confirm();
    feed.deliver(loaded);
    text = loaded;
  }

  function reportToConsole(error: unknown): void {
    warn(
      `queue-it: ${
        error instanceof Error ? error.message : "the integration configuration could not be had"
      }`,
    );
  }

  function begin(loading: Promise<string>): Promise<void> {
    begunAt = now();
    return refresher.begin(async (isLast) => {
      try {
        const loaded = await loading;
        if (isLast()) take(loaded);
      } catch (error) {
        if (isLast()) feed.failed(error);
        throw error;
      }
    });
  }

  function beginNow(): Promise<void> {
    return begin(Promise.resolve().then(load));
  }

  function refresh(): Promise<void> {
    return withDeadline(refresher.current(now()) ?? beginNow(), attemptMs, what);
  }

  /** The first one is there at once if it can be. */
  function start(): void {
    if (refresher.current(now()) !== undefined || text !== undefined) return;
    try {
      const loaded = load();
      if (typeof loaded !== "string") {
        begin(Promise.resolve(loaded)).catch(reportToConsole);
        return;
      }
      take(loaded);
    } catch (error) {
      feed.failed(error);
      reportToConsole(error);
    }
    refresher.ended();
  }

  return {
    subscribe(prepare) {
      feed.subscribe(prepare);
      start();
    },
    visited(keepAlive) {
      if (isClosed) return undefined;
      const time = now();
      if (refresher.isDue(time, refresher.isTimed() ? lateMs : 0)) {
        keepAlive(beginNow().catch(reportToConsole));
      }
      const loading = refresher.current(time);
      if (loading === undefined) return undefined;
      // After one failure nobody waits any more: the failure policy is quicker.
      const { isLoaded, lastError } = feed.status();
      const left = begunAt + waitMs - time;
      return isLoaded || lastError !== undefined || left <= 0 ? undefined : withDeadline(loading, left, what);
    },
    deliver(configuration) {
      feed.deliver(configuration);
      // What is pulled next counts again, even if it was pulled before.
      text = typeof configuration === "string" ? configuration : undefined;
    },
    status: () => feed.status(),
    refresh,
    close() {
      isClosed = true;
      refresher.close();
      feed.close();
    },
  };
}

import { withDeadline } from "../../../src/async/deadline.ts";
import { quietly } from "../../../src/async/quietly.ts";
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
  const { feed } = refreshing;
  const loader = loaderOf(refreshing);
  let isClosed = false;

  return {
    subscribe(prepare) {
      feed.subscribe(prepare);
      loader.start();
    },
    longestMs: refreshing.waitMs,
    visited: (keepAlive) => isClosed ? undefined : loader.visited(keepAlive),
    deliver(configuration) {
      feed.deliver(configuration);
      loader.delivered(configuration);
    },
    status: () => feed.status(),
    refresh: loader.refresh,
    close() {
      isClosed = true;
      loader.close();
      feed.close();
    },
  };
}

/** What gets texts and hands them to the feed. */
interface Loader {
  /** Gets the first text, at once if that can be. */
  start(): void;
  visited(keepAlive: (work: Promise<unknown>) => void): Promise<void> | undefined;
  refresh(): Promise<void>;
  /** Says that a configuration came in another way. */
  delivered(configuration: unknown): void;
  close(): void;
}

function loaderOf({ feed, load, nextMs, attemptMs, waitMs, now, schedule, warn }: Refreshing): Loader {
  let text: string | undefined;
  let begunAt = 0;
  const refresher = createRefresher<void>({
    lostMs: attemptMs,
    rest() {
      const timerMs = nextMs();
      if (timerMs === 0) return { dueMs: Number.POSITIVE_INFINITY };
      return { dueMs: feed.status().isLoaded ? timerMs : 0, timerMs };
    },
    now,
    schedule,
    wake: () => void refresh().catch(complain),
  });

  function take(loaded: string): void {
    if (loaded === text) return feed.confirm();
    feed.deliver(loaded);
    text = loaded;
  }

  function complain(error: unknown): void {
    const why = error instanceof Error ? error.message : "the integration configuration could not be had";
    quietly(() => warn(`queue-it: ${why}`));
  }

  function begin(loading: Promise<string> = Promise.resolve().then(load)): Promise<void> {
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

  function refresh(): Promise<void> {
    return withDeadline(refresher.current(now()) ?? begin(), attemptMs, what);
  }

  return {
    start() {
      if (refresher.current(now()) !== undefined || text !== undefined) return;
      try {
        const loaded = load();
        if (typeof loaded !== "string") {
          begin(Promise.resolve(loaded)).catch(complain);
          return;
        }
        take(loaded);
      } catch (error) {
        feed.failed(error);
        complain(error);
      }
      refresher.ended();
    },
    visited(keepAlive) {
      const time = now();
      if (refresher.isDue(time, refresher.isTimed() ? lateMs : 0)) keepAlive(begin().catch(complain));
      const loading = refresher.current(time);
      if (loading === undefined) return undefined;
      // After one failure nobody waits any more: the failure policy is quicker.
      const { isLoaded, lastError } = feed.status();
      const left = begunAt + waitMs - time;
      return isLoaded || lastError !== undefined || left <= 0 ? undefined : withDeadline(loading, left, what);
    },
    refresh,
    delivered(configuration) {
      // What is pulled next counts again, even if it was pulled before.
      text = typeof configuration === "string" ? configuration : undefined;
    },
    close: refresher.close,
  };
}

import { withDeadline } from "./deadline.ts";
import { type Schedule, schedule } from "./schedule.ts";
import type { Feed, RefreshingSource } from "../../plugins/queue-it/sources/integration-source.ts";

export { type Schedule, schedule };

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

/** Where timers do not run between requests, how late a refresh is before a request sees to it. */
const lateMs = 5000;

/**
 * Gets the configuration once a provider asks, and then again and again, one attempt at a time: by a timer, or by the
 * next request where timers do not run between requests.
 */
export function keepFresh(refreshing: Refreshing): RefreshingSource {
  const { feed, load, nextMs, attemptMs, waitMs, now, schedule, warn } = refreshing;
  let text: string | undefined;
  let running: Promise<void> | undefined;
  let runningSince = 0;
  let dueAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;
  let closed = false;

  function take(loaded: string): void {
    if (loaded === text) return feed.confirm();
    feed.deliver(loaded);
    text = loaded;
  }

  function later(): void {
    cancel?.();
    cancel = undefined;
    const ms = nextMs();
    if (closed || ms === 0) {
      dueAt = Number.POSITIVE_INFINITY;
      return;
    }
    dueAt = now() + (feed.status().isLoaded ? ms : 0) + lateMs;
    try {
      cancel = schedule(() => void refresh().catch(complain), ms);
    } catch {
      // Workers set no timers outside of requests: the next request is the clock.
      dueAt = Number.NEGATIVE_INFINITY;
    }
  }

  function complain(error: unknown): void {
    warn(
      `queue-it: ${
        error instanceof Error ? error.message : "the integration configuration could not be had"
      }`,
    );
  }

  function failed(error: unknown): never {
    feed.failed(error);
    throw error;
  }

  /** An attempt that the platform ended with its request never ends: after its time it is given up. */
  function current(): Promise<void> | undefined {
    return running !== undefined && Math.abs(now() - runningSince) <= attemptMs ? running : undefined;
  }

  function refresh(): Promise<void> {
    return withDeadline(
      current() ?? run(Promise.resolve().then(load)),
      attemptMs,
      "The integration configuration",
    );
  }

  /** Follows one attempt to its end, and sees to the next. */
  function run(loading: Promise<string>): Promise<void> {
    const attempt = loading.then(take).catch(failed).finally(() => {
      if (running === attempt) running = undefined;
      later();
    });
    runningSince = now();
    return running = attempt;
  }

  /** The first one is there at once if it can be. */
  function start(): void {
    if (running !== undefined || text !== undefined) return;
    try {
      const loaded = load();
      if (typeof loaded === "string") {
        take(loaded);
        return later();
      }
      run(loaded).catch(complain);
    } catch (error) {
      feed.failed(error);
      complain(error);
      later();
    }
  }

  return {
    subscribe(prepare) {
      feed.subscribe(prepare);
      start();
    },
    visited(keepAlive) {
      if (closed) return undefined;
      if (current() === undefined && now() >= dueAt) {
        // Until this attempt ends, nobody else begins one.
        dueAt = Number.POSITIVE_INFINITY;
        keepAlive(run(Promise.resolve().then(load)).catch(complain));
      }
      const loading = current();
      if (loading === undefined) return undefined;
      // After one failure nobody waits any more: the failure policy is quicker.
      const { isLoaded, lastError } = feed.status();
      const left = runningSince + waitMs - now();
      if (isLoaded || lastError !== undefined || left <= 0) return undefined;
      return withDeadline(loading, left, "The integration configuration");
    },
    deliver(configuration) {
      feed.deliver(configuration);
      // What is pulled next counts again, even if it was pulled before.
      text = typeof configuration === "string" ? configuration : undefined;
    },
    status: () => feed.status(),
    refresh,
    close() {
      closed = true;
      cancel?.();
      feed.close();
    },
  };
}

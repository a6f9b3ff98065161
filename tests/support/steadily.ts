/** How much time passes at most before the loop looks at its sockets again, in milliseconds. */
const mostMs = 5;

/** A timer. It has what Node's have, which Bun's own server uses. */
interface Timer {
  at: number;
  readonly everyMs: number | undefined;
  readonly callback: () => void;
  ref(): this;
  unref(): this;
  hasRef(): boolean;
  refresh(): this;
}

/**
 * Makes a test whose time passes only while its loop runs: on a busy machine all that it measures and waits for takes longer,
 * and no timer comes late. A limit of 20 ms means the same then as on a machine that has nothing else to do.
 *
 * It takes the place of timers and of `performance.now()` for everything that runs meanwhile. It is neither for tests
 * of what a loop that stands still does, nor does it help with limits for other processes and threads.
 */
export function steadily(run: () => void | Promise<void>): () => Promise<void> {
  return async () => {
    const stop = startSteadyTime();
    try {
      await run();
    } finally {
      stop();
    }
  };
}

/** Begins that; returns what ends it. What is still waited for then never comes. */
function startSteadyTime(): () => void {
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const realNow = performance.now;
  const timers = new Set<unknown>();
  let time = realNow.call(performance);
  let ticking = setTimeout(tick, 0, time);

  /** Runs one timer that is due. Where none is, time passes, up to where the next one is. */
  function tick(since: number): void {
    const at = realNow.call(performance);
    ticking = setTimeout(tick, 0, at);
    const next = firstOf(timers as Set<Timer>);
    if (next === undefined || next.at > time) {
      // Workers' clock may stand still.
      const passedMs = Math.min(Math.max(at - since, 1), mostMs);
      time = Math.min(time + passedMs, next?.at ?? Infinity);
    } else {
      if (next.everyMs === undefined) timers.delete(next);
      else next.at = time + next.everyMs;
      next.callback();
    }
  }

  function set(
    isRepeated: boolean,
    callback: (...args: unknown[]) => void,
    ms: number,
    args: unknown[],
  ): Timer {
    const dueMs = Math.max(1, ms);
    const timer: Timer = {
      at: time + dueMs,
      everyMs: isRepeated ? dueMs : undefined,
      callback: () => callback(...args),
      ref: () => timer,
      unref: () => timer,
      hasRef: () => true,
      refresh() {
        timer.at = time + dueMs;
        timers.add(timer);
        return timer;
      },
    };
    return timer.refresh();
  }

  /** Calls a timer off; one that was set before goes on by itself. */
  function clear(timer: number | undefined): void {
    if (!timers.delete(timer)) clearTimeout(timer);
  }

  Object.defineProperty(performance, "now", { configurable: true, writable: true, value: () => time });
  Object.assign(globalThis, {
    setTimeout: (callback: () => void, ms = 0, ...args: unknown[]) => set(false, callback, ms, args),
    setInterval: (callback: () => void, ms = 0, ...args: unknown[]) => set(true, callback, ms, args),
    clearTimeout: clear,
    clearInterval: clear,
  });
  return () => {
    clearTimeout(ticking);
    Object.defineProperty(performance, "now", { configurable: true, writable: true, value: realNow });
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
  };
}

/** The timer that is due first, and of several the one that was set first. */
function firstOf(timers: ReadonlySet<Timer>): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timers) if (first === undefined || timer.at < first.at) first = timer;
  return first;
}

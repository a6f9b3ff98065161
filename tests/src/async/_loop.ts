import type { Loop } from "../../../src/async/loop.ts";

/** A loop whose clock moves when a test says so, and whose turns take as long as a test says. */
export interface ManualLoop extends Loop {
  /** Lets time pass while the loop runs as it should: each callback comes when it is due. */
  pass(ms: number): void;
  /** Lets time pass while nothing runs. What is due comes behind. */
  stall(ms: number): void;
  /** Looks at what arrived, so many times. Each look takes so long. */
  look(times: number, ms?: number): void;
  /** What is waited for. */
  readonly waiting: number;
}

/** Makes a loop. */
export function manualLoop(): ManualLoop {
  const timers = new Map<object, { readonly at: number; readonly callback: () => void }>();
  let turns = new Set<() => void>();
  let time = 1000;

  function runDue(): void {
    const due = [...timers].filter(([, { at }]) => at <= time).sort(([, a], [, b]) => a.at - b.at);
    for (const [key, { callback }] of due) if (timers.delete(key)) callback();
  }

  return {
    now: () => time,
    wait(callback, ms) {
      const key = {};
      timers.set(key, { at: time + ms, callback });
      return () => timers.delete(key);
    },
    turn(callback) {
      turns.add(callback);
      return () => turns.delete(callback);
    },
    pass(ms) {
      for (const end = time + ms; time < end; runDue()) {
        time = Math.min(end, ...[...timers.values()].map(({ at }) => Math.max(at, time + 0.5)));
      }
    },
    stall(ms) {
      time += ms;
      runDue();
    },
    look(times, ms = 0) {
      for (let at = 0; at < times; at++) {
        const due = turns;
        turns = new Set();
        time += ms;
        due.forEach((callback) => callback());
      }
    },
    get waiting() {
      return timers.size + turns.size;
    },
  };
}

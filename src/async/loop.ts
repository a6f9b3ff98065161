/** What a deadline needs of the event loop: a clock, a timer, and one turn. Tests have their own. */
export interface Loop {
  /** A clock that does not jump, in milliseconds. It need not tell the time. */
  now(): number;
  /** Calls back after a time; returns what calls that off. */
  wait(callback: () => void, ms: number): () => void;
  /** Calls back after what has arrived from outside by now was looked at, or some of it; returns what calls that off. */
  turn(callback: () => void): () => void;
}

/** The loop of the platform. */
export const platformLoop: Loop = {
  now: () => performance.now(),
  wait(callback, ms) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  turn(callback) {
    const { setImmediate, clearImmediate } = immediates;
    // Workers have timers only, and see to what arrived between any two.
    if (setImmediate === undefined) return platformLoop.wait(callback, 0);
    // Node may run one timer behind the other without a look at its sockets; an immediate always comes after one.
    const immediate = setImmediate(callback);
    return () => clearImmediate?.(immediate);
  },
};

/** What Node, Deno and Bun have beside the Web's timers; other platforms have not, which the type says. */
const immediates = globalThis as {
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly clearImmediate?: (immediate: unknown) => void;
};

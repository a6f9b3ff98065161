/** Up to how far the wall clock may run away from the one that does not jump, in milliseconds, before neither is believed. */
const driftMs = 2000;

/** The clock of a store, as a node knows it from the store's answers. */
export interface StoreClock {
  /**
   * Tells the time by the store's clock, in Unix milliseconds; `undefined` before the first answer, and where the machine slept since
   * the last one, so that nobody knows how long.
   */
  now(): number | undefined;
  /**
   * Takes note of an answer.
   *
   * @param storeNow The time that it tells.
   * @param askedAt When it was asked for, by the clock that does not jump. So the time told here is a little early, never late.
   */
  set(storeNow: number, askedAt: number): void;
}

/**
 * Keeps the difference between the store's clock and one that does not jump. The wall clock alone is never asked for the time: it only
 * shows that the other one stood still, as it does on some machines while they sleep.
 *
 * @param steady A clock that does not jump, in milliseconds.
 * @param wall The wall clock, in Unix milliseconds.
 */
export function createStoreClock(steady: () => number, wall: () => number): StoreClock {
  let known: { readonly ahead: number; readonly wallAhead: number } | undefined;

  return {
    now() {
      if (known === undefined) return undefined;
      const at = steady();
      const slept = wall() - at - known.wallAhead;
      return slept > driftMs ? undefined : Math.floor(at + known.ahead);
    },
    set(storeNow, askedAt) {
      known = { ahead: storeNow - askedAt, wallAhead: wall() - steady() };
    },
  };
}

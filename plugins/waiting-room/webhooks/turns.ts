/** Work of which one piece goes on at a time. */
export interface Turns {
  /**
   * Joins the work that goes on, or begins it. Some platforms end what a request began together with it: work that was not heard of for too long is
   * given up.
   *
   * @param work Is handed what tells whether no other one was begun since.
   * @param lost Is called before it is begun in the place of one that was given up.
   */
  join(work: (isLast: () => boolean) => Promise<void>, lost?: () => void): Promise<void>;
  /** Says that the work goes on. */
  heard(): void;
}

/**
 * Makes the turns.
 *
 * @param now The clock, in milliseconds.
 * @param lostMs After how long work that was not heard of is given up.
 */
export function createTurns(now: () => number, lostMs: number): Turns {
  let underWay: Promise<void> | undefined;
  let heardAt = 0;
  let begun = 0;
  return {
    join(work, lost) {
      if (underWay !== undefined) {
        if (Math.abs(now() - heardAt) < lostMs) return underWay;
        lost?.();
      }
      heardAt = now();
      const number = ++begun;
      const own = work(() => number === begun).finally(() => {
        if (underWay === own) underWay = undefined;
      });
      return underWay = own;
    },
    heard: () => void (heardAt = now()),
  };
}

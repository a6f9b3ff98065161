import { endsWithRequest } from "./ends-with-request.ts";

/** Work of which one piece is under way for each key, and only so much in all. */
export interface SingleFlight<T> {
  /**
   * Joins the work that is under way for a key, or begins it.
   *
   * @param now The time, in Unix milliseconds.
   * @param work Is begun where there is none to join.
   * @returns What comes of it; `undefined` where too much is under way.
   */
  join(key: string, now: number, work: () => Promise<T>): Promise<T> | undefined;
}

/**
 * Makes it. Where the platform ends what a request began together with it, nobody waits for the work of another request, and work that it
 * ended is never heard of again: it counts no more after its time.
 *
 * @param most How much is under way at most.
 * @param lostMs After how long work counts no more, in milliseconds.
 */
export function createSingleFlight<T>(
  { most, lostMs, isEnding = endsWithRequest }: {
    readonly most: number;
    readonly lostMs: number;
    readonly isEnding?: boolean;
  },
): SingleFlight<T> {
  const underWay = new Set<Flight<T>>();
  return {
    join(key, now, work) {
      for (const each of underWay) {
        // A clock may have been put back.
        if (Math.abs(now - each.since) > lostMs) underWay.delete(each);
        else if (each.key === key && !isEnding) return each.result;
      }
      if (underWay.size >= most) return undefined;
      const flight: Flight<T> = { key, since: now, result: work().finally(() => underWay.delete(flight)) };
      underWay.add(flight);
      return flight.result;
    },
  };
}

interface Flight<T> {
  readonly key: string;
  readonly since: number;
  readonly result: Promise<T>;
}

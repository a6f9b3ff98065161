/** For how long what visitors brought counts, in milliseconds: between one and two of these. */
const spanMs = 60_000;
/** Of how many visitors is known at most in each. */
const most = 1000;
/** Of how many something has to be known, before it tells anything of what stands in front of all of them. */
const least = 20;

/** How old the status was that visitors had when it called them. */
export interface StatusAges {
  /**
   * Notes what a visitor had. Nobody counts for more than one, and what somebody made up is one of many.
   *
   * @param visitor Who it was.
   * @param seenMs The time in the status.
   * @param nowMs The room's time.
   */
  note(visitor: string, seenMs: number, nowMs: number): void;
  /** The age than which a quarter of them had an older one, in milliseconds; `undefined` where there were too few to tell. */
  upperQuartile(nowMs: number): number | undefined;
}

/** Makes what remembers these ages, in this process. A cache in front that keeps the status for too long is found by them. */
export function createStatusAges(): StatusAges {
  let begunAt = Number.NEGATIVE_INFINITY;
  let earlier: ReadonlyMap<string, number> = new Map();
  let ages = new Map<string, number>();

  function turn(nowMs: number): void {
    const since = nowMs - begunAt;
    if (since < spanMs) return;
    earlier = since < 2 * spanMs ? ages : new Map();
    ages = new Map();
    begunAt = nowMs;
  }

  return {
    note(visitor, seenMs, nowMs) {
      turn(nowMs);
      if (ages.size < most && !ages.has(visitor)) ages.set(visitor, Math.max(0, nowMs - seenMs));
    },
    upperQuartile(nowMs) {
      turn(nowMs);
      const known = [...new Map([...earlier, ...ages]).values()];
      if (known.length < least) return undefined;
      return known.sort((a, b) => a - b)[Math.floor(0.75 * (known.length - 1))];
    },
  };
}

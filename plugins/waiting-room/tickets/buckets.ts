/** Buckets of tokens, for more senders than are remembered. */

/** How much each sender may take. */
export interface BucketSize {
  /** What a full bucket holds. */
  readonly burst: number;
  /** How fast it fills again. */
  readonly perMinute: number;
}

/** One bucket for each sender. */
export interface Buckets {
  /** Whether a bucket has a token. It takes none. */
  has(key: number, now: number): boolean;
  /** Takes a token, where there is one. */
  take(key: number, now: number): void;
}

/** How many buckets stand together, among which the fullest one gives way. */
const setSize = 8;

/**
 * Makes buckets of a size, of which at most `count` are remembered.
 *
 * A bucket is the time at which it is full again (the generic cell rate algorithm, ITU-T I.371). One that is full is as good as
 * one that was never used. Where all in its set are in use, a new sender gets the fullest of them as it is: so nobody's bucket is
 * fuller for having been forgotten, however many senders come in between; for whoever is forgotten finds one that is emptier, or
 * the same. This is how the algorithm Space-Saving bounds its counts (Metwally and others, 2005).
 *
 * @param size How much each sender may take.
 * @param count How many buckets are remembered.
 */
export function createBuckets({ burst, perMinute }: BucketSize, count: number): Buckets {
  const intervalMs = 60_000 / perMinute;
  const depthMs = burst * intervalMs;
  /** How far from full a bucket is that has one token left, with a thousandth of one for what is lost by rounding. */
  const lastMs = depthMs - 0.999 * intervalMs;
  const sets = Math.max(1, Math.floor(count / setSize));
  const keys = new Float64Array(sets * setSize);
  const fullAt = new Float64Array(sets * setSize);

  /** The place of a sender's bucket, or of the one that it would take over. */
  function placeOf(key: number): number {
    const start = (key % sets) * setSize;
    let fullest = start;
    for (let place = start; place < start + setSize; place++) {
      if (keys[place] === key) return place;
      if ((fullAt[place] as number) < (fullAt[fullest] as number)) fullest = place;
    }
    return fullest;
  }

  /** A clock that was set back must not keep a bucket empty for longer than it takes to fill. */
  function fullTimeAt(place: number, now: number): number {
    return Math.min(Math.max(fullAt[place] as number, now), now + depthMs);
  }

  return {
    has: (key, now) => fullTimeAt(placeOf(key), now) - now <= lastMs,
    take(key, now) {
      const place = placeOf(key);
      const fullTime = fullTimeAt(place, now);
      if (fullTime - now > lastMs) return;
      keys[place] = key;
      fullAt[place] = fullTime + intervalMs;
    },
  };
}

/** The limits of a room, and what follows from them. */

/** How many people a room lets in, and for how long. */
export interface Limits {
  /** Admissions a minute; a fraction is fine, 0 admits nobody. */
  readonly admitPerMinute: number;
  /** For how long admissions that nobody took are saved up, in seconds. */
  readonly burstSeconds: number;
  /** How many people may be inside at once; 0 admits nobody, -1 is no limit. */
  readonly capacity: number;
  /** How long a pass is good, in milliseconds. */
  readonly sessionMs: number;
  /** For how long others must have been admitted past somebody who is away before the place is lost, in milliseconds. */
  readonly returnMs: number;
  /** After a loss of the state: whether lost sessions keep their places to the end, or ever fewer of them. */
  readonly recovery: "strict" | "linear";
}

/** The names of all limits. */
export const limitNames = [
  "admitPerMinute",
  "burstSeconds",
  "capacity",
  "sessionMs",
  "returnMs",
  "recovery",
] as const;

/** No limit of people inside. */
export const unlimited = -1;

/** Microseconds between two admissions, and how many may come at once. Of nobody at all both are 0. */
export interface Pace {
  readonly interval: number;
  readonly burst: number;
}

/** The pace of limits. An interval is whole, so that every store computes the same. */
export function paceOf({ admitPerMinute, burstSeconds }: Limits): Pace {
  if (!(admitPerMinute > 0)) return { interval: 0, burst: 0 };
  const interval = Math.ceil(60e6 / admitPerMinute);
  return { interval, burst: Math.max(3, Math.floor(burstSeconds * 1e6 / interval) + 1) };
}

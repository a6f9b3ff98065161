/** What is counted of a world, second by second. */

/** What was in one second. */
export interface Second {
  readonly at: number;
  readonly far: number;
  readonly present: number;
  readonly asleep: number;
  readonly inside: number;
  readonly sessions: number;
  /** How many were admitted since the second before, and how many the rate would have allowed. */
  readonly admitted: number;
  readonly allowed: number;
  readonly want: number;
  readonly capacity: number;
  readonly isOpen: boolean;
  /** How many a second look at the status of those who are told the longest interval. */
  readonly looks: number;
  /** The last number that was given, and the last one of whom all before have had their turn. */
  readonly issued: number;
  readonly passed: number;
  /** How many numbers the head of the line goes on a second, as pages reckon; 0 where it stands. */
  readonly speed: number;
}

/** Somebody who was let in. */
export interface Admission {
  readonly number: number;
  /** Whether the page was looked at, or hidden, or the device slept. */
  readonly kind: "awake" | "hidden" | "suspended";
  /** When, in milliseconds since the beginning. */
  readonly joinedAt: number;
  readonly admittedAt: number;
}

/** Who lost the place while not there, and why people went. */
export interface Fates {
  joined: number;
  admitted: number;
  admittedHidden: number;
  gaveUp: number;
  lapsedHidden: number;
  lapsedSuspended: number;
  lapsedAwake: number;
  rejoined: number;
  refused: number;
  later: number;
  lost: number;
  never: number;
}

/** Makes counts of nothing. */
export function noFates(): Fates {
  return {
    joined: 0,
    admitted: 0,
    admittedHidden: 0,
    gaveUp: 0,
    lapsedHidden: 0,
    lapsedSuspended: 0,
    lapsedAwake: 0,
    rejoined: 0,
    refused: 0,
    later: 0,
    lost: 0,
    never: 0,
  };
}

/** The value below which a share of all is. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

/** The mean. */
export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? Number.NaN : sum / values.length;
}

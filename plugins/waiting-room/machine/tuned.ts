/** What is said of a rate that follows what an application can take. */

/** How the rate follows what an application can take. */
export interface Autotune {
  /** How long an answer of the application may take on average, in milliseconds. */
  readonly targetMs: number;
  /** Which share of the visitors may meet errors, from 0 to below 1. */
  readonly maxErrorRate: number;
  /** The least rate, in admissions a minute. */
  readonly min: number;
  /** The highest rate, in admissions a minute. */
  readonly max: number;
}

/** What a node heard of its application since its last report. Every visitor counts for one, whatever the number of requests. */
export interface Report {
  /** How many visitors got an answer. */
  readonly visitors: number;
  /** How many of them got one that was measured. */
  readonly timed: number;
  /** How long the answers took: the sum of the averages of all who were measured, in milliseconds. */
  readonly sumMs: number;
  /** The sum of the shares of errors in what each visitor got. */
  readonly errors: number;
}

/** Why the rate is what it is. */
export type TuningReason =
  /** Nothing was decided yet, or not since it was handed back. */
  | "new"
  /** Too few visitors were heard of: it stays. */
  | "few"
  /** Answers took too long: it was lowered. */
  | "slow"
  /** Too many errors: it was lowered. */
  | "errors"
  /** The application was quick enough, and the rate was used: it was raised. */
  | "used"
  /** The application was quick enough, and the rate was not used: it stays. */
  | "unused"
  /** An operator set the rate: it stays. */
  | "held";

/** The last decision about a rate. */
export interface Tuned {
  /** When that was, in Unix milliseconds by the store's clock; 0 before the first one. */
  readonly at: number;
  /** What was decided. */
  readonly why: TuningReason;
  /** The rate before, in admissions a minute; the one that came of it is in the limits. */
  readonly from: number;
  /** How many visitors were heard of. */
  readonly visitors: number;
  /** How long the answers took on average, in milliseconds. */
  readonly meanMs: number;
  /** Which share of the visitors met errors. */
  readonly errorRate: number;
  /** Which share of the rate was used. */
  readonly used: number;
  /** Since when an operator's rate holds, in Unix milliseconds by the store's clock; 0 where none does. */
  readonly heldSince: number;
}

/** What was heard since the last decision. */
export interface Heard extends Report {
  /** Since when. */
  readonly since: number;
  /** How many had been admitted then. */
  readonly admitted: number;
}

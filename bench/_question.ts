/** What the benchmarks have in common: a question, its variants, and how the time of a function is taken. */

import { do_not_optimize, measure } from "mitata";

/** What one process measured, by the name of the case. */
export type Values = Readonly<Record<string, number>>;

/** The median of a value over all rounds: of a variant, in a case. */
export type Median = (variant: string, at: string) => number;

/** A claim about a ratio, or a number that needs no unit of time. */
export interface Target {
  readonly claim: string;
  /** The number that the claim is about. */
  readonly value: (median: Median) => number;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** How the number is written. @default {"×"} */
  readonly unit?: "×" | "ns" | "µs" | "ms" | "kB" | "%" | "bytes" | "";
  /** Where the target applies. @default {everywhere} */
  readonly runtimes?: readonly string[];
  /** What no way to do it can be without, where that is measured. */
  readonly floor?: Floor;
}

/** The least that the number of a target can be, from the same run. A target beyond it cannot be met there. */
export interface Floor {
  /** What it is the cost of, in words that go on after "the floor is". */
  readonly of: string;
  /** The same number as that of the target, of nothing but this. */
  readonly value: (median: Median) => number;
}

/** One question, in a file of its own. */
export interface Question {
  readonly title: string;
  /** The unit of the values. */
  readonly unit: string;
  /** What is compared. Each is measured in a process of its own, in alternating order. */
  readonly variants: readonly string[];
  /** How often, each time in a new process. */
  readonly rounds: { readonly full: number; readonly quick: number };
  /** Whether two processes may run beside each other, because no time is taken. */
  readonly isTimeless?: boolean;
  /** On which runtimes. @default {all} */
  readonly runtimes?: readonly string[];
  readonly targets: readonly Target[];
  /** Makes what all of its processes use, once, before the first of them. */
  prepare?(): Promise<void>;
  /** Measures a variant. It runs in the variant's own process. */
  measure(variant: string, isQuick: boolean): Promise<Values>;
}

/** The middle of a list. */
export function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  const high = sorted[sorted.length >> 1] ?? Number.NaN;
  return (low + high) / 2;
}

/** How long the time of functions is taken, in milliseconds. */
export function budgetOf(isQuick: boolean): number {
  return isQuick ? 25 : 60;
}

/** The median time of a call in nanoseconds, once the function has been compiled. */
export async function timeOf(work: () => unknown, budgetMs: number): Promise<number> {
  await warm(() => work());
  const stats = await measure(() => do_not_optimize(work()), options(budgetMs));
  return stats.p50;
}

/** The median time of an asynchronous call in nanoseconds. */
export async function asyncTimeOf(work: () => Promise<unknown>, budgetMs: number): Promise<number> {
  await warm(work);
  const stats = await measure(async () => do_not_optimize(await work()), options(budgetMs));
  return stats.p50;
}

/** As {@linkcode timeOf}, each call with an argument of its own, whose making is not measured. */
export async function freshTimeOf<T>(
  make: () => T,
  work: (fresh: T) => unknown,
  budgetMs: number,
): Promise<number> {
  await warm(() => work(make()));
  const stats = await measure(function* () {
    yield { 0: make, bench: (fresh: T) => do_not_optimize(work(fresh)) } as unknown as () => unknown;
  }, { ...options(budgetMs), max_samples: 4 * budgetMs });
  return stats.p50;
}

/** Goes through values again and again. */
export function cycle<T>(values: readonly T[]): () => T {
  let at = 0;
  return () => {
    if (at === values.length) at = 0;
    const value = values[at++];
    if (value === undefined) throw new Error("There is nothing to go through");
    return value;
  };
}

/** Goes through a list so many times, every other time backwards: what comes after another one is not always the same. Turns begin at a number. */
export function* inTurns<T>(
  list: readonly T[],
  turns: number,
  from = 0,
): Generator<readonly [turn: number, one: T]> {
  for (let turn = from; turn < turns; turn++) {
    for (const one of turn % 2 === 0 ? list : list.toReversed()) yield [turn, one];
  }
}

/**
 * How long functions are called before, in milliseconds, until their code is compiled well: the first of a process longer. The
 * next one may go another way through the same code, and after 150 ms a refusal was measured at eight times what it takes.
 */
const warmth = { firstMs: 1000, laterMs: 800, isFirst: true };

/** Calls a function until its code is compiled well. */
export async function warm(work: () => unknown): Promise<void> {
  const end = performance.now() + (warmth.isFirst ? warmth.firstMs : warmth.laterMs);
  warmth.isFirst = false;
  do {
    for (let at = 0; at < 20; at++) {
      const result = work();
      if (result instanceof Promise) await result;
    }
  } while (performance.now() < end);
}

function options(budgetMs: number) {
  // No collection beforehand: engines throw compiled code away with it, and the time of a young function is measured.
  return {
    min_cpu_time: budgetMs * 1e6,
    batch_samples: 256,
    batch_threshold: 20_000,
    warmup_samples: 10,
    gc: false,
  };
}

/** Functions that are called in turns in one process, by what each of them takes of the processor. */

import process from "node:process";
import { inTurns, middle, type Values, warm } from "./_question.ts";

/** The processor time that this process took, in microseconds. */
export function ownCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** What is called, and how often in a turn. */
export interface Work {
  readonly call: () => unknown;
  readonly calls: number;
  /** How many requests a call is. @default {1} */
  readonly each?: number;
}

/** The first turns find caches and branches as the others left them. */
const firstTurns = 6;

/**
 * Calls all of them in turns, once each has been compiled, and gives the median of what a request took of each, in microseconds: short turns meet the same
 * machine.
 */
export async function mediansOf(
  works: Readonly<Record<string, Work>>,
  turns: number,
): Promise<Values> {
  const taken: Record<string, number[]> = {};
  for (const { call } of Object.values(works)) await warm(call);
  for (
    const [turn, [name, { call, calls, each = 1 }]] of inTurns(Object.entries(works), turns, -firstTurns)
  ) {
    const before = ownCpuUs();
    for (let at = 0; at < calls; at++) {
      const result = call();
      if (result instanceof Promise) await result;
    }
    if (turn >= 0) (taken[name] ??= []).push((ownCpuUs() - before) / (calls * each));
  }
  return Object.fromEntries(Object.entries(taken).map(([name, times]) => [name, middle(times)]));
}

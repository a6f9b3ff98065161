/** Functions that are called in turns in one process, by what each of them takes of the processor. */

import process from "node:process";
import { inTurns, type Values } from "./_question.ts";

/** What is called, and how often in a turn. */
export interface Work {
  readonly call: () => unknown;
  readonly calls: number;
  /** How many requests a call is. @default {1} */
  readonly each?: number;
}

/** The first turns compile the code. */
const warmTurns = 6;

/** Calls all of them in turns, and gives the least that a request took of each, in microseconds: other work on the machine only ever adds to it. */
export async function leastOf(works: Readonly<Record<string, Work>>, turns: number): Promise<Values> {
  const least: Record<string, number> = {};
  for (const [turn, [name, { call, calls, each = 1 }]] of inTurns(Object.entries(works), turns, -warmTurns)) {
    const before = process.cpuUsage();
    for (let at = 0; at < calls; at++) {
      const result = call();
      if (result instanceof Promise) await result;
    }
    const { user, system } = process.cpuUsage(before);
    if (turn >= 0) least[name] = Math.min(least[name] ?? Infinity, (user + system) / (calls * each));
  }
  return least;
}

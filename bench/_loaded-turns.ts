/** Servers that are loaded in turns, by what a request takes of the processor. */

import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { Values } from "./_question.ts";
import { type LoadOptions, startLoad } from "./_server.ts";
import { ownCpuUs } from "./_turns.ts";

/** How long a turn is, in milliseconds: the speed of a machine that others use as well changes within seconds. */
const turnMs = 100;

/** A server, and how it is asked. */
export interface Loaded {
  readonly name: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The processor time that its process took, in microseconds. @default {that of this process} */
  readonly cpuUs?: () => number;
}

/**
 * Loads servers in turns, so many seconds each in sum, and gives what a request took of each, in microseconds, with what the system does for it. Each
 * has a loader of its own, which is stopped while it is another's turn: so turns can be short, all of them meet the same machine, and no single one
 * decides. Servers of one process may not do anything when it is not their turn.
 */
export async function cpuInTurns(
  servers: readonly Loaded[],
  { seconds, ...how }: Omit<LoadOptions, "headers">,
): Promise<Values> {
  // The first loads compile the code.
  for (const { target, headers } of servers) await startLoad(target, { ...how, headers, seconds: 1 }).ended;
  const all = servers.map(({ name, target, headers, cpuUs = ownCpuUs }) => {
    const { process: loader, ended } = startLoad(target, {
      ...how,
      headers,
      seconds: seconds * servers.length,
    });
    signal(loader, "SIGSTOP");
    const one = { name, loader, ended, cpuUs, sumUs: 0, hasEnded: false };
    ended.then(() => one.hasEnded = true, () => one.hasEnded = true);
    return one;
  });
  // A loader that is stopped would never end by itself, if this process is told to.
  const end = () => all.forEach(({ loader }) => signal(loader, "SIGKILL"));
  process.once("exit", end);
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => process.exit(1));
  while (all.some(({ hasEnded }) => !hasEnded)) {
    for (const one of all) {
      if (one.hasEnded) continue;
      const before = one.cpuUs();
      signal(one.loader, "SIGCONT");
      await delay(turnMs);
      signal(one.loader, "SIGSTOP");
      one.sumUs += one.cpuUs() - before;
    }
  }
  const values: Record<string, number> = {};
  for (const { name, ended, sumUs } of all) values[name] = sumUs / (await ended).requests;
  return values;
}

/** By its number: some runtimes give a child that was signalled once no other signal. One that has just ended gets none. */
function signal({ pid, exitCode }: ChildProcess, name: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void {
  if (pid === undefined || exitCode !== null) return;
  try {
    process.kill(pid, name);
  } catch {
    // It ended in this moment.
  }
}

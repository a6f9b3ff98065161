/** What Node uses. */

import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Why a test of memory is skipped elsewhere; `false` on Node. */
export const onlyOnNode: string | false = "Deno" in globalThis || "Bun" in globalThis
  ? "only Node tells what it uses"
  : false;

/** By how many bytes the heap grows over visits that come one after the other, the first of which does not count. */
export async function heapGrowth(visits: number, visit: (at: number) => Promise<void>): Promise<number> {
  await visit(0);
  const before = heapUsed();
  for (let at = 1; at < visits; at++) await visit(at);
  const grown = heapUsed() - before;
  // Whoever remembers is still there.
  await visit(0);
  return grown;
}

/** How much of the heap is in use once nothing is left that could be freed, in bytes. */
function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  return process.memoryUsage().heapUsed;
}

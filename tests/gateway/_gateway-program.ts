/** The gateway's proxy in a process of its own: prints its port, and then its memory, in bytes, for each line that it reads. */

import process from "node:process";
import { startGateway } from "./_wire.ts";

/** Frees what nobody holds any more; each runtime has its own way to that. */
function collect(): void {
  const { Bun, gc } = globalThis as {
    readonly Bun?: { gc(isSync: boolean): void };
    readonly gc?: () => void;
  };
  if (Bun === undefined) gc?.();
  else Bun.gc(true);
}

const gateway = await startGateway(Number(process.argv[2]));
console.log(`port ${gateway.port}`);
process.stdin.on("data", () => {
  collect();
  const { rss } = process.memoryUsage();
  console.log(`memory ${rss}`);
});

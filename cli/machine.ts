/// <reference types="node" />
import { randomBytes } from "node:crypto";
import { watch } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Machine } from "./host.ts";

/** How long after a change a file is read, in milliseconds: editors write in several steps. */
const settleMs = 200;

/**
 * This machine, on Node, Deno and Bun.
 *
 * @param running What tells of signals, and of the output.
 */
export function machineOf(running: {
  on(name: string, listener: () => void): unknown;
  readonly stdout: { readonly isTTY?: boolean };
}): Machine {
  let loads = 0;
  return {
    exists: (path) => access(path).then(() => true, () => false),
    readText: async (path) => (await readFile(path, "utf8")).replace(/^\ufeff/, ""),
    async load(path) {
      const { pathname } = pathToFileURL(resolve(path));
      // A module is kept by its address: another one has it read again.
      const module: unknown = await import(`file:///${pathname.slice(1)}?${++loads}`);
      if (typeof module === "object" && module !== null && "default" in module) return module.default;
      throw new Error("it has no default export");
    },
    watch(path, changed) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      // Editors put another file in its place, so its folder is watched.
      const watcher = watch(dirname(resolve(path)), (_, name) => {
        if (name !== null && name !== basename(path)) return;
        clearTimeout(timer);
        timer = setTimeout(changed, settleMs);
      });
      watcher.on("error", () => {});
      return () => {
        clearTimeout(timer);
        watcher.close();
      };
    },
    onSignal: (name, listener) => void running.on(name, listener),
    newSecret: () => randomBytes(18).toString("base64url"),
    isTerminal: running.stdout.isTTY === true,
  };
}

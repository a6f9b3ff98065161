/**
 * `npm test`: the tests on every runtime, and in a browser. Prints a table, runtime by suite, and the plain totals.
 *
 * `npm test -- --only deno,node` chooses runtimes or suites, `--only node/conformance` a suite on a runtime; further
 * arguments choose test files by a part of their path.
 *
 * The suite "jsr" needs packages of JSR. Where JSR cannot be reached it says so and is left out, unless it is asked for
 * by name. `--links <folder>` gives it a local copy of `@std/testing`, whose deno.json names it so.
 */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { parseArgs, stripVTControlCharacters } from "node:util";
import { files, root, run, tools } from "./_tools.ts";

/** The tests of one suite on one runtime. */
interface Cell {
  readonly runtime: string;
  readonly suite: string;
  readonly runner: Runner;
  readonly files: readonly string[];
}

/** What runs test files. */
interface Runner {
  readonly command: string;
  readonly args: (files: readonly string[]) => readonly string[];
  /** Reads the counts from what was printed. */
  readonly counts: (output: string) => Counts;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const linked = `${root}deno.linked.json`;
const node: Runner = {
  command: tools.node,
  args: (list) => ["--test", "--test-reporter=spec", "--test-timeout=120000", ...list],
  counts: countNode,
};
const deno: Runner = {
  command: tools.deno,
  args: (list) => ["test", "-A", "--no-check", "--unstable-kv", "--quiet", ...list],
  counts: countDeno,
};
const bun: Runner = {
  command: tools.bun,
  args: (list) => ["test", "--timeout", "120000", ...list.map((file) => `./${file}`)],
  counts: (output) => ({
    passed: last(output, /^ *(\d+) pass$/gm),
    failed: last(output, /^ *(\d+) fail$/gm),
    skipped: last(output, /^ *(\d+) skip$/gm),
  }),
};
const jsr: Runner = {
  command: tools.deno,
  args: (list) => ["test", "-A", "--quiet", ...config(), ...list],
  counts: countDeno,
};

/** What the runtimes share, by suite. */
const shared = {
  unit: files("tests/**/*.test.ts", ["tests/browser", "tests/deno", "tests/runtimes"])
    .filter((file) => file !== "tests/examples.test.ts"),
  conformance: ["tests/runtimes/conformance.test.ts"],
  examples: ["tests/examples.test.ts"],
} as const;

const cells: readonly Cell[] = [
  ...Object.entries({ node, deno, bun }).flatMap(([runtime, runner]) =>
    Object.entries(shared).map(([suite, files]) => ({ runtime, suite, runner, files }))
  ),
  // Node runs these tests: it starts workerd, and asks it.
  ...Object.keys(shared).map((suite) => ({
    runtime: "workerd",
    suite,
    runner: node,
    files: [`tests/runtimes/workerd-${suite}.test.ts`],
  })),
  { runtime: "chromium", suite: "browser", runner: node, files: files("tests/browser/*.test.ts") },
  { runtime: "deno", suite: "jsr", runner: jsr, files: files("tests/deno/*.test.ts") },
];

const { values, positionals } = parseArgs({
  options: {
    only: { type: "string" },
    quiet: { type: "boolean", default: false },
    links: { type: "string" },
  },
  allowPositionals: true,
});
const wanted = values.only?.split(",");
const unknown = (wanted ?? []).filter((word) => !cells.some((cell) => namesOf(cell).includes(word)));
if (unknown.length > 0) {
  const known = [...new Set(cells.flatMap(({ runtime, suite }) => [runtime, suite]))];
  console.error(
    `There is neither a runtime nor a suite "${unknown.join(", ")}". There are ${known.join(", ")}.`,
  );
  process.exit(2);
}

interface Row extends Counts {
  readonly cell: Cell;
  readonly seconds: number;
}

const rows: Row[] = [];
for (const cell of cells) {
  const { runtime, suite, runner } = cell;
  const list = cell.files.filter((file) =>
    positionals.length === 0 || positionals.some((part) => file.includes(part))
  );
  if (wanted !== undefined && !namesOf(cell).some((name) => wanted.includes(name))) continue;
  if (list.length === 0) continue;
  if (suite === "jsr" && !wanted?.includes("jsr") && !(await canReachJsr())) {
    console.log("\n== jsr: skipped, JSR cannot be reached; tests/deno need jsr:@std/testing");
    continue;
  }
  console.log(`\n== ${runtime}, ${suite}: ${list.length} ${list.length === 1 ? "file" : "files"}`);
  const begun = performance.now();
  const { code, output } = await run(runner.command, runner.args(list), !values.quiet);
  const seconds = (performance.now() - begun) / 1000;
  const counts = runner.counts(stripVTControlCharacters(output));
  if (values.quiet && (code !== 0 || counts.failed > 0)) console.log(output);
  // A runner that ended badly without a failed test still failed.
  const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed;
  rows.push({ ...counts, failed, cell, seconds });
}
if (values.links !== undefined) rmSync(linked, { force: true });
printTable();

const passed = sum("passed");
const failed = sum("failed");
if (passed + failed === 0) console.error(`No test file has ${positionals.join(" or ")} in its path.`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

function sum(count: keyof Counts): number {
  return rows.reduce((total, row) => total + row[count], 0);
}

/** The words by which a cell is chosen. */
function namesOf({ runtime, suite }: Cell): readonly string[] {
  return [runtime, suite, `${runtime}/${suite}`];
}

/** Prints how many tests passed, for each runtime and suite; what failed or was skipped stands behind. */
function printTable(): void {
  const of = (name: "runtime" | "suite") =>
    [...new Set(cells.map((cell) => cell[name]))].filter((each) =>
      rows.some(({ cell }) => cell[name] === each)
    );
  const suites = of("suite");
  const table = [["", ...suites]];
  for (const runtime of of("runtime")) {
    table.push([runtime, ...suites.map((suite) => inWords(runtime, suite))]);
  }
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ??
    [];
  console.log();
  for (const line of table) {
    console.log(line.map((text, column) => text.padEnd(widths[column] ?? 0)).join("   "));
  }
  const total = rows.reduce((seconds, row) => seconds + row.seconds, 0);
  console.log(`\n${Math.round(total)} seconds; a group of tests counts as one on Deno`);
}

function inWords(runtime: string, suite: string): string {
  const row = rows.find(({ cell }) => cell.runtime === runtime && cell.suite === suite);
  if (row === undefined) return "-";
  const { passed, failed, skipped } = row;
  return [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} FAILED`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(", ");
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

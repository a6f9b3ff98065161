/**
 * `npm test`: the tests on every runtime, and in a browser. Prints a line for each part that ends, then a table, runtime
 * by suite, and the plain totals. As many parts run beside each other as there are processors, and those in a browser beside them.
 *
 * `npm test -- --quick` is for between two edits: the unit tests on Node, or on the runtime of `--only`, without those
 * that try thousands of cases beside a reference.
 *
 * `npm test -- --only deno,node` chooses runtimes or suites, `--only node/conformance` a suite on a runtime; further
 * arguments choose test files by a part of their path. `--verbose` shows every test, as a part that runs alone does.
 *
 * The suite "jsr" needs packages of JSR. They come from a local copy of `@std/testing` where there is one beside the
 * project or `--links <folder>` names one. Where there is none and JSR cannot be reached, the suite says so and is left
 * out, unless it is asked for by name.
 */

import { availableParallelism } from "node:os";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { linked, localCopy, writeLinks } from "./_links.ts";
import { allCells, type Cell, type Counts, isThorough, namesOf, parts, skipReasons } from "./_test-cells.ts";
import { readArguments, root, run, tools } from "./_tools.ts";

/** Some files of a cell, which one process runs. */
interface Part {
  readonly cell: Cell;
  readonly files: readonly string[];
  /** Where it stands among the parts of its cell. */
  readonly place: string;
}

interface Row extends Counts {
  readonly cell: Cell;
  readonly seconds: number;
}

const { values, positionals } = readArguments("tests", {
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    links: { type: "string" },
  },
  allowPositionals: true,
});
const links = values.links ?? localCopy();
const cells = allCells(links === undefined ? [] : ["--config", linked]);
const words = values.only?.split(",") ?? (values.quick ? ["node"] : undefined);
const unknown = (words ?? []).filter((word) => !cells.some((cell) => namesOf(cell).includes(word)));
if (unknown.length > 0) {
  const known = [...new Set(cells.flatMap(({ runtime, suite }) => [runtime, suite]))];
  stop(`there is neither a runtime nor a suite "${unknown.join(", ")}", there are ${known.join(", ")}`);
}

/** What takes longer hangs, in milliseconds: on a slow machine the largest part takes eleven minutes beside another one. */
const longestMs = 1_200_000;

const rows: Row[] = [];
const begun = performance.now();
const waiting = await plan();
if (waiting.length === 0) {
  stop(
    positionals.length > 0 ? `no test file has ${positionals.join(" or ")} in its path` : "none is chosen",
  );
}
const isAlone = waiting.length === 1;
// Pages mostly wait: their tests run beside all others from the beginning.
const isPage = ({ cell }: Part) => cell.suite === "browser";
const pages = waiting.filter(isPage);
// What takes minutes and is in one piece begins first, or all others would have ended long before it.
const isLong = ({ cell: { runtime, suite } }: Part) => runtime === "workerd" && suite === "unit";
const others = waiting.filter((part) => !isPage(part)).sort((a, b) => Number(isLong(b)) - Number(isLong(a)));
const workers = Array.from({ length: availableParallelism() }, () => work(others).then(() => work(pages)));
await Promise.all([...workers, work(pages)]);
printTable();

const passed = sum(rows, "passed");
const failed = sum(rows, "failed");
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

/** The parts that were asked for. */
async function plan(): Promise<Part[]> {
  const planned: Part[] = [];
  for (const cell of cells) {
    if (words !== undefined && !namesOf(cell).some((name) => words.includes(name))) continue;
    if (values.quick && cell.suite !== "unit") continue;
    const list = cell.files.filter((file) =>
      (!values.quick || !isThorough(file)) &&
      (positionals.length === 0 || positionals.some((part) => file.includes(part)))
    );
    if (list.length === 0) continue;
    if (cell.suite === "jsr" && !await hasJsr()) {
      console.log("jsr: skipped, JSR cannot be reached; tests/deno need jsr:@std/testing");
      continue;
    }
    const lists = parts(list, 2 * availableParallelism());
    for (const [at, files] of lists.entries()) {
      planned.push({ cell, files, place: lists.length === 1 ? "" : ` (${at + 1}/${lists.length})` });
    }
  }
  return planned;
}

/** Runs one part after the other. */
async function work(parts: Part[]): Promise<void> {
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) await runPart(part);
}

async function runPart({ cell, files, place }: Part): Promise<void> {
  const { runtime, suite, runner } = cell;
  const title = `${runtime}, ${suite}${place}`;
  const started = performance.now();
  // What Node has compiled, types stripped, it does not compile again for each of the files.
  const env = { NODE_COMPILE_CACHE: `${root}.cache/node` };
  const { code, output } = await run(runner.command, runner.args(files), isAlone, {
    env,
    timeoutMs: longestMs,
  });
  const seconds = (performance.now() - started) / 1000;
  const text = stripVTControlCharacters(output);
  const counts = runner.counts(text);
  // A runner that ended badly without a failed test still failed, and so did one that a test ended.
  const isBad = code !== 0 || !runner.ended.test(text);
  const failed = isBad && counts.failed === 0 ? 1 : counts.failed;
  if (values.verbose && !isAlone) console.log(`\n== ${title}\n${output}`);
  else if (failed > 0 && !isAlone) console.log(`\n== ${title}\n${withoutPassed(text, runner.quietLine)}`);
  const row = { ...counts, failed, cell, seconds };
  console.log(`${title}: ${inWords([row])}`);
  for (const reason of skipReasons(text)) console.log(`  skipped: ${reason}`);
  rows.push(row);
}

function withoutPassed(output: string, quietLine: RegExp): string {
  return output.split("\n").filter((line) => !quietLine.test(line)).join("\n");
}

function sum(some: readonly Row[], count: "passed" | "failed" | "skipped" | "seconds"): number {
  return some.reduce((total, row) => total + row[count], 0);
}

/** Prints how many tests passed, for each runtime and suite; what failed or was skipped stands behind, and how long. */
function printTable(): void {
  const of = (name: "runtime" | "suite") =>
    [...new Set(cells.map((cell) => cell[name]))].filter((each) =>
      rows.some(({ cell }) => cell[name] === each)
    );
  const suites = of("suite");
  const table = [
    ["", ...suites],
    ...of("runtime").map((runtime) => [
      runtime,
      ...suites.map((suite) =>
        inWords(rows.filter(({ cell }) => cell.runtime === runtime && cell.suite === suite))
      ),
    ]),
  ];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ??
    [];
  console.log();
  for (const line of table) {
    console.log(line.map((text, column) => text.padEnd(widths[column] ?? 0)).join("   ").trimEnd());
  }
  const seconds = Math.round((performance.now() - begun) / 1000);
  console.log(`\n${seconds} seconds; a group of tests counts as one on Deno`);
}

function inWords(some: readonly Row[]): string {
  if (some.length === 0) return "-";
  const [failed, skipped] = [sum(some, "failed"), sum(some, "skipped")];
  return [
    `${sum(some, "passed")} passed`,
    ...(failed > 0 ? [`${failed} FAILED`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    `${sum(some, "seconds").toFixed(1)} s`,
  ].join(", ");
}

/** Whether what tests/deno import can be loaded: from a local copy, which Deno's configuration names, or from JSR. */
async function hasJsr(): Promise<boolean> {
  if (links !== undefined) {
    writeLinks(links);
    return true;
  }
  if (words?.includes("jsr") === true) return true;
  const args = ["cache", "--quiet", "--no-lock", "tests/deno/types.test.ts"];
  const { code } = await run(tools.deno, args, false, { timeoutMs: 15_000 });
  return code === 0;
}

function stop(why: string): never {
  console.error(`Cannot run tests: ${why}.`);
  process.exit(2);
}

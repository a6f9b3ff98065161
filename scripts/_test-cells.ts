/** What `npm test` consists of: suites, the runtimes that run them, and how their runners count. */

import { statSync } from "node:fs";
import { files, root, tools } from "./_tools.ts";

/** The tests of one suite on one runtime. */
export interface Cell {
  readonly runtime: string;
  readonly suite: string;
  readonly runner: Runner;
  readonly files: readonly string[];
}

/** What runs test files. */
export interface Runner {
  readonly command: string;
  readonly args: (files: readonly string[]) => readonly string[];
  /** Reads the counts from what was printed. */
  readonly counts: (output: string) => Counts;
  /** A line that says no more than that a test passed or was skipped. */
  readonly quietLine: RegExp;
}

/** How tests ended. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const node: Runner = {
  command: tools.node,
  // Several processes run beside each other already.
  args: (list) => [
    ...["--test", "--test-concurrency=1", "--test-reporter=spec", "--test-timeout=120000"],
    ...list,
  ],
  counts: (output) => ({
    passed: last(output, /^ℹ pass (\d+)$/gm),
    failed: last(output, /^ℹ fail (\d+)$/gm),
    skipped: last(output, /^ℹ skipped (\d+)$/gm),
  }),
  quietLine: /^\s*(?:[✔﹣▶]|ℹ (?:tests|suites|cancelled|todo) )/,
};
const bun: Runner = {
  command: tools.bun,
  args: (list) => ["test", "--timeout", "120000", ...list.map((file) => `./${file}`)],
  counts: (output) => ({
    passed: last(output, /^ *(\d+) pass$/gm),
    failed: last(output, /^ *(\d+) fail$/gm),
    skipped: last(output, /^ *(\d+) skip$/gm),
  }),
  quietLine: /^\((?:pass|skip)\)/,
};
const deno: Runner = denoRunner(["-A", "--no-check", "--unstable-kv", "--quiet"]);

/** What the runtimes share, by suite. */
const shared = {
  unit: files("tests/**/*.test.ts", ["tests/browser", "tests/deno", "tests/frameworks", "tests/runtimes"])
    .filter((file) => file !== "tests/examples.test.ts"),
  conformance: ["tests/runtimes/conformance.test.ts"],
  examples: ["tests/examples.test.ts"],
} as const;

/** What rooms need of workerd, beside what the conformance suite asks of every application. */
function rooms(suite: string): readonly string[] {
  return suite === "conformance" ? files("tests/runtimes/workerd-{rooms,events}.test.ts") : [];
}

/**
 * All cells, by suite, the longest first: then the last ones that run do not run alone for long.
 *
 * @param jsrArgs What Deno needs to find the packages of JSR.
 */
export function allCells(jsrArgs: readonly string[]): readonly Cell[] {
  return [
    ...Object.entries(shared).flatMap(([suite, files]) => [
      ...Object.entries({ node, deno, bun }).map(([runtime, runner]) => ({ runtime, suite, runner, files })),
      // Node runs these tests: it starts workerd, and asks it.
      {
        runtime: "workerd",
        suite,
        runner: node,
        files: [`tests/runtimes/workerd-${suite}.test.ts`, ...rooms(suite)],
      },
    ]),
    { runtime: "chromium", suite: "browser", runner: node, files: files("tests/browser/*.test.ts") },
    {
      runtime: "deno",
      suite: "jsr",
      runner: denoRunner(["-A", "--quiet", ...jsrArgs]),
      files: files("tests/deno/*.test.ts"),
    },
  ];
}

/** The words by which a cell is chosen. */
export function namesOf({ runtime, suite }: Cell): readonly string[] {
  return [runtime, suite, `${runtime}/${suite}`];
}

/** Whether a file tries so many random cases beside a reference that it takes long. */
export function isThorough(file: string): boolean {
  return file.endsWith("/differential.test.ts") || file.endsWith("/chance.test.ts");
}

/** Deals files out, the largest first, so that the parts take about as long. */
export function parts(list: readonly string[], count: number): readonly (readonly string[])[] {
  const weight = (file: string) => statSync(`${root}${file}`).size * (isThorough(file) ? 100 : 1);
  const sorted = [...list].sort((a, b) => weight(b) - weight(a));
  const wanted = Math.min(count, Math.ceil(list.length / 10));
  return Array.from({ length: wanted }, (_, part) => sorted.filter((_, at) => at % wanted === part));
}

/** Why tests were skipped, as Node's reporter tells it. */
export function skipReasons(output: string): readonly string[] {
  return [...new Set([...output.matchAll(/^\s*﹣ .* # (.+)$/gm)].map(([, reason = ""]) => reason))];
}

function denoRunner(flags: readonly string[]): Runner {
  return {
    command: tools.deno,
    args: (list) => ["test", ...flags, ...list],
    counts: (output) => ({
      passed: last(output, /(\d+) passed/g),
      failed: last(output, /(\d+) failed/g),
      skipped: last(output, /(\d+) ignored/g),
    }),
    quietLine: /\.\.\. (?:ok|ignored)\b|^(?:running \d|\s*$)/,
  };
}

/** The number of the last match: runners print their totals at the end. */
function last(output: string, pattern: RegExp): number {
  return Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);
}

/** What `npm test` consists of: suites, the runtimes that run them, and how their runners count. */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
  /** What it prints at the end, unless a test ended the process before, with whatever code. */
  readonly ended: RegExp;
  /** A line that says no more than that a test passed or was skipped. */
  readonly quietLine: RegExp;
}

/** How tests ended. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

// Several processes run beside each other already.
const nodeFlags = ["--test", "--test-concurrency=1", "--test-reporter=spec", "--test-timeout=120000"];
const node: Runner = {
  command: tools.node,
  args: (list) => [...nodeFlags, ...list],
  counts: (output) => ({
    passed: last(output, /^ℹ pass (\d+)$/gm),
    failed: last(output, /^ℹ fail (\d+)$/gm),
    skipped: last(output, /^ℹ skipped (\d+)$/gm),
  }),
  ended: /^ℹ tests \d+$/m,
  quietLine: /^\s*(?:[✔﹣▶]|ℹ (?:tests|suites|cancelled|todo) )/,
};
/** All files in one process, as on Bun and Deno: to start one for each and to load the library there takes longer than most files do. */
const nodeTogether: Runner = { ...node, args: (list) => [...nodeFlags, "--test-isolation=none", ...list] };
const bun: Runner = {
  command: tools.bun,
  args: (list) => ["test", "--timeout", "120000", ...list.map((file) => `./${file}`)],
  counts: (output) => ({
    passed: last(output, /^ *(\d+) pass$/gm),
    failed: last(output, /^ *(\d+) fail$/gm),
    skipped: last(output, /^ *(\d+) skip$/gm),
  }),
  ended: /^Ran \d+ tests? across /m,
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
 * What a file must not share a process for: `@hono/node-server` puts classes of its own in the place of `Request` and `Response`, and how long
 * something takes, or how much memory, depends on what others have left on the heap.
 */
const apart = ["@hono/node-server", "tests/support/growth.ts", "tests/support/heap.ts"];
/** Statements begin a line, or end a list that does; what stands in a text of a test imports nothing. */
const importing = /^(?:import|export|\})(?:[^"\n]*?\bfrom)?\s*"([^"]+)"|\bimport\("([^"]+)"/gm;

/** What each file imports, that is read once although most files come to most of the others. */
const known = new Map<string, readonly string[]>();

function importsOf(file: string): readonly string[] {
  const found = known.get(file);
  if (found !== undefined) return found;
  const isSource = file.endsWith(".ts") && existsSync(`${root}${file}`);
  const imports = [...(isSource ? readFileSync(`${root}${file}`, "utf8") : "").matchAll(importing)]
    .map(([, ...names]) => names.join(""))
    .map((name) => name.startsWith(".") ? join(file, "..", name) : name);
  known.set(file, imports);
  return imports;
}

/** Whether a file needs a process of its own, for what it imports, itself or by other files. */
function standsApart(file: string, seen: Set<string> = new Set()): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  return apart.includes(file) || importsOf(file).some((name) => standsApart(name, seen));
}

/**
 * All cells, by suite, the longest first: then the last ones that run do not run alone for long.
 *
 * @param jsrArgs What Deno needs to find the packages of JSR.
 */
export function allCells(jsrArgs: readonly string[]): readonly Cell[] {
  return [
    ...Object.entries(shared).flatMap(([suite, files]) => [
      ...onNode(suite, files),
      ...Object.entries({ deno, bun }).map(([runtime, runner]) => ({ runtime, suite, runner, files })),
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

/** What can share a process, and what needs one of its own. */
function onNode(suite: string, list: readonly string[]): readonly Cell[] {
  const { alone, together } = dealt(list);
  return [[nodeTogether, together] as const, [node, alone] as const]
    .filter(([, files]) => files.length > 0)
    .map(([runner, files]) => ({ runtime: "node", suite, runner, files }));
}

function dealt(list: readonly string[]): Readonly<Record<"alone" | "together", readonly string[]>> {
  const alone = list.filter((file) => standsApart(file));
  return { alone, together: list.filter((file) => !alone.includes(file)) };
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
  // Types are checked of what is named alone.
  const isTogether = flags.includes("--no-check");
  return {
    command: tools.deno,
    args(list) {
      const { alone, together } = dealt(list);
      return [
        "test",
        ...flags,
        ...alone,
        ...(isTogether && together.length > 0 ? [entryOf(together)] : together),
      ];
    },
    counts: (output) => ({
      passed: last(output, /(\d+) passed/g),
      failed: last(output, /(\d+) failed/g),
      skipped: last(output, /(\d+) ignored/g),
    }),
    ended: /\d+ passed/,
    quietLine: /\.\.\. (?:ok|ignored)\b|^(?:running \d|\s*$)/,
  };
}

/**
 * Writes a module that imports all of these files, and gives its path. One that throws after it has registered a test would end that in
 * silence, and with it all files behind it. Node tells nothing of such a file either, but it runs on Deno and Bun as well, which do; and Node
 * calls no hook of whatever such a module imports.
 */
function entryOf(list: readonly string[]): string {
  const text = `import { test } from "node:test";
for (const file of ${JSON.stringify(list)}) {
  try {
    await import("../../" + file);
  } catch (cause) {
    test(file + " loads", () => { throw cause; });
  }
}
`;
  const path = `.cache/tests/${createHash("sha256").update(text).digest("hex").slice(0, 8)}.ts`;
  mkdirSync(`${root}.cache/tests`, { recursive: true });
  writeFileSync(`${root}${path}`, text);
  return path;
}

/** The number of the last match: runners print their totals at the end. */
function last(output: string, pattern: RegExp): number {
  return Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);
}

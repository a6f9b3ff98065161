/**
 * `npm run mutate`: changes the sources one place at a time, with Stryker, and looks whether a test notices. Prints for
 * each file how many of its mutants were killed, and those that survived.
 *
 * `npm run mutate -- cookies` takes the parts of that name, and the files with that word in their path;
 * `npm run mutate -- src/cookies.ts:40-60` takes those lines. `--write` keeps the figures in docs/mutation.json and
 * docs/reliability.md, `--quiet` leaves the survivors out, `--concurrency 4` sets how many tests run at once, `--isolated` runs each file of
 * tests in a process of its own for each mutant. `--count` runs nothing and counts again what the last runs here found.
 *
 * docs/mutation-equivalent.json lists survivors that no test can notice, each with the reason. They count as survivors; a
 * second score leaves them out.
 */

import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import process from "node:process";
import { type ChangedFile, isEquivalent, unusedEquivalents } from "./_mutation-equivalents.ts";
import { withMutants } from "./_mutation-page.ts";
import { type MutationPart, mutationParts } from "./_mutation-parts.ts";
import { files, readArguments, root, run, tools } from "./_tools.ts";

/** What Stryker writes, as far as it is read here (the schema "mutation-testing-report-schema"). */
interface StrykerReport {
  readonly files: Readonly<Record<string, ChangedFile>>;
}

/** The figures of one file. */
interface Figures {
  readonly mutants: number;
  readonly killed: number;
  readonly survived: number;
  readonly timeouts: number;
  /** Those of the survivors that no test can notice. */
  readonly equivalent: number;
  /** Killed and timeouts, of all, in percent. */
  readonly score: number;
  /** Killed and timeouts, of all that a test can notice, in percent. */
  readonly scoreOfNoticeable: number;
  readonly date: string;
}

type Counted = Omit<Figures, "date">;

const { values, positionals } = readArguments("mutations", {
  options: {
    write: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
    concurrency: { type: "string", default: "2" },
    isolated: { type: "boolean", default: false },
    count: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
/** In percent, over all that was changed. */
const target = 90;
const place = ".cache/mutation";
const record = `${root}docs/mutation.json`;
const found: Record<string, Figures> = {};
const faults: string[] = [];

for (const part of mutationParts) {
  const sources = chosen(part);
  if (sources.length === 0) continue;
  if (!values.count) await mutate(part, sources);
  count(part, sources);
}
rmSync(`${root}${place}/compiled`, { recursive: true, force: true });
const all = total(Object.values(found));
print("in all", all);
if (values.write) keep();
for (const fault of faults) console.error(fault);
const passed = Object.keys(found).length > 0 && faults.length === 0 && all.score >= target;
console.log(`\n${passed ? 1 : 0} passed, ${passed ? 0 : 1} failed`);
process.exit(passed ? 0 : 1);

/** The sources of a part that the arguments ask for, with the lines where they name some. */
function chosen(part: MutationPart): readonly string[] {
  const sources = part.sources.flatMap((pattern) => files(pattern)).filter((file) =>
    !isElsewhere(file, part)
  );
  if (positionals.length === 0 || positionals.includes(part.name)) return sources;
  return sources.flatMap((file) =>
    positionals.flatMap((word) => {
      const [name = "", lines] = word.split(":");
      if (!file.includes(name)) return [];
      return [lines === undefined ? file : `${file}:${lines}`];
    })
  );
}

/** Whether a file that a glob found is named by an earlier part: each file is changed once. */
function isElsewhere(file: string, part: MutationPart): boolean {
  const earlier = mutationParts.slice(0, mutationParts.indexOf(part));
  return earlier.some(({ sources }) => sources.some((pattern) => files(pattern).includes(file)));
}

/** Lets Stryker change these sources, and prints what became of each. */
async function mutate(part: MutationPart, sources: readonly string[]): Promise<void> {
  console.log(`\n== ${part.name}: ${sources.length} ${sources.length === 1 ? "file" : "files"}`);
  mkdirSync(`${root}${place}`, { recursive: true });
  const report = `${place}/${part.name}.json`;
  const config = `${place}/stryker.json`;
  rmSync(`${root}${report}`, { force: true });
  writeFileSync(`${root}${config}`, JSON.stringify(configOf(part, sources, report)));
  const { code, output } = await run(
    tools.node,
    [stryker(), "run", config],
    false,
    {
      timeoutMs: 6 * 3_600_000,
      // Properties are tried a few times, and with the same values for each mutant.
      env: { NODE_COMPILE_CACHE: `${root}${place}/compiled`, RUNS: "400", SEED: "7" },
    },
  );
  if (code !== 0) faults.push(`Stryker failed on "${part.name}":\n${output.slice(-2000)}`);
}

/** Counts what Stryker found in a part. */
function count(part: MutationPart, sources: readonly string[]): void {
  const report = `${place}/${part.name}.json`;
  if (files(report).length === 0) return;
  // Stryker wrote it.
  const { files: changed } = JSON.parse(readFileSync(`${root}${report}`, "utf8")) as StrykerReport;
  const date = statSync(`${root}${report}`).mtime.toISOString().slice(0, 10);
  for (const [file, each] of Object.entries(changed).sort()) {
    const figures = { ...figuresOf(file, each), date };
    print(file, figures);
    if (!values.quiet) printSurvivors(file, each);
    // Some lines alone say nothing about their file.
    if (!sources.includes(file)) continue;
    found[file] = figures;
    for (const unused of unusedEquivalents(file, each)) {
      faults.push(`No survivor of ${file} is what docs/mutation-equivalent.json lists: ${unused}`);
    }
  }
}

function stryker(): string {
  return `${root}node_modules/@stryker-mutator/core/bin/stryker.js`;
}

/** How Stryker runs: Node strips the types, so that nothing is built; the tests run in Stryker's processes. */
function configOf(part: MutationPart, sources: readonly string[], report: string): object {
  const folders = ["src", "plugins", "adapters", "sandbox", "tests"];
  return {
    testRunner: values.isolated ? "tap" : "in-process",
    plugins: ["@stryker-mutator/tap-runner", `${root}scripts/_mutation-runner.ts`],
    tap: {
      testFiles: part.tests.filter((file) => files(file).length > 0),
      // In one process, and as a test of its own: a source that cannot even be loaded is a failed test.
      nodeArgs: [
        "--test",
        "--test-isolation=none",
        "--test-reporter=tap",
        "-r",
        "{{hookFile}}",
        "{{testFile}}",
      ],
    },
    mutate: sources,
    // The tests that reach a mutant are run, no others.
    coverageAnalysis: "perTest",
    concurrency: Number(values.concurrency),
    // The runner within the process has a limit of its own for each test.
    timeoutMS: values.isolated ? 20_000 : 120_000,
    disableTypeChecks: false,
    ignorePatterns: [
      "*",
      ...folders.flatMap((folder) => [`!${folder}`, `!${folder}/**`]),
      "!mod.ts",
      "!package.json",
    ],
    tempDirName: `${place}/sandbox`,
    cleanTempDir: "always",
    allowConsoleColors: false,
    logLevel: "info",
    reporters: ["json"],
    jsonReporter: { fileName: report },
  };
}

/** A mutant that no test reaches survived; one that was never run counts nowhere. */
function figuresOf(file: string, { source, mutants }: ChangedFile): Counted {
  const count = (...states: readonly string[]) =>
    mutants.filter(({ status }) => states.includes(status)).length;
  return withScores({
    killed: count("Killed", "RuntimeError"),
    survived: count("Survived", "NoCoverage"),
    timeouts: count("Timeout"),
    equivalent: mutants.filter((mutant) => isEquivalent(file, source, mutant)).length,
  });
}

function total(list: readonly Counted[]): Counted {
  const sum = (field: "killed" | "survived" | "timeouts" | "equivalent") =>
    // Figures of before nothing was listed have none of it.
    list.reduce((number, figures) => number + (figures[field] ?? 0), 0);
  return withScores({
    killed: sum("killed"),
    survived: sum("survived"),
    timeouts: sum("timeouts"),
    equivalent: sum("equivalent"),
  });
}

function withScores(counts: Pick<Figures, "killed" | "survived" | "timeouts" | "equivalent">): Counted {
  const { killed, survived, timeouts, equivalent } = counts;
  const mutants = killed + survived + timeouts;
  const percent = (all: number) => all === 0 ? 100 : Math.round((killed + timeouts) / all * 1000) / 10;
  return { mutants, ...counts, score: percent(mutants), scoreOfNoticeable: percent(mutants - equivalent) };
}

function print(name: string, figures: Counted): void {
  const { mutants, killed, survived, timeouts, equivalent, score, scoreOfNoticeable } = figures;
  console.log(
    `${name}: ${score} %, ${mutants} mutants, ${killed} killed, ${survived} survived, ${timeouts} timeouts` +
      (equivalent === 0 ? "" : `; ${scoreOfNoticeable} % without ${equivalent} that no test can notice`),
  );
}

function printSurvivors(file: string, { source, mutants }: ChangedFile): void {
  for (const mutant of mutants) {
    const { status, mutatorName, replacement = "", location } = mutant;
    if (!["Survived", "NoCoverage", "Timeout"].includes(status) || isEquivalent(file, source, mutant)) {
      continue;
    }
    const { line, column } = location.start;
    const text = replacement.replaceAll(/\s+/g, " ").slice(0, 90);
    console.log(`  ${status} ${file}:${line}:${column} ${mutatorName}: ${text}`);
  }
}

/** Puts the new figures among those that were kept before; files that are gone go. */
function keep(): void {
  const kept = files("docs/mutation.json").length === 0
    ? {}
    // This script wrote it.
    : (JSON.parse(readFileSync(record, "utf8")) as { readonly files: Record<string, Figures> }).files;
  const merged = Object.entries({ ...kept, ...found })
    .filter(([file]) => files(file).length > 0)
    .sort(([a], [b]) => a < b ? -1 : 1);
  const inAll = total(merged.map(([, figures]) => figures));
  const text = JSON.stringify({ inAll, files: Object.fromEntries(merged) }, undefined, 2);
  writeFileSync(record, `${text}\n`);
  const parts = mutationParts.flatMap((part) => {
    const sources = part.sources.flatMap((pattern) => files(pattern)).filter((file) =>
      !isElsewhere(file, part)
    );
    const own = merged.flatMap(([file, figures]) => sources.includes(file) ? [figures] : []);
    const dates = own.map(({ date }) => date).sort();
    const [first, last] = [dates[0], dates.at(-1)];
    if (first === undefined || last === undefined) return [];
    return [{ name: `\`${part.name}\``, ...total(own), dates: [first, last] as const }];
  });
  const page = `${root}docs/reliability.md`;
  writeFileSync(page, withMutants(readFileSync(page, "utf8"), parts, { name: "in all", ...inAll }));
}

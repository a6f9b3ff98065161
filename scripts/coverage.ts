/**
 * `npm run coverage`: how much of `src/` and `plugins/` the unit tests reach on Node, in lines, branches and functions,
 * by folder and in all, with the files that are reached least. It fails below the floors. The differential tests are left
 * out: they take long, and reach what others reach.
 *
 * `npm run coverage -- --write` keeps the figures in docs/coverage.json.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import process from "node:process";
import { files, readArguments, root, run, tools } from "./_tools.ts";

/** What was reached, and what there is. */
interface Reach {
  readonly reached: number;
  readonly all: number;
}

type Kind = "lines" | "branches" | "functions";
type Figures = Readonly<Record<Kind, Reach>>;

const kinds: readonly Kind[] = ["lines", "branches", "functions"];
/** In percent, in all: one less than what was reached when they were last set. */
const floors: Readonly<Record<Kind, number>> = { lines: 98, branches: 96, functions: 97 };
/** The records of LCOV that count. */
const counters: Readonly<Record<Kind, readonly [all: string, reached: string]>> = {
  lines: ["LF", "LH"],
  branches: ["BRF", "BRH"],
  functions: ["FNF", "FNH"],
};

const { values } = readArguments("coverage", { options: { write: { type: "boolean", default: false } } });
const place = mkdtempSync(join(tmpdir(), "stanchion-coverage-"));
const report = join(place, "lcov.info");
const begun = performance.now();
const { code, output } = await run(
  tools.node,
  [
    "--test",
    "--experimental-test-coverage",
    `--test-concurrency=${availableParallelism()}`,
    ...["src", "plugins"].map((folder) => `--test-coverage-include=${folder}/**/*.ts`),
    "--test-reporter=dot",
    "--test-reporter-destination=stdout",
    "--test-reporter=lcov",
    `--test-reporter-destination=${report}`,
    "--test-timeout=120000",
    ...files("tests/{src,plugins}/**/*.test.ts").filter((file) => !file.includes("differential")),
  ],
  false,
);
const byFile = read(readFileSync(report, "utf8"));
rmSync(place, { recursive: true, force: true });
if (code !== 0) console.error(`A test failed:\n${output.slice(-4000)}`);

const byFolder = new Map<string, Figures>();
for (const [file, figures] of byFile) {
  const folder = dirname(file);
  const before = byFolder.get(folder);
  byFolder.set(folder, before === undefined ? figures : sum([before, figures]));
}
const inAll = sum([...byFile.values()]);
const unloaded = files("{src,plugins}/**/*.ts").filter((file) => !byFile.has(file) && !isOfTypes(file));
print();
if (values.write && code === 0) keep();

const results = [
  code === 0,
  ...kinds.map((kind) => percent(inAll[kind]) >= floors[kind]),
  unloaded.length === 0,
];
const passed = results.filter((isFine) => isFine).length;
console.log(`\n${passed} passed, ${results.length - passed} failed`);
process.exit(passed === results.length ? 0 : 1);

/** The figures of each file, from LCOV. */
function read(lcov: string): Map<string, Figures> {
  const found = new Map<string, Figures>();
  for (const text of lcov.split("end_of_record")) {
    const path = /^SF:(.+)$/m.exec(text)?.[1];
    if (path === undefined) continue;
    const count = (name: string) => Number(new RegExp(`^${name}:(\\d+)$`, "m").exec(text)?.[1] ?? 0);
    const of = (kind: Kind): Reach => ({ all: count(counters[kind][0]), reached: count(counters[kind][1]) });
    const file = relative(root, resolve(root, path)).split(sep).join("/");
    found.set(file, { lines: of("lines"), branches: of("branches"), functions: of("functions") });
  }
  return new Map([...found].sort(([a], [b]) => a < b ? -1 : 1));
}

function sum(list: readonly Figures[]): Figures {
  const of = (kind: Kind): Reach => ({
    reached: list.reduce((total, figures) => total + figures[kind].reached, 0),
    all: list.reduce((total, figures) => total + figures[kind].all, 0),
  });
  return { lines: of("lines"), branches: of("branches"), functions: of("functions") };
}

/** In percent, rounded down: nothing that is missing is rounded away. */
function percent({ reached, all }: Reach): number {
  return all === 0 ? 100 : Math.floor(reached / all * 1000) / 10;
}

/** Whether nothing is left of a file without its types: then there is nothing to load. */
function isOfTypes(file: string): boolean {
  const text = stripTypeScriptTypes(readFileSync(`${root}${file}`, "utf8"));
  return text.replace(/\/\*[^]*?\*\/|\/\/.*/g, "").replace(/export \{\s*\};?/g, "").trim() === "";
}

function print(): void {
  const line = (name: string, figures: Figures) =>
    console.log(
      name.padEnd(44) + kinds.map((kind) => `${percent(figures[kind]).toFixed(1)} %`.padStart(12)).join(""),
    );
  console.log("".padEnd(44) + kinds.map((kind) => kind.padStart(12)).join(""));
  for (const [folder, figures] of [...byFolder].sort(([a], [b]) => a < b ? -1 : 1)) line(folder, figures);
  line("in all", inAll);
  console.log("\nReached least, in branches:");
  const least = [...byFile].sort(([, a], [, b]) => percent(a.branches) - percent(b.branches)).slice(0, 10);
  for (const [file, figures] of least) line(`  ${file}`, figures);
  for (const file of unloaded) console.log(`  ${file} was never loaded`);
  console.log(`\n${Math.round((performance.now() - begun) / 1000)} seconds`);
}

/** Writes the percentages, in all and by folder. */
function keep(): void {
  const plain = (figures: Figures) => Object.fromEntries(kinds.map((kind) => [kind, percent(figures[kind])]));
  const record = {
    date: new Date().toISOString().slice(0, 10),
    inAll: plain(inAll),
    folders: Object.fromEntries(
      [...byFolder].sort(([a], [b]) => a < b ? -1 : 1).map(([folder, figures]) => [folder, plain(figures)]),
    ),
  };
  writeFileSync(`${root}docs/coverage.json`, `${JSON.stringify(record, undefined, 2)}\n`);
}

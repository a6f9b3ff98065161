/**
 * `npm run bench`: all questions on all runtimes, each variant in processes of its own.
 *
 * `npm run bench -- --quick` takes about a quarter of an hour, everything about an hour; `npm run bench -- gate http --only bun,deno`
 * chooses; `npm run bench -- --millions memory` looks at the heap after one, two and four million visitors. A run of
 * everything writes `RESULTS.md`, the floors of what was missed into `NOTES.md`, and what was measured to `results.jsonl`, one process a line;
 * `--write` puts what was chosen in the place of what these files have of the same questions and runtimes. `--report` measures nothing, and writes
 * the report of what `results.jsonl` has.
 *
 * @module
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import process from "node:process";
import { readArguments, root, run, tools } from "../scripts/_tools.ts";
import type { Question, Values } from "./_question.ts";
import { floors, type Measured, report, thisMachine } from "./_report.ts";

const names: readonly string[] = [
  "triggers",
  "validation",
  "queue-it",
  "gate",
  "crowdhandler",
  "http",
  "http-answers",
  "http-node",
  "gateway",
  "memory",
  "startup",
  "waiting-room",
  "waiting-room-http",
  "waiting-room-store",
];
const runtimes: Readonly<Record<string, readonly [command: string, args: readonly string[]]>> = {
  // What V8 takes for long-lived depends on the moment: a server may keep each request until the old heap is collected, or not.
  node: [tools.node, ["--expose-gc", "--no-warnings", "--no-allocation-site-pretenuring"]],
  deno: [tools.deno, ["run", "-A", "--no-check", "--v8-flags=--expose-gc"]],
  bun: [tools.bun, ["run"]],
};

/** One process that is to run. */
interface Job {
  readonly name: string;
  readonly runtime: string;
  readonly variant: string;
  readonly round: number;
}

await main();

async function main(): Promise<void> {
  const { values, positionals } = readArguments("benchmarks", {
    options: {
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      report: { type: "boolean", default: false },
      millions: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  const isQuick = values.quick === true;
  if (isQuick && values.write === true) {
    console.error("What --quick measures is no result to be written. Leave --quick or --write out.");
    process.exit(2);
  }
  if (values.report === true) return await write([], false);
  // A name stands for those that go on with it as well.
  const wanted = positionals.length === 0
    ? names
    : positionals.flatMap((name) =>
      names.includes(name) ? names.filter((each) => each === name || each.startsWith(`${name}-`)) : [name]
    );
  const chosen = values.only?.split(",") ?? Object.keys(runtimes);
  refuseUnknown("benchmark", wanted, names);
  refuseUnknown("runtime", chosen, Object.keys(runtimes));
  // The programs that the measuring processes start run on this Node.
  process.env["BENCH_NODE"] = tools.node;
  if (values.millions) process.env["BENCH_MILLIONS"] = "1";

  const measured: Measured[] = [];
  const questions = new Map<string, Question>();
  for (const name of wanted) {
    const question = await questionOf(name);
    questions.set(name, question);
    const since = performance.now();
    process.stderr.write(`${question.title} … `);
    await question.prepare?.();
    measured.push(...await answer(name, question, chosen, isQuick));
    process.stderr.write(`${((performance.now() - since) / 1000).toFixed(0)} s\n`);
  }
  const isWhole = positionals.length === 0 && values.only === undefined;
  if (isWhole || values.write === true) await write(measured, isQuick);
  else console.log(await report(questions, measured, isQuick));
}

/** Writes the results, with what they had of other questions and runtimes. */
async function write(measured: readonly Measured[], isQuick: boolean): Promise<void> {
  const file = `${root}bench/results.jsonl`;
  const isNew = new Set(measured.map(({ name, runtime }) => `${name} ${runtime}`));
  // Lines that this program wrote.
  const before = (existsSync(file) ? readFileSync(file, "utf8") : "").split("\n").filter((line) =>
    line !== ""
  )
    .map((line) => JSON.parse(line) as Measured);
  const all = [...before.filter(({ name, runtime }) => !isNew.has(`${name} ${runtime}`)), ...measured];
  const questions = new Map<string, Question>();
  for (const name of names.filter((each) => all.some((entry) => entry.name === each))) {
    questions.set(name, await questionOf(name));
  }
  const kept = [...questions.keys()].flatMap((name) => all.filter((entry) => entry.name === name));
  writeFileSync(file, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  writeFileSync(`${root}bench/RESULTS.md`, await report(questions, kept, isQuick));
  writeFloors(floors(questions, kept));
  await run(tools.deno, ["fmt", "bench/RESULTS.md", "bench/NOTES.md"], false);
  console.log("bench/RESULTS.md, the floors of bench/NOTES.md and bench/results.jsonl were written.");
}

/** Puts the floors of the run between their two marks. */
function writeFloors(lines: readonly string[]): void {
  const file = `${root}bench/NOTES.md`;
  const [begin, end] = ["<!-- floors of the last run -->", "<!-- end of floors -->"];
  const text = readFileSync(file, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`bench/NOTES.md has no "${begin}" before an "${end}"`);
  writeFileSync(file, `${text.slice(0, from + begin.length)}\n\n${lines.join("\n")}\n\n${text.slice(to)}`);
}

async function questionOf(name: string): Promise<Question> {
  const { question } = await import(`./${name}.ts`) as { readonly question: Question };
  return question;
}

/** Runs all processes of a question; in odd rounds the order of the variants is reversed. */
async function answer(
  name: string,
  question: Question,
  chosen: readonly string[],
  isQuick: boolean,
): Promise<readonly Measured[]> {
  const rounds = question.rounds[isQuick ? "quick" : "full"];
  const jobs: Job[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const runtime of chosen.filter((each) => question.runtimes?.includes(each) ?? true)) {
      const order = round % 2 === 0 ? question.variants : question.variants.toReversed();
      for (const variant of order) jobs.push({ name, runtime, variant, round });
    }
  }
  const measured: Measured[] = [];
  const work = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const at = new Date().toISOString();
      const values = await measure(job, isQuick);
      const [load = 0] = loadavg();
      // Windows tells none.
      measured.push({
        ...job,
        at,
        machine: thisMachine(),
        ...(load > 0 && { load: Math.round(load * 10) / 10 }),
        values,
      });
    }
  };
  await Promise.all(Array.from({ length: question.isTimeless === true ? 2 : 1 }, work));
  return measured;
}

async function measure({ name, runtime, variant }: Job, isQuick: boolean): Promise<Values> {
  const [command, args] = runtimes[runtime] ?? [tools.node, []];
  const more = ["bench/_measure.ts", name, variant, isQuick ? "quick" : "full"];
  const { code, output } = await run(command, [...args, ...more], false);
  const line = output.trimEnd().split("\n").findLast((text) => text.startsWith("{"));
  if (code === 0 && line !== undefined) return JSON.parse(line);
  console.error(`\n"${variant}" of ${name} failed on ${runtime}:\n${output}`);
  process.exit(1);
}

function refuseUnknown(what: string, wanted: readonly string[], known: readonly string[]): void {
  for (const name of wanted) {
    if (known.includes(name)) continue;
    console.error(`There is no ${what} "${name}". There are ${known.join(", ")}.`);
    process.exit(2);
  }
}

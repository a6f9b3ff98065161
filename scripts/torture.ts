/**
 * `npm run torture`: tries to break the gate, with figures. Each part of tests/torture runs in a process of its own on
 * each of its runtimes; the last line is the plain total.
 *
 * - `--minutes 5`: how long all of it may take
 * - `--seed 123`: the seed; without one it is drawn, and printed
 * - `--only property,faults`: the parts
 * - `--room`: the waiting room alone, the same as `--only room`; it wants a machine for itself, and is not among the usual parts
 * - `--runtime deno,bun`: the runtimes
 * - `--case <name> --path <path>`: what a failure prints to be seen again
 * - `--json <file>`: writes the figures there; `--write` into docs/reliability.json and the page next to it, beside those
 *   of other parts
 */

import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import process from "node:process";
import {
  type Company,
  type Figure,
  marker,
  type Message,
  type Part,
  type Replay,
  type TortureRuntime,
} from "../tests/torture/_part.ts";
import { type Result, withFigures } from "./_reliability.ts";
import { files, readArguments, root, run, tools } from "./_tools.ts";

/** A part on a runtime. */
interface Cell {
  readonly part: Part;
  readonly runtime: TortureRuntime;
  readonly ms: number;
}

/** How many processes run beside each other, by what their parts bear, in the order in which they have their turn. */
const workersOf: Readonly<Record<Company, number>> = {
  anything: Math.min(2, availableParallelism()),
  waiting: 2,
  nothing: 1,
};
const runtimes: readonly TortureRuntime[] = ["node", "deno", "bun"];
const commands: Readonly<Record<TortureRuntime, readonly [command: string, ...args: string[]]>> = {
  node: [tools.node, "--expose-gc"],
  deno: [tools.deno, "run", "-A", "--no-check", "--unstable-kv", "--v8-flags=--expose-gc"],
  bun: [tools.bun, "--expose-gc"],
};
/** Beyond its time, for starting, for ending what it started, and for a machine that is busy: what hangs, hangs for longer. */
const graceMs = 120_000;

const { values } = readArguments("torture", {
  options: {
    minutes: { type: "string", default: "5" },
    seed: { type: "string" },
    only: { type: "string" },
    room: { type: "boolean", default: false },
    runtime: { type: "string" },
    case: { type: "string", default: "" },
    path: { type: "string", default: "" },
    json: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) stop(`"--minutes" must be a positive number, received ${values.minutes}`);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (!Number.isInteger(seed)) stop(`"--seed" must be an integer, received ${values.seed}`);

const known = files("tests/torture/[a-z]*.ts").map((file) => basename(file, ".ts"));
const usual = known.filter((name) => name !== "room").join(",");
const wantedRuntimes = chosen("--runtime", values.runtime, runtimes);
const parts = await Promise.all(
  chosen("--only", values.room ? "room" : values.only ?? usual, known).map(async (name) => {
    const { part } = await import(`${root}tests/torture/${name}.ts`) as { readonly part: Part };
    return part;
  }),
);
const cells = planned();
if (cells.length === 0) stop("none of these parts runs on these runtimes");

console.log(`${cells.length} processes, ${minutes} minutes, seed ${seed}`);
const results: Result[] = [];
for (const [company, workers] of Object.entries(workersOf)) {
  const waiting = cells.filter(({ part: { beside = "anything" } }) => beside === company);
  await Promise.all(Array.from({ length: workers }, () => work(waiting)));
}

if (values.json !== undefined) write(values.json, []);
if (values.write) {
  const all = write(`${root}docs/reliability.json`, kept());
  const page = `${root}docs/reliability.md`;
  writeFileSync(page, withFigures(readFileSync(page, "utf8"), all));
  await run(tools.deno, ["fmt", "docs/reliability.md", "docs/reliability.json"], false);
}
const failed = results.reduce((count, result) => count + failuresOf(result), 0);
for (const unit of ["inputs", "mutants"]) printTotal(unit);
// Each figure of which something is demanded is one, and that the process ended well.
const passed = results.reduce(
  (count, { figures, failures }) =>
    count + figures.filter((figure) => figure.target !== undefined && figure.held).length +
    (failures.length === 0 ? 1 : 0),
  0,
);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** Shares the time out. */
function planned(): readonly Cell[] {
  const list = parts.flatMap((part) =>
    part.runtimes.filter((runtime) => wantedRuntimes.includes(runtime)).map((runtime) => ({ part, runtime }))
  );
  let shares = 0;
  let starts = 0;
  for (const [company, workers] of Object.entries(workersOf)) {
    const some = list.filter(({ part: { beside = "anything" } }) => beside === company);
    const each = some.map(({ part }) => part.share ?? 1);
    // One process cannot be divided.
    shares += Math.max(each.reduce((sum, share) => sum + share, 0) / workers, ...each);
    starts += some.length / workers;
  }
  // Starting takes about a second each.
  const total = Math.max(minutes * 60_000 - 1000 * starts, 1000);
  return list.map((cell) => {
    const { share = 1, leastMs = 1000 } = cell.part;
    return { ...cell, ms: Math.max(leastMs, Math.floor(total * share / shares)) };
  });
}

/** Runs one process after the other. */
async function work(waiting: Cell[]): Promise<void> {
  for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
    const result = await runCell(cell);
    results.push(result);
    print(result, cell.part);
  }
}

function runCell({ part, runtime, ms }: Cell): Promise<Result> {
  const [command, ...args] = commands[runtime];
  const script = [`${root}tests/torture/_run.ts`, part.name, runtime, `${ms}`, `${seed}`, values.case];
  const figures: Figure[] = [];
  const failures: string[] = [];
  const others: string[] = [];
  const begun = performance.now();
  let isDone = false;

  function take(line: string): void {
    if (!line.startsWith(marker)) return void others.push(line);
    // The process is ours.
    const message = JSON.parse(line.slice(marker.length)) as Message;
    if (message.kind === "figure") figures.push(message.figure);
    else if (message.kind === "done") isDone = true;
    else failures.push(`${message.what}\nReplay: ${commandFor(part.name, runtime, message.replay)}`);
  }

  return new Promise((resolve) => {
    // A group of its own, so that what it started ends with it.
    const child = spawn(command, [...args, ...script, values.path], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const limit = ms + graceMs;
    const timer = setTimeout(() => {
      failures.push(
        `not finished after ${Math.round(limit / 1000)} s\nReplay: ${commandFor(part.name, runtime, {})}`,
      );
      end();
    }, limit);
    const signals = ["SIGINT", "SIGTERM"] as const;
    const leave = () => (end(), process.exit(130));
    for (const signal of signals) process.once(signal, leave);

    function end(): void {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // The group is gone.
      }
    }

    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      stream.setEncoding("utf8").on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        lines.forEach(take);
      });
      stream.on("end", () => rest !== "" && take(rest));
    }
    child.on("error", (error) => failures.push(`could not be started: ${error.message}`));
    child.on("exit", () => end());
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      for (const name of signals) process.off(name, leave);
      if (!isDone && failures.length === 0) {
        failures.push(`ended early (${signal ?? `exit code ${code}`})\n${others.slice(-20).join("\n")}`);
      } else if (code !== 0 && failures.length === 0) {
        failures.push(`exit code ${code ?? signal}`);
      }
      const seconds = Math.round((performance.now() - begun) / 100) / 10;
      const date = new Date().toISOString().slice(0, 10);
      resolve({ part: part.name, runtime, seed, seconds, date, figures, failures });
    });
  });
}

/** What to type to see a failure again. */
function commandFor(part: string, runtime: TortureRuntime, { only, path }: Replay): string {
  return [
    `npm run torture -- --only ${part} --runtime ${runtime} --seed ${seed} --minutes ${minutes}`,
    ...(only === undefined ? [] : [`--case '${only}'`]),
    ...(path === undefined ? [] : [`--path ${path}`]),
  ].join(" ");
}

function print({ part, runtime, seconds, figures, failures }: Result, { describe }: Part): void {
  console.log(`\n== ${part} on ${runtime} (${seconds} s): ${describe}`);
  const width = Math.max(0, ...figures.map(({ name }) => name.length));
  for (const { name, value, unit, target, held } of figures) {
    // JSON knows no number without end.
    const told = Number.isFinite(value) ? value.toLocaleString("en") : "endless";
    const text = `${name.padEnd(width)}  ${told} ${unit}`;
    console.log(
      `${target === undefined ? "      " : held ? "ok    " : "FAILED"} ${text}${
        target ? ` (${target})` : ""
      }`,
    );
  }
  for (const failure of failures) console.log(`FAILED ${failure.replaceAll("\n", "\n       ")}`);
}

/** What was counted on all runtimes. */
function printTotal(unit: string): void {
  const counted = results.flatMap(({ figures }) => figures.filter((figure) => figure.name === unit));
  const total = counted.reduce((sum, { value }) => sum + value, 0);
  if (counted.length > 1) console.log(`\n${total.toLocaleString("en")} ${unit} on all runtimes`);
}

function failuresOf({ figures, failures }: Result): number {
  return failures.length + figures.filter(({ held }) => !held).length;
}

/** What was written before of parts that did not run now. */
function kept(): readonly Result[] {
  const file = `${root}docs/reliability.json`;
  if (!existsSync(file)) return [];
  // This script wrote it.
  const { results: before } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly results: readonly Result[];
  };
  return before.filter((old) =>
    known.includes(old.part) &&
    !results.some(({ part, runtime }) => part === old.part && runtime === old.runtime)
  );
}

function write(file: string, before: readonly Result[]): readonly Result[] {
  const order = ({ part, runtime }: Result) => `${part}/${runtimes.indexOf(runtime)}`;
  const all = [...before, ...results].sort((a, b) => order(a) < order(b) ? -1 : 1);
  writeFileSync(file, `${JSON.stringify({ results: all }, null, 2)}\n`);
  return all;
}

/** The words of an option, each of which must be known. */
function chosen<T extends string>(
  option: string,
  text: string | undefined,
  known: readonly T[],
): readonly T[] {
  if (text === undefined) return known;
  const words = text.split(",");
  const unknown = words.filter((word) => !known.some((name) => name === word));
  if (unknown.length > 0) stop(`"${option}" knows ${known.join(", ")}, received ${unknown.join(", ")}`);
  return known.filter((name) => words.includes(name));
}

function stop(why: string): never {
  console.error(`Cannot run torture: ${why}`);
  process.exit(2);
}

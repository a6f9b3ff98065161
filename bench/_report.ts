/** Writes what was measured as Markdown: the targets first, then each question's medians. */

import { readFileSync } from "node:fs";
import { cpus, totalmem, type } from "node:os";
import process from "node:process";
import { root, run, tools } from "../scripts/_tools.ts";
import { type Median, middle, type Question, type Target, type Values } from "./_question.ts";

/** What one process measured. */
export interface Measured {
  readonly name: string;
  readonly runtime: string;
  readonly variant: string;
  readonly round: number;
  /** When the process began, in UTC. */
  readonly at: string;
  /** On what it ran; questions may be asked on different days. */
  readonly machine: string;
  /** The average of the machine's run queue over a minute when it ended, where the system tells it. */
  readonly load?: number;
  readonly values: Values;
}

/** What this is measured on. */
export function thisMachine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpu?.model.trim() ?? "unknown"}, ${cpus().length} cores, ${memory} GB, ${type()}`;
}

/** Writes the report. */
export async function report(
  questions: ReadonlyMap<string, Question>,
  measured: readonly Measured[],
  isQuick: boolean,
): Promise<string> {
  const runtimes = [...new Set(measured.map(({ runtime }) => runtime))];
  const lines = [
    "# Results",
    "",
    `Written by \`npm run bench${isQuick ? " -- --quick" : ""}\`. Each variant was measured in ` +
    "processes of its own, in alternating order; the values are medians over all rounds, the numbers of targets the medians of those of each round, and " +
    "`results.jsonl` has the values of each process. What was tried, and what bounds a target that was missed, is in `NOTES.md`.",
    "",
    `- runtimes: ${await versions(runtimes)}`,
    "- load: what each question says of it is the run queue of the machine over a minute, the median and the most; the processes of a " +
    "question make 1 to 2, more than that was other work, and such a question is asked again before its times are believed",
    `- compared with: ${packages(["@queue-it/connector-javascript", "crowdhandler-sdk", "hono"])}`,
    "",
    "## Targets",
    "",
  ];
  lines.push(...targetTable(questions, measured, runtimes));
  let number = 0;
  for (const [name, question] of questions) {
    const own = measured.filter((entry) => entry.name === name);
    lines.push(
      "",
      `## ${++number}. ${question.title}`,
      "",
      `Unit: ${question.unit}. ${circumstances(own)}`,
      "",
    );
    lines.push(...medianTables(question, own, runtimes));
  }
  return `${lines.join("\n")}\n`;
}

/**
 * Writes what bounds the targets that are missed: the least that their numbers can be, from the same run, where that is measured. "Out of reach" is
 * a target beyond its floor.
 */
export function floors(
  questions: ReadonlyMap<string, Question>,
  measured: readonly Measured[],
): readonly string[] {
  const rows: string[][] = [];
  for (const [name, { targets }] of questions) {
    for (const target of targets) {
      const { floor } = target;
      if (floor === undefined) continue;
      for (const runtime of new Set(measured.map((entry) => entry.runtime))) {
        if (!appliesOn(target, runtime)) continue;
        const own = valueOn(measured, name, runtime, target.value);
        const least = valueOn(measured, name, runtime, floor.value);
        if (isMet(target, own) || !Number.isFinite(own) || !Number.isFinite(least)) continue;
        const written = [own, least].map((value) => number(value) + unitOf(target));
        const isOut = isMet(target, least) ? "" : "out of reach";
        rows.push([name, target.claim, runtime, goal(target), ...written, floor.of, isOut]);
      }
    }
  }
  if (rows.length === 0) return ["No target is missed whose floor is measured."];
  return table(["question", "claim", "runtime", "target", "ours", "the floor", "which is", ""], rows);
}

function appliesOn({ runtimes }: Target, runtime: string): boolean {
  return runtimes?.includes(runtime) ?? true;
}

/**
 * The number of a target on a runtime: the middle of those of the rounds. What belongs to a round was measured soon one after the other, while the
 * medians of two variants over all rounds may be of two moments of a machine that others use as well.
 */
function valueOn(
  measured: readonly Measured[],
  name: string,
  runtime: string,
  of: (median: Median) => number,
): number {
  const here = measured.filter((entry) => entry.name === name && entry.runtime === runtime);
  const rounds = [...new Set(here.map(({ round }) => round))];
  const each = rounds.map((at) => of(medianOf(here.filter(({ round }) => round === at))));
  return middle(each.filter(Number.isFinite));
}

function isMet({ atLeast = -Infinity, atMost = Infinity }: Target, value: number): boolean {
  return value >= atLeast && value <= atMost;
}

/** When a question was asked, and what else the machine did. */
function circumstances(measured: readonly Measured[]): string {
  const times = measured.map(({ at }) => at).toSorted();
  const loads = measured.flatMap(({ load }) => load === undefined ? [] : [load]);
  const [first = "", last = ""] = [times[0], times.at(-1)].map((at) => at?.slice(0, 16).replace("T", " "));
  const when = first === last
    ? first
    : `${first} to ${last.startsWith(first.slice(0, 10)) ? last.slice(11) : last}`;
  const where = [...new Set(measured.map(({ machine }) => machine))].join(" and ");
  const load = loads.length === 0
    ? ""
    : `, load ${middle(loads).toFixed(1)}, at most ${Math.max(...loads).toFixed(1)}`;
  return `Measured ${when} UTC${load}, on ${where}.`;
}

function targetTable(
  questions: ReadonlyMap<string, Question>,
  measured: readonly Measured[],
  runtimes: readonly string[],
): readonly string[] {
  const rows: string[][] = [];
  for (const [name, { targets }] of questions) {
    for (const target of targets) {
      const cells = runtimes.map((runtime) =>
        appliesOn(target, runtime) ? verdict(target, valueOn(measured, name, runtime, target.value)) : "–"
      );
      rows.push([name, target.claim, goal(target), ...cells]);
    }
  }
  return table(["question", "claim", "target", ...runtimes], rows);
}

function verdict(target: Target, value: number): string {
  if (!Number.isFinite(value)) return "not measured";
  return `${number(value)}${unitOf(target)} ${isMet(target, value) ? "met" : "**missed**"}`;
}

function goal(target: Target): string {
  return target.atLeast === undefined
    ? `≤ ${target.atMost}${unitOf(target)}`
    : `≥ ${target.atLeast}${unitOf(target)}`;
}

function unitOf({ unit = "×" }: Target): string {
  return unit === "×" ? "×" : ` ${unit}`;
}

/** A table for each runtime: the cases below each other, the variants side by side. */
function medianTables(
  question: Question,
  measured: readonly Measured[],
  runtimes: readonly string[],
): readonly string[] {
  const lines: string[] = [];
  for (const runtime of runtimes) {
    const here = measured.filter((entry) => entry.runtime === runtime);
    const median = medianOf(here);
    const cases = [...new Set(here.flatMap(({ values }) => Object.keys(values)))];
    const variants = question.variants.filter((variant) =>
      cases.some((at) => Number.isFinite(median(variant, at)))
    );
    if (cases.length === 0) continue;
    if (lines.length > 0) lines.push("");
    lines.push(`### ${runtime}`, "");
    // The longer list goes down the page.
    const rows = cases.length >= variants.length
      ? table(
        ["", ...variants],
        cases.map((at) => [at, ...variants.map((variant) => number(median(variant, at)))]),
      )
      : table(
        ["", ...cases],
        variants.map((variant) => [variant, ...cases.map((at) => number(median(variant, at)))]),
      );
    lines.push(...rows);
  }
  return lines;
}

function medianOf(measured: readonly Measured[]): Median {
  return (variant, at) =>
    middle(
      measured.filter((entry) => entry.variant === variant)
        .map(({ values }) => values[at] ?? Number.NaN).filter((value) => !Number.isNaN(value)),
    );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

/** Three digits that count, and no exponent. */
function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

async function versions(runtimes: readonly string[]): Promise<string> {
  const texts: string[] = [];
  if (runtimes.includes("node")) texts.push(`Node ${process.versions.node}`);
  for (const [name, command] of [["Deno", tools.deno], ["Bun", tools.bun]] as const) {
    if (!runtimes.includes(name.toLowerCase())) continue;
    const { output } = await run(command, ["--version"], false);
    texts.push(`${name} ${/\d+\.\d+\.\d+/.exec(output)?.[0] ?? ""}`);
  }
  return texts.join(", ");
}

function packages(names: readonly string[]): string {
  return names.map((name) => {
    const { version } = JSON.parse(readFileSync(`${root}node_modules/${name}/package.json`, "utf8"));
    return `${name} ${version}`;
  }).join(", ");
}

/** The figures of docs/reliability.md, which are those of docs/reliability.json. */

import type { Figure, TortureRuntime } from "../tests/torture/_part.ts";

/** What a part of `npm run torture` found out on a runtime, as it is written to files. */
export interface Result {
  readonly part: string;
  readonly runtime: TortureRuntime;
  readonly seed: number;
  readonly seconds: number;
  readonly date: string;
  readonly figures: readonly Figure[];
  readonly failures: readonly string[];
}

const begin = "<!-- figures: npm run torture -- --write -->";
const end = "<!-- end of figures -->";

/** Puts the figures into the page. */
export function withFigures(page: string, results: readonly Result[]): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`docs/reliability.md has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${tables(results)}\n${page.slice(to)}`;
}

function tables(results: readonly Result[]): string {
  const parts = [...new Set(results.map(({ part }) => part))];
  return parts.map((part) => table(part, results.filter((result) => result.part === part))).join("\n");
}

function table(part: string, results: readonly Result[]): string {
  const names = [...new Set(results.flatMap(({ figures }) => figures.map(({ name }) => name)))];
  const rows = names.map((name) => {
    const found = results.map(({ figures }) => figures.find((figure) => figure.name === name));
    const target = found.find((figure) => figure !== undefined)?.target ?? "";
    return [name, target, ...found.map(cell)];
  });
  const runs = results.map(({ runtime, seconds, seed, date }) =>
    `${runtime} ${seconds} s, seed ${seed}, ${date}`
  );
  const failures = results.flatMap(({ runtime, failures }) =>
    failures.map((text) => `- ${runtime}: ${text}`)
  );
  const head = [part, "demanded", ...results.map(({ runtime }) => runtime)];
  return [
    `### ${part}`,
    "",
    `${runs.join("; ")}.`,
    "",
    line(head),
    line(head.map(() => "---")),
    ...rows.map(line),
    ...(failures.length === 0 ? [] : ["", ...failures]),
    "",
  ].join("\n");
}

function cell(figure: Figure | undefined): string {
  if (figure === undefined) return "–";
  const { value, unit, held } = figure;
  return `${value.toLocaleString("en")} ${unit}${held ? "" : " **missed**"}`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** The figures of docs/reliability.md about mutants, which are those of docs/mutation.json. */

const begin = "<!-- mutants: npm run mutate -- --write -->";
const end = "<!-- end of mutants -->";

/** The figures of some files together. */
export interface PartFigures {
  readonly name: string;
  readonly mutants: number;
  readonly survived: number;
  readonly equivalent: number;
  readonly score: number;
  readonly scoreOfNoticeable: number;
  /** When the first and the last of the files were looked at. */
  readonly dates: readonly [first: string, last: string];
}

/** Puts the figures of the parts, and those of all, into the page. */
export function withMutants(
  page: string,
  parts: readonly PartFigures[],
  all: Omit<PartFigures, "dates">,
): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`docs/reliability.md has no ${begin} … ${end}`);
  const rows = [
    [
      "part",
      "mutants",
      "noticed",
      "survived",
      "of these, none can be noticed",
      "score",
      "without those",
      "date",
    ],
    ...parts.map((part) => [...cellsOf(part), [...new Set(part.dates)].join(" to ")]),
    [...cellsOf(all), ""],
  ];
  return `${page.slice(0, from + begin.length)}\n\n${tableOf(rows)}\n\n${page.slice(to)}`;
}

function cellsOf(
  { name, mutants, survived, equivalent, score, scoreOfNoticeable }: Omit<PartFigures, "dates">,
): readonly string[] {
  const counts = [mutants, mutants - survived, survived, equivalent].map((number) =>
    number.toLocaleString("en")
  );
  return [name, ...counts, `${score.toFixed(1)} %`, `${scoreOfNoticeable.toFixed(1)} %`];
}

/** A table whose columns have one width, as the formatter wants it. */
function tableOf([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((cell, at) => Math.max(cell.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

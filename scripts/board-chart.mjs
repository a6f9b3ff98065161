/**
 * Writes the library of the board's charts, uPlot, as a module: the board serves it itself, on platforms without files, too. Run it after
 * uPlot was updated; a test tells when that is due.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { root } from "./_root.mjs";

export const target = "plugins/waiting-room/board/page/chart-library.ts";

/** The module, from the installed package. */
export function moduleOf(folder) {
  const read = (file) => readFileSync(`${folder}/${file}`, "utf8");
  const { version } = JSON.parse(read("package.json"));
  const script = read("dist/uPlot.iife.min.js").trim();
  const style = read("dist/uPlot.min.css").trim();
  return `/**
 * uPlot ${version}, which draws the charts of the board, as it was published, under the licence below. Written by \`scripts/board-chart.mjs\`.
 *
${read("LICENSE").trim().split("\n").map((line) => ` * ${line}`.trimEnd()).join("\n")}
 *
 * @module
 */

/** The script. */
export const chartScript: string =
  ${JSON.stringify(script)};
/** The style. */
export const chartStyle: string =
  ${JSON.stringify(style)};
`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  writeFileSync(`${root}${root.endsWith("/") ? "" : "/"}${target}`, moduleOf(`${root}/node_modules/uplot`));
}

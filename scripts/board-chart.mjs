/**
 * Writes the library of the charts of boards, uPlot, as a module: the boards serve it themselves, on platforms without files, too. Run it after
 * uPlot was updated; a test tells when that is due.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { root } from "./_root.mjs";

export const target = "src/pages/chart-library.ts";

/** The module, from the installed package. */
export function moduleOf(folder) {
  const read = (file) => readFileSync(`${folder}/${file}`, "utf8");
  const { version } = JSON.parse(read("package.json"));
  const script = read("dist/uPlot.iife.min.js").trim();
  const style = read("dist/uPlot.min.css").trim();
  return `/**
 * uPlot ${version}, which draws the charts of boards, as it was published, under the licence below. Written by \`scripts/board-chart.mjs\`.
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

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { chartScript, chartStyle } from "../../src/pages/chart-library.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("the library of the board's charts is the installed one, as it was published", () => {
  const read = (file: string) => readFileSync(`${root}node_modules/uplot/${file}`, "utf8").trim();
  assert.equal(chartScript, read("dist/uPlot.iife.min.js"), "run: node scripts/board-chart.mjs");
  assert.equal(chartStyle, read("dist/uPlot.min.css"));
  const own = readFileSync(`${root}src/pages/chart-library.ts`, "utf8");
  for (const line of read("LICENSE").split("\n")) assert.ok(own.includes(line.trim()), line);
});

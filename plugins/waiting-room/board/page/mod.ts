/**
 * The page of the board, and what it is made of. Nothing comes from elsewhere.
 *
 * @module
 */

import type { Answer } from "../../../../src/http/problem.ts";
import { boardCharts } from "../../../../src/pages/board-charts.ts";
import { boardStyle } from "../../../../src/pages/board-style.ts";
import { boardWords } from "../../../../src/pages/board-words.ts";
import { chartScript, chartStyle } from "../../../../src/pages/chart-library.ts";
import { charts } from "./charts.ts";
import { controls } from "./controls.ts";
import { live } from "./live.ts";
import { words } from "./words.ts";

export { boardPage, pageHeaders, signInPage } from "./html.ts";

/** What the page asks for besides, by its path. It is the same for everybody, and no secret. */
export const assets: ReadonlyMap<string, Answer> = new Map([
  ["/board.css", { status: 200, type: "text/css; charset=utf-8", body: boardStyle + chartStyle }],
  ["/chart.js", { status: 200, type: "text/javascript; charset=utf-8", body: chartScript }],
  [
    "/board.js",
    {
      status: 200,
      type: "text/javascript; charset=utf-8",
      body: `(() => {\n"use strict";\n${boardWords}${words}${boardCharts}${charts}${controls}${live}})();\n`,
    },
  ],
]);

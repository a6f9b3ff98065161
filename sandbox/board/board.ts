/**
 * The page of the sandbox at its root: rooms, visitors, faults by switch, and what the gate decides and the services are
 * asked, as it happens.
 *
 * @module
 */
import { Hono } from "hono";
import { boardCharts } from "../../src/pages/board-charts.ts";
import { boardStyle } from "../../src/pages/board-style.ts";
import { boardWords } from "../../src/pages/board-words.ts";
import { chartScript, chartStyle } from "../../src/pages/chart-library.ts";
import type { Bindings } from "../call.ts";
import { html } from "./html.ts";
import { script } from "./script.ts";

/** Nothing but its own files runs, and nobody frames it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

const scripts = `(() => {\n"use strict";\n${boardWords}${boardCharts}${script}})();\n`;

/**
 * Creates the page and what it loads. What it does, it does by the control endpoints under `/sandbox`.
 *
 * @returns A Hono app.
 */
export function createBoard(): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>();
  const file = (body: string, type: string) =>
    new Response(body, {
      headers: { "content-type": `${type}; charset=utf-8`, "cache-control": "no-cache" },
    });

  app.get("/", async (c, next) => {
    // With a query, or for programs, it is a waiting room that there is not.
    const isPage = new URL(c.req.url).search === "" && c.req.header("accept")?.includes("text/html") === true;
    if (!isPage) return await next();
    c.header("content-security-policy", policy);
    c.header("cache-control", "no-store");
    return c.html(html);
  });
  app.get("/sandbox/board.js", () => file(scripts, "text/javascript"));
  app.get("/sandbox/chart.js", () => file(chartScript, "text/javascript"));
  app.get("/sandbox/board.css", () => file(boardStyle + chartStyle, "text/css"));
  app.get("/favicon.ico", (c) => c.body(null, 204));
  return app;
}

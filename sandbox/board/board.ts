/**
 * The page of the sandbox at its root: rooms, visitors, faults by switch, and what the services are asked as it happens.
 *
 * @module
 */
import { Hono } from "hono";
import { boardStyle } from "../../src/pages/board-style.ts";
import type { Bindings } from "../call.ts";
import { html } from "./html.ts";
import { script } from "./script.ts";

/** Nothing but its own files runs, and nobody frames it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

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
  app.get("/sandbox/board.js", () => file(script, "text/javascript"));
  app.get("/sandbox/board.css", () => file(boardStyle, "text/css"));
  app.get("/favicon.ico", (c) => c.body(null, 204));
  return app;
}

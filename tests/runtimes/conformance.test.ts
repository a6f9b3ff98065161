/** The conformance suite on the runtime that runs the tests, which serves the application in a process of its own. */

import process from "node:process";
import { conformance } from "./_conformance.ts";
import { start } from "./_process.ts";

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const args = runtime === "deno" ? ["run", "-A", "--no-check", "--quiet"] : [];

conformance(runtime, (settings) =>
  start({
    command: process.execPath,
    args: [...args, `tests/runtimes/serve-${runtime}.ts`],
    env: { CONFORMANCE: JSON.stringify(settings) },
    announces: /listening on (\d+)/,
  }));

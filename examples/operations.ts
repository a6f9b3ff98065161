/**
 * What the on-call engineer needs: endpoints for health, metrics, explanations and the kill switch, and a clean end.
 * `OPERATIONS_SECRETS=$SECRET node examples/operations.ts`, or with `bun` or `deno run -A`; then
 *
 * ```sh
 * curl -H "authorization: Bearer $SECRET" localhost:8000/.stanchion/health
 * curl -H "authorization: Bearer $SECRET" -H 'content-type: application/json' \
 *   -X PUT -d '{"mode":"off","forMs":900000,"by":"me"}' localhost:8000/.stanchion/mode
 * ```
 *
 * In your own project, import from `stanchion`, `stanchion/crowdhandler`, `stanchion/metrics`, `stanchion/mode-switch` and
 * `stanchion/operations`.
 *
 * @module
 */

import process from "node:process";
import { serve } from "@hono/node-server";
import { clientIp, cookieTokens, createGate, failOpen, staticFiles } from "../mod.ts";
import { metrics } from "../plugins/metrics/mod.ts";
import { modeSwitch } from "../plugins/mode-switch/mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";
import { operations } from "../plugins/operations/mod.ts";

// With a storage that all processes share, such as one of unstorage, the whole fleet follows.
const modes = modeSwitch({
  onChange: ({ mode, by, untilMs }) => {
    const until = untilMs === undefined ? "" : ` until ${new Date(untilMs).toISOString()}`;
    console.log(`The gate's mode is ${mode}${until}, by ${by ?? "nobody"}`);
  },
});
const counted = metrics();

const gate = createGate({
  // Rules and return addresses go by this host, whatever a request names.
  publicHosts: [process.env["PUBLIC_HOST"] ?? "localhost:8000"],
  mode: modes.mode,
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    clientIp(),
    cookieTokens(),
    failOpen(),
    crowdhandler({
      publicKey: process.env["CROWDHANDLER_PUBLIC_KEY"] ?? "",
      apiUrl: process.env["CROWDHANDLER_API_URL"],
    }),
    counted,
  ],
});

// Two secrets, so that one can be changed after the other: new ones come first, old ones go later.
const secrets = (process.env["OPERATIONS_SECRETS"] ?? "").split(",");
const endpoints = operations(gate, { secrets, metrics: counted, modes });

const server = serve({
  port: Number(process.env["PORT"] ?? 8000),
  fetch: endpoints.route(
    gate.wrap((request: Request, ..._platform: readonly unknown[]) =>
      new Response(`Welcome to ${new URL(request.url).pathname}\n`)
    ),
  ),
});

// Ends once everybody is answered and what goes on behind the responses is done.
process.once("SIGTERM", () => {
  modes.close();
  server.close(() => void gate.idle().then(() => process.exit(0)));
});

/**
 * Node, through `@hono/node-server`: `node examples/node.ts`.
 *
 * In your own project, import from `stanchion` and `stanchion/crowdhandler`.
 *
 * @module
 */

import process from "node:process";
import { serve } from "@hono/node-server";
import { clientIp, cookieTokens, createGate, failOpen, staticFiles } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";

const gate = createGate({
  // Rules and return addresses go by this host, whatever a request names.
  publicHosts: [process.env["PUBLIC_HOST"] ?? "localhost:8000"],
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    // Behind a proxy of yours, say so here.
    clientIp(),
    cookieTokens(),
    failOpen(),
    crowdhandler({
      publicKey: process.env["CROWDHANDLER_PUBLIC_KEY"] ?? "",
      apiUrl: process.env["CROWDHANDLER_API_URL"],
    }),
  ],
});

const server = serve({
  port: Number(process.env["PORT"] ?? 8000),
  // The second argument tells the gate of the connection; the handler need not look at it.
  fetch: gate.wrap((request: Request, ..._platform: readonly unknown[]) =>
    new Response(`Welcome to ${new URL(request.url).pathname}\n`)
  ),
});

// Ends once everybody is answered and what goes on behind the responses is done.
process.once("SIGTERM", () => {
  server.close(() => void gate.idle().then(() => process.exit(0)));
});

/**
 * Node, through `@hono/node-server`: `node examples/node.ts`.
 *
 * @module
 */

import process from "node:process";
import { serve } from "@hono/node-server";
import { cookieTokens, createGate, failOpen, staticFiles } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";

const gate = createGate({
  plugins: [
    staticFiles(),
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
  fetch: gate.wrap((request: Request, ..._platform: readonly unknown[]) =>
    new Response(`Welcome to ${new URL(request.url).pathname}\n`)
  ),
});

process.once("SIGTERM", () => {
  server.close(() => void gate.idle().then(() => process.exit(0)));
});

/**
 * A reverse proxy with a gate, for an origin that one cannot change: `ORIGIN=http://127.0.0.1:3000`, then
 * `deno serve -A examples/reverse-proxy.ts`, `bun examples/reverse-proxy.ts` or `node examples/reverse-proxy.ts`.
 *
 * Let nobody reach the origin past it. It hands on no WebSockets.
 *
 * In your own project, import from `stanchion` and `stanchion/crowdhandler`, and copy `forward.ts` and `claimed-headers.ts`.
 *
 * @module
 */

import process from "node:process";
import { serve } from "@hono/node-server";
import { clientIp, cookieTokens, createGate, failOpen, staticFiles } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";
import { forwardTo } from "./forward.ts";

const { ORIGIN = "http://127.0.0.1:3000", PUBLIC_HOST = "localhost:8000", PORT = "8000" } = process.env;
const forward = forwardTo(new URL(ORIGIN).origin);

const gate = createGate({
  // Rules and return addresses go by this host, whatever a request names.
  publicHosts: [PUBLIC_HOST],
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    clientIp(),
    cookieTokens(),
    failOpen(),
    crowdhandler({
      publicKey: process.env["CROWDHANDLER_PUBLIC_KEY"] ?? "",
      apiUrl: process.env["CROWDHANDLER_API_URL"],
    }),
  ],
});

const proxy = {
  port: Number(PORT),
  fetch: (request: Request, ...platform: readonly unknown[]): Response | Promise<Response> =>
    gate(
      request,
      // Static files are past the gate, which then has not looked for the visitor's address.
      (ctx) => forward(request, ctx?.address ?? "unknown"),
      ...platform,
    ),
};

// Deno and Bun serve by themselves what a module exports as its default.
if (!("Deno" in globalThis) && !("Bun" in globalThis)) serve(proxy);

export { proxy as default };

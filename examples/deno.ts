/**
 * Deno and Deno Deploy: `deno run --allow-net --allow-env examples/deno.ts`.
 *
 * @module
 */

import { cookieTokens, createGate, failOpen, staticFiles } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";

const gate = createGate({
  plugins: [
    staticFiles(),
    cookieTokens(),
    failOpen(),
    crowdhandler({
      publicKey: Deno.env.get("CROWDHANDLER_PUBLIC_KEY") ?? "",
      apiUrl: Deno.env.get("CROWDHANDLER_API_URL"),
    }),
  ],
});

Deno.serve(
  { port: Number(Deno.env.get("PORT") ?? 8000) },
  gate.wrap((request) => new Response(`Welcome to ${new URL(request.url).pathname}\n`)),
);

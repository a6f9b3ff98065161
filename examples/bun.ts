/**
 * Bun: `bun examples/bun.ts`.
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
      publicKey: Bun.env.CROWDHANDLER_PUBLIC_KEY ?? "",
      apiUrl: Bun.env.CROWDHANDLER_API_URL,
    }),
  ],
});

Bun.serve({
  port: Number(Bun.env.PORT ?? 8000),
  fetch: gate.wrap((request: Request) => new Response(`Welcome to ${new URL(request.url).pathname}\n`)),
});

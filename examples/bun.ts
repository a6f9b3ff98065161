/**
 * Bun: `bun examples/bun.ts`.
 *
 * In your own project, import from `stanchion` and `stanchion/crowdhandler`.
 *
 * @module
 */

import { clientIp, cookieTokens, createGate, failOpen, staticFiles } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";

const gate = createGate({
  // Rules and return addresses go by this host, whatever a request names.
  publicHosts: [Bun.env.PUBLIC_HOST ?? "localhost:8000"],
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    // Behind a proxy of yours, say so here.
    clientIp(),
    cookieTokens(),
    failOpen(),
    crowdhandler({
      publicKey: Bun.env.CROWDHANDLER_PUBLIC_KEY ?? "",
      apiUrl: Bun.env.CROWDHANDLER_API_URL,
    }),
  ],
});

const server = Bun.serve({
  port: Number(Bun.env.PORT ?? 8000),
  fetch: gate.wrap((request: Request) => new Response(`Welcome to ${new URL(request.url).pathname}\n`)),
});

// Ends once everybody is answered and what goes on behind the responses is done.
process.once("SIGTERM", () => {
  server.stop().then(() => gate.idle()).then(() => process.exit(0));
});

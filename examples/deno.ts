/**
 * Deno and Deno Deploy: `deno run --allow-net --allow-env examples/deno.ts`.
 *
 * In your own project, import from `stanchion` and `stanchion/crowdhandler`.
 *
 * @module
 */

import { clientIp, cookieTokens, createGate, failOpen, staticFiles } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";

const gate = createGate({
  // Rules and return addresses go by this host, whatever a request names.
  publicHosts: [Deno.env.get("PUBLIC_HOST") ?? "localhost:8000"],
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    // On Deno Deploy the address of the connection is the visitor's; behind a proxy of yours say so here.
    clientIp(),
    cookieTokens(),
    failOpen(),
    crowdhandler({
      publicKey: Deno.env.get("CROWDHANDLER_PUBLIC_KEY") ?? "",
      apiUrl: Deno.env.get("CROWDHANDLER_API_URL"),
    }),
  ],
});

const server = Deno.serve(
  { port: Number(Deno.env.get("PORT") ?? 8000) },
  gate.wrap((request) => new Response(`Welcome to ${new URL(request.url).pathname}\n`)),
);

// Ends once everybody is answered and what goes on behind the responses is done.
Deno.addSignalListener("SIGTERM", () => {
  server.shutdown().then(() => gate.idle()).then(() => Deno.exit(0));
});

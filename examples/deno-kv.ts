/**
 * Visitor tokens in Deno KV: the browser holds a random id only, the token stays on the server.
 * `deno run --unstable-kv --allow-net --allow-env --allow-read --allow-write examples/deno-kv.ts`.
 *
 * In your own project, import from `stanchion`, `stanchion/crowdhandler`,
 * `stanchion/storage-tokens` and `npm:unstorage`. Any other driver of unstorage takes the same place: Redis,
 * Cloudflare KV, Upstash ...
 *
 * @module
 */

import { createStorage } from "unstorage";
import denoKv from "unstorage/drivers/deno-kv";
import { clientIp, createGate, failOpen, staticFiles } from "../mod.ts";
import { storageTokens } from "../plugins/storage-tokens/mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";

// On Deno Deploy there is one database, without a path.
const storage = createStorage({ driver: denoKv({ path: Deno.env.get("KV_PATH") }) });

const gate = createGate({
  // Rules and return addresses go by this host, whatever a request names.
  publicHosts: [Deno.env.get("PUBLIC_HOST") ?? "localhost:8000"],
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    clientIp(),
    // People wait for hours: a token that nobody asks for is kept for a day.
    storageTokens({ storage, prefix: "waiting", ttlSeconds: 86_400 }),
    // When the database is slow or away, that is a failure like any other.
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

/**
 * A gate that survives an outage of the service: `node examples/outage.ts`, `deno run -A examples/outage.ts` or
 * `bun examples/outage.ts`.
 *
 * Whoever was let in stays in, newcomers wait, and after a few failures no page waits for the service any more. `/health` on a
 * second port, `HEALTH_PORT`, tells how it is doing.
 *
 * In your own project, import from `stanchion`, `stanchion/bulkhead`, `stanchion/circuit-breaker`, `stanchion/crowdhandler`
 * and `stanchion/grace`.
 *
 * @module
 */

import process from "node:process";
import { serve } from "@hono/node-server";
import { clientIp, cookieTokens, createGate, failClosed, staticFiles } from "../mod.ts";
import { bulkhead } from "../plugins/bulkhead.ts";
import { circuitBreaker } from "../plugins/circuit-breaker/mod.ts";
import { grace } from "../plugins/grace/mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";

const { env } = process;

const provider = crowdhandler({
  publicKey: env["CROWDHANDLER_PUBLIC_KEY"] ?? "",
  apiUrl: env["CROWDHANDLER_API_URL"],
  timeoutMs: Number(env["TIMEOUT_MS"] ?? 500),
});

const gate = createGate({
  // Rules and return addresses go by this host, whatever a request names.
  publicHosts: [env["PUBLIC_HOST"] ?? "localhost:8000"],
  plugins: [
    staticFiles({ roots: ["/assets"] }),
    clientIp(),
    cookieTokens(),
    // Without a secret of your own each process makes one, and places are lost when it ends.
    grace({ secrets: [env["GRACE_SECRET"] ?? crypto.randomUUID()], forMs: 10 * 60_000 }),
    failClosed(),
    circuitBreaker(bulkhead(provider, { maxConcurrent: 200, maxWaiting: 100 }), {
      failures: 3,
      openMs: Number(env["OPEN_MS"] ?? 5000),
      onState: ({ from, to, code }) => console.warn(`CrowdHandler: ${from} to ${to}`, code ?? ""),
    }),
  ],
});

const servers = [
  serve({
    port: Number(env["PORT"] ?? 8000),
    fetch: gate.wrap((request: Request, ..._platform: readonly unknown[]) =>
      new Response(`Welcome to ${new URL(request.url).pathname}\n`)
    ),
  }),
  // For your own machines alone.
  serve({
    port: Number(env["HEALTH_PORT"] ?? 8001),
    hostname: "127.0.0.1",
    fetch: () => Response.json(gate.health()),
  }),
];

// Ends once everybody is answered and what goes on behind the responses is done.
process.once("SIGTERM", () => {
  const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
  void Promise.all(closed).then(() => gate.idle()).then(() => process.exit(0));
});

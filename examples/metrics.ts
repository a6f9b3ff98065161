/**
 * What operates at night: metrics for Prometheus on a port of their own, and a log of what is decided, in front of a
 * waiting room that runs in this process. `node examples/metrics.ts`, then open the page and `/metrics`.
 *
 * In your own project, import from `stanchion`, `stanchion/crowdhandler`, `stanchion/decision-log`, `stanchion/metrics`,
 * `stanchion/sandbox` and `stanchion/server-timing`.
 *
 * @module
 */

import process from "node:process";
import { serve } from "@hono/node-server";
import { clientIp, cookieTokens, createGate, failOpen } from "../mod.ts";
import { decisionLog } from "../plugins/decision-log/mod.ts";
import { metrics } from "../plugins/metrics/mod.ts";
import { serverTiming } from "../plugins/server-timing.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";
import { createSandbox } from "../sandbox/mod.ts";

const publicHost = process.env["PUBLIC_HOST"] ?? "localhost:8000";
// Whoever comes first is let in at the second look; one fits in, the others wait.
const sandbox = createSandbox({
  rooms: [{ slug: "hall", domain: `https://${publicHost}`, capacity: 1, ratePerMinute: 6000 }],
});

const counted = metrics();
const gate = createGate({
  // Rules and return addresses go by this host, whatever a request names.
  publicHosts: [publicHost],
  plugins: [
    clientIp(),
    cookieTokens(),
    failOpen(),
    crowdhandler({
      publicKey: sandbox.publicKey,
      fetch: (url, init) => sandbox.fetch(new Request(url, init)),
    }),
    counted,
    // One line of JSON for each decision: no token, no query, and of the address only the network.
    decisionLog(),
    serverTiming(),
  ],
});

const shop = serve({
  port: Number(process.env["PORT"] ?? 8000),
  fetch: gate.wrap((request: Request, ..._platform: readonly unknown[]) =>
    new Response(`Welcome to ${new URL(request.url).pathname}\n`)
  ),
});

// Whoever reaches this port sees how the gate is doing. It is open to this machine alone.
const monitoring = serve({
  hostname: "127.0.0.1",
  port: Number(process.env["METRICS_PORT"] ?? 9464),
  fetch: counted.handler(gate),
});

process.once("SIGTERM", () => {
  monitoring.close();
  shop.close(() => void gate.idle().then(() => process.exit(0)));
});

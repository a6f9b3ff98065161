/**
 * The conformance suite: what holds on every runtime, asked over HTTP from outside. It knows no test runner.
 *
 * `startServices()` gives the services that the application needs, `settingsFor()` what to tell the application.
 */

import { createServer } from "node:http";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { createSandbox, type Sandbox } from "../../sandbox/mod.ts";
import { serveSandbox } from "../../sandbox/serve.ts";
import type { Check } from "./_world.ts";
import type { Settings } from "./app.ts";
import { bytes } from "./bytes.ts";
import { crowdhandlerChecks } from "./crowdhandler.ts";
import { madeChecks } from "./made.ts";
import { pipeline } from "./pipeline.ts";
import { queueItChecks } from "./queue-it.ts";

export type { Check, Runtime, World } from "./_world.ts";

/** Every check, in the order in which they run: one after the other. */
export const checks: readonly Check[] = [
  ...pipeline,
  ...bytes,
  ...madeChecks,
  ...crowdhandlerChecks,
  ...queueItChecks,
];

/** The services next to an application. */
export interface Services {
  readonly sandbox: Sandbox;
  readonly sandboxUrl: string;
  readonly settings: Settings;
  close(): Promise<void>;
}

/** Starts the sandbox with the rooms that the checks expect. */
export async function startServices(): Promise<Services> {
  const room = {
    domain: "https://shop.example.com",
    patternType: "contains",
    capacity: 1000,
    ratePerMinute: 0,
  } as const;
  const sandbox = createSandbox({
    rooms: ["full", "impatient", "hybrid", "cold", "stale"].map((slug) => ({
      ...room,
      slug,
      urlPattern: `/${slug}`,
      crowd: 3,
    })),
    queueIt: {
      rooms: [
        {
          eventId: "queue",
          domains: ["https://shop.example.com"],
          path: "/queue-it",
          capacity: 1000,
          ratePerMinute: 0,
          crowd: 3,
        },
        { eventId: "other", domains: ["https://other.example.com"] },
      ],
    },
  });
  const server = await serveSandbox(sandbox);
  const origin = await serveOrigin();
  const { publicKey, privateKey } = sandbox;
  const { customerId, secretKey, apiKey } = sandbox.queueIt;
  const config = sandbox.queueIt.integrationConfig(new URL(server.url).host);
  const queueIt = { customerId, secretKey, apiKey, config };
  const settings = { sandboxUrl: server.url, originUrl: origin.url, publicKey, privateKey, queueIt };
  return {
    sandbox,
    sandboxUrl: server.url,
    settings,
    close: async () => (origin.close(), await server.close()),
  };
}

/** Another server, whose answers an application hands on. */
function serveOrigin(): Promise<{ readonly url: string; close(): void }> {
  const page = "<p>tickets</p>".repeat(500);
  const type = { "content-type": "text/html; charset=utf-8", "x-origin": "yes", connection: "close" };
  const origin = createServer((request, response) => {
    const send = (status: number, headers: object, body: string | Uint8Array = "") =>
      response.writeHead(status, { ...type, ...headers }).end(body);
    if (request.url === "/compressed") send(200, { "content-encoding": "gzip" }, gzipSync(page));
    else if (request.url === "/brotli") send(200, { "content-encoding": "br" }, brotliCompressSync(page));
    else if (request.url === "/not-modified") send(304, { etag: '"1"' });
    else if (request.url === "/missing") send(404, { "content-length": 7 }, "nothing");
    else if (request.url === "/chunked") {
      response.writeHead(200, type).write("first;");
      setTimeout(() => response.end("second"), 20);
    } else send(200, { "content-length": page.length }, page);
  });
  return new Promise((resolve) => {
    origin.listen(0, "127.0.0.1", () => {
      const address = origin.address();
      const port = typeof address === "object" ? address?.port : 0;
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () => (origin.close(), origin.closeAllConnections()),
      });
    });
  });
}

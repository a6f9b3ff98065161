/**
 * The conformance suite: what holds on every runtime, asked over HTTP from outside. It knows no test runner.
 *
 * `startServices()` gives the services that the application needs, `settingsFor()` what to tell the application.
 */

import { createSandbox, type Sandbox } from "../../sandbox/mod.ts";
import { serveSandbox } from "../../sandbox/serve.ts";
import type { Check } from "./_world.ts";
import type { Settings } from "./app.ts";
import { crowdhandlerChecks } from "./crowdhandler.ts";
import { pipeline } from "./pipeline.ts";
import { queueItChecks } from "./queue-it.ts";

export type { Check, Runtime, World } from "./_world.ts";

/** Every check, in the order in which they run: one after the other. */
export const checks: readonly Check[] = [...pipeline, ...crowdhandlerChecks, ...queueItChecks];

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
  const { publicKey, privateKey } = sandbox;
  const { customerId, secretKey, apiKey } = sandbox.queueIt;
  const config = sandbox.queueIt.integrationConfig(new URL(server.url).host);
  const queueIt = { customerId, secretKey, apiKey, config };
  const settings = { sandboxUrl: server.url, publicKey, privateKey, queueIt };
  return { sandbox, sandboxUrl: server.url, settings, close: () => server.close() };
}

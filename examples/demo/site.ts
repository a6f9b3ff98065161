/**
 * The shop behind the gate and a hosted service: two servers, of which the sandbox is in the place of the service.
 *
 * @module
 */

import { clientIp, cookieTokens, createGate, failOpen, type Gate, staticFiles } from "../../mod.ts";
import { decisionLog } from "../../plugins/decision-log/mod.ts";
import { createSandbox, type Sandbox } from "../../sandbox/mod.ts";
import { serveSandbox } from "../../sandbox/serve.ts";
import { providerOf, type ServiceName } from "./providers.ts";
import { listen } from "./server.ts";
import { createShop } from "./shop.ts";

/** The running servers. */
export interface Site {
  /** The shop's address, without a slash at the end. */
  readonly shopUrl: string;
  /** The sandbox's address, without a slash at the end. */
  readonly sandboxUrl: string;
  readonly sandbox: Sandbox;
  readonly gate: Gate;
  /** Stops both servers and waits for what is pending. */
  close(): Promise<void>;
}

/** How the demo runs. */
export interface SiteOptions {
  /** Which service's waiting room. @default {"crowdhandler"} */
  readonly provider?: ServiceName;
  /** The shop's port. @default {0, any free one} */
  readonly shopPort?: number;
  /** The sandbox's port. @default {0, any free one} */
  readonly sandboxPort?: number;
  /** How many simulated visitors are ahead of the first. @default {20} */
  readonly crowd?: number;
  /** How many visitors are let in per minute. @default {60} */
  readonly ratePerMinute?: number;
}

/**
 * Starts the demo on loopback.
 *
 * @param options Ports, and how long the wait is.
 * @returns The running demo.
 */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const { provider = "crowdhandler", shopPort = 0, sandboxPort = 0, crowd = 20, ratePerMinute = 60 } =
    options;
  const shopServer = await listen(shopPort);
  const shopUrl = `http://localhost:${shopServer.port}`;
  const room = {
    title: "Queen Victoria Hall",
    message: "Four tickets per person. The box office stays open until everyone in line has been served.",
    crowd,
    ratePerMinute,
  };
  const domain = shopUrl.replace("http:", "https:");
  const sandbox = createSandbox({
    rooms: [{ ...room, slug: "queen-victoria-hall", domain, priorityCodes: ["ENCORE"] }],
    queueIt: { rooms: [{ ...room, eventId: "queenvictoriahall", domains: [domain] }] },
    returnOrigins: [shopUrl],
  });
  const sandboxServer = await serveSandbox(sandbox, { port: sandboxPort }).catch(async (error: unknown) => {
    await shopServer.close();
    throw error;
  });

  const gate = createGate({
    publicHosts: [shopUrl],
    plugins: [
      staticFiles({ roots: ["/assets"] }),
      clientIp(),
      // The demo is not encrypted; a real site leaves this out.
      cookieTokens({ secure: false }),
      failOpen(),
      ...await providerOf(provider, sandbox, sandboxServer.url),
      // The board of the sandbox shows what the gate decides.
      decisionLog({ write: sandbox.noteDecision }),
    ],
  });
  const shop = createShop();
  shopServer.handle(gate.wrap((request: Request, ..._platform: readonly unknown[]) => shop.fetch(request)));

  return {
    shopUrl,
    sandboxUrl: sandboxServer.url,
    sandbox,
    gate,
    async close() {
      await shopServer.close();
      await gate.idle();
      await sandboxServer.close();
    },
  };
}

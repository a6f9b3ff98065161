/**
 * The demo's two servers: the sandbox in the place of the hosted service, and the shop behind the gate.
 *
 * @module
 */

import { serve } from "@hono/node-server";
import type { Server } from "node:http";
import { clientIp, cookieTokens, createGate, failOpen, type Gate, staticFiles } from "../../mod.ts";
import { createSandbox, type Sandbox } from "../../sandbox/mod.ts";
import { serveSandbox } from "../../sandbox/serve.ts";
import { type ProviderName, providerOf } from "./providers.ts";
import { shop } from "./shop.ts";

/** The running demo. */
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
  readonly provider?: ProviderName;
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
    ],
  });
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

type Handler = (request: Request, env: unknown) => Response | Promise<Response>;

/** A server whose handler comes later: the gate needs to know the shop's address, and so its port. */
async function listen(port: number) {
  let handler: Handler = () => new Response("starting", { status: 503 });
  const [server, used] = await new Promise<[Server, number]>((resolve, reject) => {
    // `serve` makes an HTTP/1 server unless told otherwise.
    const server = serve(
      {
        fetch: (request, env) => handler(request, env),
        port,
        hostname: "localhost",
        overrideGlobalObjects: false,
      },
      (info) => resolve([server, info.port]),
    ) as Server;
    server.once("error", reject);
  });
  return {
    port: used,
    handle(next: Handler): void {
      handler = next;
    },
    close(): Promise<void> {
      return new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
    },
  };
}

/** The way through a room of a hosted service, which stands on another origin, in its sandbox: there and back, in Chromium. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import type { Browser, Page } from "playwright-core";
import { createSandbox, type Sandbox } from "../../sandbox/mod.ts";
import { serveSandbox } from "../../sandbox/serve.ts";
import { newContext } from "../browser/_chromium.ts";
import { freePort } from "./_project.ts";

/** The services whose rooms the sandbox plays. */
export const services = ["crowdhandler", "queue-it"] as const;

/** A service whose rooms the sandbox plays. */
export type Service = (typeof services)[number];

/** What a shop in front of which the room stands is told by the environment. */
export type Told = Readonly<Record<"HOSTED" | "ORIGIN", string>>;

/** What a framework does in its own way. */
export interface HostedWay {
  /** Starts the shop on a port, with the gate of a hosted room. */
  serve(told: Told, port: number): Promise<{ close(): Promise<void> }>;
  /** Tells in the page, as an expression, whether the router in the browser has taken over; none where there is no router. */
  readonly ready?: string;
  /** What the protected page has. */
  readonly inside: string | RegExp;
  /** What the framework makes of the query `?day=3&q=a%20b%26c` before the gate sees it. @default {nothing} */
  readonly query?: string | undefined;
}

/** What marks a token of either service in an address. */
const marks = /ch-id|ch-fresh|ch-requested|queueittoken/;
const cookies: Readonly<Record<Service, RegExp>> = {
  crowdhandler: /^crowdhandler$/,
  "queue-it": /^QueueITAccepted/,
};

/** Goes to the room of a service and comes back: by the address bar, and by links of the router. */
export async function goThroughHosted(
  browser: Browser,
  service: Service,
  { serve, ready, inside, query = "?day=3&q=a%20b%26c" }: HostedWay,
): Promise<void> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const site = url.replace("http:", "https:");
  const sandbox = createSandbox({
    rooms: [{ slug: "hall", domain: site, patternType: "contains", urlPattern: "/tickets", capacity: 0 }],
    queueIt: { rooms: [{ eventId: "hall", domains: [site], path: "/tickets", capacity: 0 }] },
    returnOrigins: [url],
  });
  const rooms = await serveSecurely(sandbox);
  const server = await serve(
    { HOSTED: JSON.stringify(optionsOf(service, sandbox, rooms)), ORIGIN: url },
    port,
  );
  // The proxy in front, where the framework tells no address.
  const extraHTTPHeaders = { "x-forwarded-for": "192.0.2.7" };

  async function visitor(tell: (page: Page) => Promise<void>): Promise<void> {
    const context = await newContext(browser, { extraHTTPHeaders, ignoreHTTPSErrors: true });
    context.setDefaultTimeout(30_000);
    try {
      await tell(await context.newPage());
    } finally {
      await context.close();
    }
  }

  /** Waits in the room, until it is the visitor's turn, and is on the page that was asked for. */
  async function comesBack(page: Page, path: string): Promise<void> {
    await page.waitForURL((address) => address.origin === rooms.url);
    await page.locator("body").waitFor();
    assert.equal(sandbox.promote(), 1);
    await page.waitForURL(url + path);
    await page.getByText(inside).first().waitFor();
    assert.doesNotMatch(page.url(), marks);
    const kept = await page.context().cookies(url);
    assert.ok(kept.some(({ name }) => cookies[service].test(name)), kept.map(({ name }) => name).join());
    await page.reload();
    await page.getByText(inside).first().waitFor();
    assert.equal(page.url(), url + path);
  }

  try {
    await visitor(async (page) => {
      await page.goto(`${url}/tickets?day=3&q=a%20b%26c`);
      await comesBack(page, `/tickets${query}`);
    });
    if (ready !== undefined) {
      await visitor(async (page) => {
        await page.goto(url);
        await page.waitForFunction(ready);
        await page.locator("#client").click();
        await comesBack(page, "/tickets?day=2");
        // Inside, links are followed in the browser alone.
        await page.waitForFunction(ready);
        await page.evaluate("globalThis.same = true");
        await page.locator("#home").click();
        await page.locator("#client").click();
        await page.getByText(inside).first().waitFor();
        assert.equal(await page.evaluate("globalThis.same"), true);
      });
    }
  } finally {
    await server.close();
    await rooms.close();
  }
}

/** What the provider of a service is told. */
function optionsOf(service: Service, sandbox: Sandbox, rooms: Secure): object {
  const { publicKey, queueIt } = sandbox;
  switch (service) {
    case "crowdhandler":
      return { publicKey, apiUrl: rooms.plainUrl, waitingRoomUrl: rooms.url };
    case "queue-it": {
      const { customerId, secretKey } = queueIt;
      const integrationConfig = queueIt.integrationConfig(new URL(rooms.url).host);
      return { customerId, secretKeys: [secretKey], integrationConfig };
    }
  }
}

interface Secure {
  /** Where browsers go. Addresses of Queue-it's rooms are encrypted ones. */
  readonly url: string;
  /** Where the gate asks, which knows no certificate of ours. */
  readonly plainUrl: string;
  close(): Promise<void>;
}

async function serveSecurely(sandbox: Sandbox): Promise<Secure> {
  const plain = await serveSandbox(sandbox);
  const server = createServer(
    certificate(),
    getRequestListener((request, env) => sandbox.fetch(request, env)),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this form. Cookies know no ports: the room must not be on the shop's host.
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    plainUrl: plain.url,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await plain.close();
    },
  };
}

/** A certificate for this run alone, which browsers are told to accept. */
function certificate(): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), "stanchion-hosted-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  try {
    const kind = [
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "1",
    ];
    const name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync("openssl", ["req", ...kind, ...name, "-keyout", key, "-out", cert], { stdio: "pipe" });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

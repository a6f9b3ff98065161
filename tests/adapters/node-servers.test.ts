/** What the gate recognises of real servers for Node, whose requests a visitor fills with claims. */

import { strict as assert } from "node:assert";
import {
  createServer,
  type IncomingMessage,
  request as send,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { connect, createServer as createServer2 } from "node:http2";
import { createRequire } from "node:module";
import { type AddressInfo, isIP } from "node:net";
import { describe, test } from "node:test";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { honoGate } from "../../adapters/hono/mod.ts";
import { type Gate, platform, type Plugin } from "../../mod.ts";
import { gateOf, page, request } from "../src/_gates.ts";

interface Express {
  set(name: string, value: unknown): void;
  use(
    handler: (incoming: IncomingMessage & { readonly ip?: string }, outgoing: ServerResponse) => void,
  ): void;
}
interface Koa {
  use(handler: (ctx: { readonly ip: string; body: unknown }) => void): void;
  callback(): RequestListener;
}

// Neither has types of its own; these are what the test uses.
const load = createRequire(import.meta.url);
const express = load("express") as () => Express & RequestListener;
const KoaApp = load("koa") as new (options: { readonly proxy: boolean }) => Koa;

const theirs = "6.6.6.6";
const claims = {
  "x-forwarded-for": theirs,
  "cf-connecting-ip": theirs,
  "x-real-ip": theirs,
  forwarded: `for=${theirs}`,
};

/** Bun runs many files in one process, whose classes stay as they are. */
const own = { overrideGlobalObjects: false };

/** A gate that keeps the address that it sees. */
function looking(): { readonly gate: Gate; readonly seen: unknown[] } {
  const seen: unknown[] = [];
  const look: Plugin = { name: "look", prepare: (ctx) => void seen.push(ctx.address) };
  return { gate: gateOf([look]).gate, seen };
}

/** Asks a server of Node once, with everything that a visitor can claim. */
async function ask(listener: RequestListener): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    // A server that listens on a port has an address of this form.
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve, reject) => {
      const path = "/?ip=6.6.6.6&socket[remoteAddress]=6.6.6.6";
      const asked = send({ port, path, host: "127.0.0.1", method: "POST", headers: claims }, (response) => {
        response.resume().on("end", resolve);
      });
      asked.on("error", reject).end(JSON.stringify({ requestContext: { http: { sourceIp: theirs } } }));
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("the address that the gate recognises is the socket's", () => {
  const servers: readonly [
    who: string,
    listen: (look: (...args: readonly unknown[]) => void) => RequestListener,
  ][] = [
    ["node:http", (look) => (incoming, outgoing) => {
      look(incoming, outgoing);
      outgoing.end();
    }],
    ["Express, trusting every proxy", (look) => {
      const app = express();
      app.set("trust proxy", true);
      app.use((incoming, outgoing) => {
        assert.equal(incoming.ip, theirs);
        look(incoming, outgoing);
        outgoing.end();
      });
      return app;
    }],
    ["Koa, trusting every proxy", (look) => {
      const app = new KoaApp({ proxy: true });
      app.use((ctx) => {
        assert.equal(ctx.ip, theirs);
        look(ctx);
        ctx.body = "page";
      });
      return app.callback();
    }],
    ["@hono/node-server", (look) =>
      getRequestListener((_request, env) => {
        look(env);
        return page();
      }, own)],
    ["@hono/node-server beside an execution context", (look) =>
      getRequestListener((_request, env) => {
        look(env, { waitUntil() {}, passThroughOnException() {} });
        return page();
      }, own)],
  ];
  for (const [who, listen] of servers) {
    test(`of ${who}`, async () => {
      const { gate, seen } = looking();
      await ask(listen((...args) => void gate(request("/", { headers: claims }), page, ...args)));
      assert.deepEqual(seen, ["127.0.0.1"]);
    });
  }

  test("of Hono on @hono/node-server, unless platform() says another", async () => {
    const { gate, seen } = looking();
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.use(honoGate(gate));
    app.all("/", (c) => c.text("page"));
    await ask(getRequestListener(app.fetch, own));
    const said = platform({ peerAddress: "192.0.2.5" });
    await ask(getRequestListener((request, env) => app.fetch(request, { ...env, platform: said }), own));
    assert.deepEqual(seen, ["127.0.0.1", "192.0.2.5"]);
  });

  test("of a closed connection is not known, whatever headers say", async () => {
    const { gate, seen } = looking();
    let kept: IncomingMessage | undefined;
    await ask((incoming, outgoing) => {
      kept = incoming;
      outgoing.end();
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const context = { waitUntil() {}, passThroughOnException() {} };
    gate(request("/", { headers: claims }), page, { incoming: kept }, context);
    const [address] = seen;
    // Some runtimes keep the address of a socket that is closed.
    assert.ok(address === undefined || address === "127.0.0.1", String(address));
  });

  test("of node:http2", async () => {
    const { gate, seen } = looking();
    const server = createServer2((incoming, outgoing) => {
      void gate(request("/", { headers: claims }), page, incoming);
      outgoing.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // A server that listens on a port has an address of this form.
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      await new Promise((resolve, reject) => {
        client.on("error", reject);
        client.request({ ":path": "/", ...claims }).on("error", reject).on("close", resolve).resume().end();
      });
      assert.equal(isIP(String(seen[0])), 4);
      assert.deepEqual(seen, ["127.0.0.1"]);
    } finally {
      client.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

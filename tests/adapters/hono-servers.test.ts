// The middleware behind the servers of the platforms: what they hand over, upgrades, bodies that are streamed.
import { strict as assert } from "node:assert";
import { EventEmitter } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { Hono } from "hono";
import type { UpgradeWebSocket } from "hono/ws";
import { honoGate, type StanchionVariables } from "../../adapters/hono/mod.ts";
import { clientIp, type Gate, type Plugin } from "../../mod.ts";
import { admitted, gateOf, provider, queued, turn } from "../src/_gates.ts";
import { bun, deno, serve, type Served } from "../src/_serve.ts";

const ourCookie: Plugin = { name: "our-cookie", headers: () => [["set-cookie", "ours=1; Path=/"]] };

interface Upgrades {
  readonly upgradeWebSocket: UpgradeWebSocket;
  /** Serves an app that upgrades, as Hono says for the platform. */
  readonly serveApp: (app: Hono<{ Variables: StanchionVariables }>) => Promise<Served>;
}

/** How Hono upgrades on the platform that runs the test. */
async function upgrades(): Promise<Upgrades> {
  if (deno) {
    const { upgradeWebSocket } = await import("hono/deno");
    return { upgradeWebSocket, serveApp: (app) => serve(app.fetch) };
  }
  if (bun) {
    const { upgradeWebSocket, websocket } = await import("hono/bun");
    return { upgradeWebSocket, serveApp: (app) => serve(app.fetch, { websocket }) };
  }
  const { serve: serveNode, upgradeWebSocket } = await import("@hono/node-server");
  const serveApp: Upgrades["serveApp"] = (app) => {
    // Hono wants the server of the package "ws"; as far as the handshake goes, this one does.
    const wss = Object.assign(new EventEmitter(), {
      options: { noServer: true },
      close() {},
      handleUpgrade(_request: unknown, socket: Socket, _head: unknown, upgraded: (ws: EventEmitter) => void) {
        const headers = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
        wss.emit("headers", headers);
        socket.write(`${headers.join("\r\n")}\r\n\r\n`);
        socket.resume().on("end", () => socket.destroy());
        upgraded(new EventEmitter());
      },
    });
    return new Promise((resolve) => {
      const server = serveNode(
        { fetch: app.fetch, port: 0, hostname: "127.0.0.1", websocket: { server: wss as never } },
        ({ port }) => {
          resolve({
            port,
            url: `http://127.0.0.1:${port}`,
            close: () =>
              new Promise((done) => {
                server.close(() => done());
                if ("closeAllConnections" in server) server.closeAllConnections();
              }),
          });
        },
      );
    });
  };
  return { upgradeWebSocket, serveApp };
}

/** The head of the answer to a WebSocket handshake. */
function handshake(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      );
    });
    socket.once("data", (data) => {
      resolve(String(data).split("\r\n\r\n")[0] ?? "");
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

function appOf(gate: Gate): Hono<{ Variables: StanchionVariables }> {
  const app = new Hono<{ Variables: StanchionVariables }>();
  app.use(honoGate(gate));
  return app;
}

test("honoGate() lets an admitted visitor upgrade to a WebSocket", async () => {
  const { upgradeWebSocket, serveApp } = await upgrades();
  const { gate, faults } = gateOf([ourCookie, provider(admitted)]);
  const app = appOf(gate);
  let opened = 0;
  app.get("/live", upgradeWebSocket(() => ({ onOpen: () => void opened++ })));
  const served = await serveApp(app);
  try {
    assert.match(await handshake(served.port, "/live"), /^HTTP\/1\.1 101 /);
    for (let wait = 0; opened === 0 && wait < 6000; wait++) await turn(10);
    assert.equal(opened, 1);
    assert.deepEqual(faults, []);
  } finally {
    await served.close();
  }
});

test(
  "honoGate() leaves the WebSocket working",
  { skip: !deno && !bun && "needs a server of WebSockets" },
  async () => {
    const { upgradeWebSocket, serveApp } = await upgrades();
    const app = appOf(gateOf([ourCookie, provider(admitted)]).gate);
    app.get("/live", upgradeWebSocket(() => ({ onMessage: (event, ws) => ws.send(`echo ${event.data}`) })));
    const served = await serveApp(app);
    try {
      const socket = new WebSocket(`ws://127.0.0.1:${served.port}/live`);
      const answer = await new Promise((resolve, reject) => {
        socket.onopen = () => socket.send("hello");
        socket.onmessage = ({ data }) => resolve(data);
        socket.onerror = () => reject(new Error("the connection failed"));
      });
      assert.equal(answer, "echo hello");
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      await closed;
    } finally {
      await served.close();
    }
  },
);

test("honoGate() refuses the upgrade of a visitor who must wait", async () => {
  const { upgradeWebSocket, serveApp } = await upgrades();
  const { gate } = gateOf([ourCookie, provider(queued)]);
  const app = appOf(gate);
  let opened = 0;
  app.get("/live", upgradeWebSocket(() => ({ onOpen: () => void opened++ })));
  const served = await serveApp(app);
  try {
    const head = await handshake(served.port, "/live");
    assert.match(head, /^HTTP\/1\.1 302 /);
    assert.equal(opened, 0);
  } finally {
    await served.close();
  }
});

test("honoGate() knows the visitor's address from the server, and the app sees a streamed body", async () => {
  const { gate } = gateOf([clientIp(), ourCookie]);
  const app = appOf(gate);
  app.post("/", async (c) => c.json([c.get("stanchion").address, await c.req.text()]));
  const served = await serve(app.fetch);
  try {
    const response = await fetch(served.url, { method: "POST", body: "order" });
    assert.deepEqual(await response.json(), ["127.0.0.1", "order"]);
    assert.deepEqual(response.headers.getSetCookie(), ["ours=1; Path=/"]);
  } finally {
    await served.close();
  }
});

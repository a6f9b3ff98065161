/** What bypasses the gate is a file or a preflight; a WebSocket never is one, whatever it says of itself. */

import { strict as assert } from "node:assert";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, test } from "node:test";
import { gateUpgrade } from "../../adapters/node/mod.ts";
import { preflight, staticFiles } from "../../mod.ts";
import { gateOf, provider, queued } from "../src/_gates.ts";
import { bun, deno, serve, type Served } from "../src/_serve.ts";

const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\n${key}`;
const origin = "Origin: https://app.example\r\nAccess-Control-Request-Method: GET\r\n";

interface Upgrading {
  upgradeWebSocket(request: Request): { response: Response };
}

/** A server that opens a WebSocket for whoever gets to its application and asks for one, at any path, as many do. */
async function opening(): Promise<Served> {
  const { gate } = gateOf([preflight(), staticFiles({ roots: ["/assets"] }), provider(queued)]);
  if (deno) {
    return serve(gate.wrap((request: Request) => {
      const wants = request.headers.get("upgrade") === "websocket";
      // Where there is Deno, it has this function.
      return wants ? (deno as unknown as Upgrading).upgradeWebSocket(request).response : new Response("page");
    }));
  }
  if (bun) {
    const handler = gate.wrap((request: Request, server: { upgrade(request: Request): boolean }) =>
      server.upgrade(request) ? undefined : new Response("page")
    );
    return serve(handler, { websocket: { message() {} } });
  }
  const server = createServer((_request, response) => void response.end("page"));
  server.on(
    "upgrade",
    gateUpgrade(gate, (_request, socket) => {
      socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, url: `http://127.0.0.1:${port}`, close };
}

/** The status of the answer to a request that is sent as it stands. */
function statusOf(port: number, line: string, fields: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(`${line} HTTP/1.1\r\nHost: shop.example\r\n${fields}\r\n`);
    });
    socket.on("data", (answer) => (resolve(String(answer).split(" ")[1]), socket.destroy()));
    socket.on("error", reject).on("close", () => resolve(undefined));
  });
}

describe("a WebSocket on this platform's server", () => {
  const sent: readonly [what: string, line: string, fields: string][] = [
    ["that says nothing of itself", "GET /assets/app.js", ""],
    [
      "that says it is a script",
      "GET /assets/app.js",
      "Sec-Fetch-Dest: script\r\nSec-Fetch-Mode: no-cors\r\n",
    ],
    ["that says it is an image", "GET /assets/app.png", "Sec-Fetch-Dest: image\r\n"],
    ["by HEAD", "HEAD /assets/app.js", "Sec-Fetch-Dest: script\r\n"],
    ["that says it is a preflight", "OPTIONS /live", origin],
    ["that says it is a preflight of a file", "OPTIONS /assets/app.js", `Sec-Fetch-Mode: cors\r\n${origin}`],
  ];
  for (const [what, line, fields] of sent) {
    test(`is not opened past the gate by a request ${what}`, async () => {
      const server = await opening();
      try {
        assert.equal(await statusOf(server.port, line, fields + upgrade), "302");
        // Without `Connection`, or without `Upgrade`, it is one nowhere, or everywhere the same.
        assert.notEqual(await statusOf(server.port, line, `${fields}Upgrade: websocket\r\n${key}`), "101");
        assert.notEqual(await statusOf(server.port, line, `${fields}Connection: Upgrade\r\n${key}`), "101");
      } finally {
        await server.close();
      }
    });
  }
});

/** The room's own address in every mode of the gate, behind a mount path, in Hono, over HTTP/2 and in requests that come at once. */

import { strict as assert } from "node:assert";
import { connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { Hono } from "hono";
import { honoGate } from "../../adapters/hono/mod.ts";
import { nodeGate } from "../../adapters/node/mod.ts";
import { createGate, failClosed, type GateOptions } from "../../mod.ts";
import { waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { exchange, open, withListener } from "./_node-server.ts";

const site = "http://shop.example";
const place = "/.stanchion/main/wait?page=%2Fbasket%3Fa%3D1";

/** A gate before a checkout for which everybody waits, or nobody. */
function gateOf(capacity: number, options: Omit<GateOptions, "plugins"> = {}) {
  const room = waitingRoom({
    capacity,
    admitPerMinute: 600_000,
    match: [{ path: "/checkout" }, { path: "/shop/checkout" }],
    warn() {},
  });
  return createGate({ plugins: [failClosed(), room], onError: (error) => assert.fail(error), ...options });
}

/** Says where somebody is led, or what is shown. */
async function toldBy(answer: Response | Promise<Response>): Promise<string> {
  const { status, headers } = await answer;
  return `${status} ${headers.get("location") ?? headers.get("content-type")}`;
}

describe("the room's own address", () => {
  for (const mode of ["report", "off"] as const) {
    test(`is the application's in mode "${mode}", in which nobody is led there`, async () => {
      for (const capacity of [0, 1000]) {
        const gate = gateOf(capacity, { mode });
        const missing = () =>
          new Response("no such page", { status: 404, headers: { "content-type": "text/x" } });
        assert.equal(await toldBy(gate(new Request(site + place), missing)), "404 text/x");
        const headers = { "sec-fetch-mode": "cors", referer: `${site}/basket` };
        const call = new Request(`${site}/checkout`, { method: "POST", headers });
        assert.equal(await (await gate(call, () => new Response("bought"))).text(), "bought");
      }
    });
  }

  test("is that of a Hono app behind its gate, whatever route comes first", async () => {
    for (
      const [capacity, said] of [[0, "503 text/html; charset=utf-8"], [1000, "303 /basket?a=1"]] as const
    ) {
      const app = new Hono();
      app.use(honoGate(gateOf(capacity)));
      app.get("*", (c) => c.text("the app"));
      assert.equal(await toldBy(app.request(site + place)), said);
    }
  });

  test("stands below the mount path, where the gate knows it, and leads to pages there", async () => {
    const inner = new Hono();
    inner.use(honoGate(gateOf(1000, { basePath: "/shop" })));
    inner.get("*", (c) => c.text("the app"));
    const app = new Hono();
    app.mount("/shop", inner.fetch);
    const page = encodeURIComponent("/shop/basket");
    const asked = `${site}/shop/.stanchion/main/wait?page=${page}`;
    assert.equal(await toldBy(app.request(asked)), "303 /shop/basket");
  });

  test("is named below the mount path to scripts", async () => {
    const inner = new Hono();
    inner.use(honoGate(gateOf(0, { basePath: "/shop" })));
    const app = new Hono();
    app.mount("/shop", inner.fetch);
    const headers = { "sec-fetch-mode": "cors", referer: `${site}/shop/basket` };
    const answer = await app.request(`${site}/shop/checkout`, { method: "POST", headers });
    const { waitingRoom: told } = await answer.json() as { readonly waitingRoom: string };
    assert.equal(told, `${site}/shop/.stanchion/main/wait?page=%2Fshop%2Fbasket`);
    assert.equal(await toldBy(app.request(told)), "503 text/html; charset=utf-8");
  });

  test("answers over HTTP/2, to who stays and to who goes at once", async () => {
    const enter = nodeGate(gateOf(1000));
    // The message of HTTP/2 has what the gate uses of the other one.
    const server = createServer((incoming, outgoing) => {
      void enter(incoming as never, outgoing as never, () => assert.fail("it is the gate's"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // A server that listens on a port has an address of this form.
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const asked = { ":path": place, ":authority": "shop.example", accept: "text/html" };
    const ask = () =>
      new Promise<string>((resolve, reject) => {
        const stream = client.request(asked).on("error", reject).resume();
        stream.on("response", (headers) => resolve(`${headers[":status"]} ${headers["location"]}`));
        stream.end();
      });
    try {
      assert.equal(await ask(), "303 /basket?a=1");
      // Whoever goes leaves the connection as it is, and others are answered on it.
      const gone = client.request(asked).on("error", () => {});
      gone.end();
      gone.close();
      assert.equal(await ask(), "303 /basket?a=1");
    } finally {
      client.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test("answers each of several requests that come at once on a connection, in their order", async () => {
    const enter = nodeGate(gateOf(1000));
    await withListener((incoming, outgoing) => {
      enter(incoming, outgoing, () => void outgoing.end("the shop"));
    }, async (port) => {
      const get = (path: string, more = "") =>
        `GET ${path} HTTP/1.1\r\nHost: shop.example\r\nAccept: text/html\r\n${more}\r\n`;
      const to = (page: string) => `/.stanchion/main/wait?page=${encodeURIComponent(page)}`;
      const text = get(to("/a")) + get("/free") + get(to("/b")) + get(to("/c"), "Connection: close\r\n");
      const answer = await exchange(port, text);
      const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
      assert.deepEqual(statuses, ["303", "200", "303", "303"], answer);
      const led = [...answer.matchAll(/^location: (.*?)\r?$/gim)].map(([, location]) => location);
      assert.deepEqual(led, ["/a", "/b", "/c"]);
      // Who goes while several are under way takes nobody with them.
      const { socket } = await open(port);
      socket.write(text, "latin1");
      socket.destroy();
      assert.match(await exchange(port, get(to("/d"), "Connection: close\r\n")), /^HTTP\/1\.1 303 /);
    });
  });
});

/** The gate before a server of Node that speaks HTTP/2. */

import { strict as assert } from "node:assert";
import { connect, createServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { nodeGate } from "../../adapters/node/mod.ts";
import type { Gate, Plugin } from "../../mod.ts";
import { gateOf, provider } from "../src/_gates.ts";

type Listener = (incoming: Http2ServerRequest, outgoing: Http2ServerResponse) => void;

const cookie: Plugin = { name: "cookie", headers: () => [["set-cookie", "ours=1"]] };

/** Asks once, and tells what came, and whether it came whole. */
async function ask(gate: Gate | undefined, listener: Listener): Promise<{
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly isBroken: boolean;
}> {
  const enter = gate && nodeGate(gate);
  const server = createServer((incoming, outgoing) => {
    const go = () => listener(incoming, outgoing);
    if (enter === undefined) go();
    else enter(incoming, outgoing, go);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this form.
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    return await new Promise((resolve, reject) => {
      let headers: Readonly<Record<string, unknown>> = {};
      let body = "";
      let isBroken = false;
      client.on("error", reject);
      const asked = client.request({ ":path": "/", ":authority": "shop.example" });
      asked.on("response", (given) => headers = { ...given });
      asked.setEncoding("latin1").on("data", (piece) => body += piece);
      asked.on("error", () => isBroken = true);
      asked.setTimeout(2000, () => reject(new Error("no answer came")));
      asked.on("close", () => resolve({ headers, body, isBroken: isBroken || asked.rstCode !== 0 }));
      asked.end();
    });
  } finally {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

const never: Listener = () => assert.fail("the application was called");

function answering(response: Response): Gate {
  return gateOf([provider({ action: "respond", reason: "test/answer", response })]).gate;
}

test("nodeGate() on HTTP/2 tells that its answer broke off, whether anything of it was sent or not", async () => {
  for (const pieces of [["half"], [], undefined]) {
    const left = pieces?.slice();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        const piece = left?.shift();
        if (piece !== undefined) controller.enqueue(new TextEncoder().encode(piece));
        else if (left !== undefined) controller.error(new Error("it breaks off"));
        else controller.close();
      },
    });
    const { isBroken } = await ask(answering(new Response(body)), never);
    assert.equal(isBroken, pieces !== undefined, String(pieces));
  }
});

test("nodeGate() on HTTP/2 leaves out of its answer what is of a connection, as a response that was fetched has it", async () => {
  const headers = {
    "connection": "keep-alive",
    "keep-alive": "timeout=5",
    "upgrade": "h2c",
    "te": "x",
    "x-good": "1",
  };
  const answer = await ask(answering(new Response("full", { status: 503, headers })), never);
  assert.deepEqual([answer.headers[":status"], answer.headers["x-good"], answer.body], [503, "1", "full"]);
});

test("nodeGate() on HTTP/2 lets a head replace every header that was set, the date too", async () => {
  const date = "Mon, 01 Jan 2024 00:00:00 GMT";
  const listener: Listener = (_, outgoing) => {
    outgoing.setHeader("date", "Sun, 31 Dec 2023 00:00:00 GMT");
    outgoing.setHeader("x-one", "0");
    // Whoever merges headers may have one in two spellings, of which the last counts.
    outgoing.writeHead(201, { date, "x-one": ["1", "2"], "Content-Length": "9", "content-length": "4" });
    outgoing.end("page");
  };
  const bare = await ask(undefined, listener);
  const gated = await ask(gateOf([cookie]).gate, listener);
  for (const { headers, body } of [bare, gated]) {
    assert.deepEqual([headers[":status"], headers["date"], headers["x-one"], body], [
      201,
      date,
      "1, 2",
      "page",
    ]);
  }
  assert.deepEqual(gated.headers["set-cookie"], ["ours=1"]);
});

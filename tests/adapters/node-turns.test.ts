/** Answers of the gate to who asks for several pages at once on one connection. */

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { nodeGate } from "../../adapters/node/mod.ts";
import { gateOf } from "../src/_gates.ts";
import { open, withListener } from "./_node-server.ts";

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: shop.example\r\n\r\n`;

test("an answer of the gate that breaks off before its turn ends the connection behind the one before it", async () => {
  let broken = () => {};
  const breaking = new Promise<void>((resolve) => broken = resolve);
  const pieces = ["half", undefined];
  const body = () =>
    new ReadableStream({
      pull(controller) {
        const piece = pieces.shift();
        if (piece !== undefined) return controller.enqueue(new TextEncoder().encode(piece));
        controller.error(new Error("it breaks off"));
        setTimeout(broken, 5);
      },
    }, { highWaterMark: 0 });
  const { gate } = gateOf([{
    name: "own",
    decide: ({ url }) =>
      url.pathname === "/first"
        ? undefined
        : { action: "respond", reason: "test/half", response: new Response(body(), { status: 503 }) },
  }]);
  const enter = nodeGate(gate);
  await withListener(
    (incoming, outgoing) => enter(incoming, outgoing, () => void breaking.then(() => outgoing.end("first"))),
    async (port) => {
      const { socket, ended } = await open(port);
      socket.write(get("/first") + get("/second"));
      const answers = await ended;
      assert.match(answers, /first/);
      assert.doesNotMatch(answers, /0\r\n\r\n$/);
    },
  );
});

test("the gate is told that a visitor went whose answers wait for their turn", async () => {
  const gone: string[] = [];
  let all = () => {};
  const leaving = new Promise<void>((resolve) => all = resolve);
  const note = (what: string) => gone.push(what) === 3 && all();
  let came = () => {};
  const coming = new Promise<void>((resolve) => came = resolve);
  const { gate } = gateOf([{
    name: "own",
    decide({ url, request }) {
      if (url.pathname !== "/stream") return undefined;
      request.signal.addEventListener("abort", () => note("signal"));
      const body = new ReadableStream({ cancel: () => void note("body") });
      return { action: "respond", reason: "test/stream", response: new Response(body) };
    },
    settled: ({ url }) => void (url.pathname === "/last" && note("passage")),
  }]);
  const enter = nodeGate(gate);
  await withListener(
    (incoming, outgoing) => void enter(incoming, outgoing, () => incoming.url === "/last" && came()),
    async (port) => {
      const { socket } = await open(port);
      socket.write(get("/first") + get("/stream") + get("/last"));
      await coming;
      socket.destroy();
      await leaving;
      assert.deepEqual(gone.toSorted(), ["body", "passage", "signal"]);
    },
  );
});

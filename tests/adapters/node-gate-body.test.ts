/** Bodies that plugins look at, which the application reads from its stream all the same. */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import type { IncomingMessage, RequestListener } from "node:http";
import { PassThrough } from "node:stream";
import { describe, test } from "node:test";
import { messageRequest, nodeGate } from "../../adapters/node/mod.ts";
import { type BodyText, type Plugin, requestBody } from "../../mod.ts";
import { gateOf, turn, untyped } from "../src/_gates.ts";
import { ask, open, requestText, withListener } from "./_node-server.ts";

/** Keeps what it reads of bodies. */
function peeking(): { readonly seen: BodyText[]; readonly peek: Plugin } {
  const seen: BodyText[] = [];
  const peek: Plugin = { name: "peek", prepare: async (ctx) => void seen.push(await ctx.body()) };
  return { seen, peek };
}

/** Reads of a stream in the ways in which programs do. */
const readers: Readonly<Record<string, (incoming: IncomingMessage) => Promise<string>>> = {
  "by events": (incoming) =>
    new Promise((resolve, reject) => {
      const pieces: Buffer[] = [];
      incoming.on("data", (piece) => pieces.push(piece)).on("error", reject);
      incoming.on("end", () => resolve(Buffer.concat(pieces).toString("latin1")));
    }),
  "by a loop": async (incoming) => {
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece);
    return Buffer.concat(pieces).toString("latin1");
  },
  "by a pipe": async (incoming) => {
    const pieces: Buffer[] = [];
    for await (const piece of incoming.pipe(new PassThrough())) pieces.push(piece);
    return Buffer.concat(pieces).toString("latin1");
  },
  "in pieces when there are some": (incoming) =>
    new Promise((resolve) => {
      const pieces: Buffer[] = [];
      incoming.on("readable", () => {
        for (let piece = incoming.read(); piece !== null; piece = incoming.read()) pieces.push(piece);
      });
      incoming.on("end", () => resolve(Buffer.concat(pieces).toString("latin1")));
    }),
  "after a while": async (incoming) => {
    await turn(5);
    return await readers["by events"]?.(incoming) ?? "";
  },
};

/** An application that gives back what it read. */
function echo(
  plugins: readonly Plugin[],
  read: (incoming: IncomingMessage) => Promise<string>,
): RequestListener {
  const enter = nodeGate(gateOf(plugins).gate);
  return (incoming, outgoing) =>
    enter(incoming, outgoing, async () => void outgoing.end(Buffer.from(await read(incoming), "latin1")));
}

function bodyOf(length: number): string {
  return `begin${"0123456789".repeat(Math.ceil(length / 10))}`.slice(0, Math.max(0, length - 3)) + "end";
}

describe("the application reads the whole body whose beginning a plugin has read", () => {
  for (const [how, read] of Object.entries(readers)) {
    test(how, async () => {
      for (const maxBytes of [10, 65_536, 1_000_000]) {
        const { seen, peek } = peeking();
        await withListener(echo([requestBody({ maxBytes }), peek], read), async (port) => {
          for (const length of [3, 1000, 65_536, 70_000, 400_000]) {
            const body = bodyOf(length);
            const more = `Content-Length: ${length}\r\n`;
            const answer = await ask(port, "/", { method: "POST", more, body });
            const isWhole = length <= maxBytes;
            assert.equal(answer.body, body, `${length} bytes, of which ${maxBytes} are looked at`);
            const text = body.slice(0, maxBytes);
            assert.deepEqual(seen.splice(0), [{ text, complete: isWhole }], `${length} and ${maxBytes}`);
          }
        });
      }
    });
  }
});

test("a body that comes piece by piece is looked at as it comes, and the first piece is not held back from anybody", async () => {
  const { seen, peek } = peeking();
  const first: Plugin = {
    name: "first",
    async prepare({ request }) {
      const reader = request.clone().body?.getReader();
      const { value } = await reader?.read() ?? {};
      seen.push({ text: new TextDecoder().decode(value), complete: false });
      sendMore();
      await reader?.cancel();
    },
  };
  let sendMore = () => {};
  await withListener(
    echo([first, peek], (incoming) => readers["by events"]?.(incoming) ?? Promise.resolve("")),
    async (port) => {
      const { socket, ended } = await open(port);
      sendMore = () => socket.write("3\r\ntwo\r\n0\r\n\r\n");
      socket.write(
        requestText("/", { method: "POST", more: "Transfer-Encoding: chunked\r\n", body: "3\r\none\r\n" }),
      );
      assert.match(await ended, /onetwo/);
      assert.deepEqual(seen, [{ text: "one", complete: false }, { text: "onetwo", complete: true }]);
    },
  );
});

test("several look at the same time, and each sees all of it", async () => {
  const texts: string[] = [];
  const many: Plugin = {
    name: "many",
    async prepare({ request }) {
      const copies = [request.clone(), request.clone(), request];
      texts.push(...await Promise.all(copies.map((copy) => copy.text())));
      texts.push(await request.clone().text(), String(request.bodyUsed));
    },
  };
  const body = bodyOf(200_000);
  await withListener(
    echo([many], (incoming) => readers["by events"]?.(incoming) ?? Promise.resolve("")),
    async (port) => {
      const answer = await ask(port, "/", {
        method: "POST",
        more: `Content-Length: ${body.length}\r\n`,
        body,
      });
      assert.ok(answer.body === body);
      assert.deepEqual(texts.map((text) => text === body || text), [true, true, true, true, "false"]);
    },
  );
});

test("a body is read in every form that a Request gives", async () => {
  const forms: unknown[] = [];
  const look: Plugin = {
    name: "look",
    async prepare({ request }) {
      const texts: string[] = [];
      // The types of some runtimes do not know it.
      for await (const text of untyped<{ textStream(): AsyncIterable<string> }>(request).textStream()) {
        texts.push(text);
      }
      assert.equal(texts.join(""), '{"a":1}');
      const copies = Array.from({ length: 4 }, () => request.clone());
      const [json, blob, bytes, buffer] = copies;
      forms.push(await json?.json(), (await blob?.blob())?.size, (await bytes?.bytes())?.length);
      forms.push((await buffer?.arrayBuffer())?.byteLength);
      await assert.rejects(request.clone().formData());
    },
  };
  const more = "Content-Type: application/json\r\nContent-Length: 7\r\n";
  await withListener(echo([look], () => Promise.resolve("")), async (port) => {
    await ask(port, "/", { method: "POST", more, body: '{"a":1}' });
  });
  assert.deepEqual(forms, [{ a: 1 }, 7, 7, 7]);
});

test("GET may have a body on Node, and is looked at as every other; one without has none", async () => {
  const { seen, peek } = peeking();
  await withListener(
    echo([peek], (incoming) => readers["by events"]?.(incoming) ?? Promise.resolve("")),
    async (port) => {
      assert.equal((await ask(port, "/", { more: "Content-Length: 3\r\n", body: "buy" })).body, "buy");
      await ask(port, "/");
      await ask(port, "/", { method: "POST", more: "Content-Length: 0\r\n" });
    },
  );
  assert.deepEqual(seen, [
    { text: "buy", complete: true },
    { text: "", complete: true },
    { text: "", complete: true },
  ]);
});

test("a body that somebody else reads already is unknown, and is not taken from them", async () => {
  const { seen, peek } = peeking();
  const enter = nodeGate(gateOf([peek]).gate);
  await withListener(async (incoming, outgoing) => {
    const whole = readers["by events"]?.(incoming);
    await turn();
    const request = messageRequest(incoming, outgoing);
    assert.equal(request.bodyUsed, true);
    assert.throws(() => request.clone(), /its body was read before/);
    enter(incoming, outgoing, async () => void outgoing.end(await whole));
  }, async (port) => {
    const answer = await ask(port, "/", { method: "POST", more: "Content-Length: 3\r\n", body: "buy" });
    assert.equal(answer.body, "buy");
  });
  assert.deepEqual(seen, [{ text: "", complete: false }]);
});

test("a visitor who breaks off within a body leaves nobody waiting", async () => {
  const { seen, peek } = peeking();
  let settled = () => {};
  const settling = new Promise<void>((resolve) => settled = resolve);
  let came = () => {};
  const coming = new Promise<void>((resolve) => came = resolve);
  const log: Plugin = { name: "log", settled: () => settled() };
  const first: Plugin = { name: "first", prepare: (ctx) => void (ctx.request.headers, came()) };
  const enter = nodeGate(gateOf([first, peek, log]).gate);
  await withListener((incoming, outgoing) => enter(incoming, outgoing, () => assert.fail()), async (port) => {
    const { socket } = await open(port);
    socket.write(requestText("/", { method: "POST", more: "Content-Length: 300000\r\n", body: "begin" }));
    await coming;
    socket.destroy();
    await settling;
  });
  assert.equal(seen[0]?.complete, false);
});

test("messageRequest() is a request in every other respect too", async () => {
  await withListener((incoming, outgoing) => {
    const request = messageRequest(incoming, outgoing);
    const { method, url, mode, cache, redirect, destination, keepalive, signal } = request;
    const told = { method, url, mode, cache, redirect, destination, keepalive };
    const { url: _url, ...like } = { ...told, ...facts(new Request("http://a.example/", { method: "PUT" })) };
    assert.deepEqual(told, { ...like, url: "http://shop.example/a?b" });
    assert.equal(signal.aborted, false);
    assert.equal(request.headers.get("x-two"), "1, 2");
    assert.equal(request.headers, request.headers);
    outgoing.end();
  }, async (port) => {
    await ask(port, "/a?b", { method: "PUT", more: "X-Two: 1\r\nx-two: 2\r\n" });
  });
});

function facts({ method, mode, cache, redirect, destination, keepalive }: Request) {
  // What a runtime lacks is not asked for.
  return JSON.parse(JSON.stringify({ method, mode, cache, redirect, destination, keepalive }));
}

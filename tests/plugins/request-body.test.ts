import { strict as assert } from "node:assert";
import { connect } from "node:net";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { serve as serveNode } from "@hono/node-server";
import { type BodyText, type Context, createGate, type Gate, type Plugin } from "../../mod.ts";
import { requestBody, type RequestBodyOptions } from "../../plugins/request-body.ts";
import { serve, type Served } from "../src/_serve.ts";
import { contextOf } from "../support/context-of.ts";
import { steadily } from "../support/steadily.ts";

const url = "https://shop.example/";
const encoder = new TextEncoder();

function post(body: BodyInit | null, headers: Readonly<Record<string, string>> = {}): Request {
  // Streams need `duplex`, of which the types know nothing.
  return new Request(url, { method: "POST", body, headers, duplex: "half" } as RequestInit);
}

/** What the plugin reads of a request. */
async function textOf(request: Request, options: RequestBodyOptions = {}): Promise<BodyText> {
  return await contextWith(request, options).body();
}

function contextWith(request: Request, options: RequestBodyOptions = {}): Context {
  return contextOf(request, [], Date.now, undefined, [requestBody(options)]);
}

/** A stream of chunks, with a log of what was asked of it. */
function streamOf(
  chunks: readonly (Uint8Array | Error | "stall")[],
  log: string[] = [],
): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks[next++];
      log.push("pull");
      if (chunk === undefined) return controller.close();
      if (chunk === "stall") return new Promise(() => {});
      if (chunk instanceof Error) return controller.error(chunk);
      controller.enqueue(chunk);
    },
    cancel: () => void log.push("cancel"),
  }, { highWaterMark: 0 });
}

describe("requestBody() reads", () => {
  const cases: readonly [what: string, body: Uint8Array | string, maxBytes: number, read: BodyText][] = [
    ["a short body", "a=1", 10, { text: "a=1", complete: true }],
    ["an empty body", "", 10, { text: "", complete: true }],
    ["a body as long as the limit", "0123456789", 10, { text: "0123456789", complete: true }],
    ["a body that is one byte too long", "0123456789x", 10, { text: "0123456789", complete: false }],
    ["a byte-order mark", "\uFEFFa=1", 10, { text: "a=1", complete: true }],
    ["letters of several bytes", "é€😀", 9, { text: "é€😀", complete: true }],
    ["a letter cut in two", "é€😀", 8, { text: "é€", complete: false }],
    ["a letter cut in two", "é€😀", 4, { text: "é", complete: false }],
    ["what is no UTF-8", Uint8Array.of(97, 255, 98), 10, { text: "a\uFFFDb", complete: true }],
    ["an unfinished letter at the end", Uint8Array.of(97, 0xe2, 0x82), 10, {
      text: "a\uFFFD",
      complete: true,
    }],
  ];
  for (const [what, body, maxBytes, read] of cases) {
    test(`requestBody() reads ${what}: ${JSON.stringify(read)}`, async () => {
      const bytes = typeof body === "string" ? encoder.encode(body) : body;
      const whole = post(bytes.slice());
      assert.deepEqual(await textOf(whole, { maxBytes }), read);
      assert.deepEqual(new Uint8Array(await whole.arrayBuffer()), bytes);
      const inBytes = post(streamOf([...bytes].map((byte) => Uint8Array.of(byte))));
      assert.deepEqual(await textOf(inBytes, { maxBytes }), read);
      assert.deepEqual(new Uint8Array(await inBytes.arrayBuffer()), bytes);
    });
  }

  test("requestBody() has a value at once where there is no body", () => {
    for (const method of ["GET", "HEAD"]) {
      assert.deepEqual(contextWith(new Request(url, { method })).body(), { text: "", complete: true });
    }
  });

  test("requestBody() reads nothing unless somebody asks, and once however many ask", async () => {
    const log: string[] = [];
    const ctx = contextWith(post(streamOf([encoder.encode("a=1")], log)));
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(log, []);
    const first = ctx.body();
    assert.equal(ctx.body(), first);
    assert.deepEqual(await first, { text: "a=1", complete: true });
    assert.deepEqual(log, ["pull", "pull"]);
  });

  test("requestBody() keeps nothing beyond its limit: the rest is pulled when the application reads", async () => {
    const log: string[] = [];
    const chunk = new Uint8Array(1000).fill(97);
    const request = post(streamOf(Array.from({ length: 100 }, () => chunk), log));
    assert.deepEqual(await textOf(request, { maxBytes: 2500 }), { text: "a".repeat(2500), complete: false });
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(log.length <= 5, `${log.length} pulls`);
    assert.equal((await request.arrayBuffer()).byteLength, 100_000);
    assert.ok(!log.includes("cancel"));
  });

  test("requestBody() holds on to nothing: the application can drop the rest of a body", async () => {
    const log: string[] = [];
    const request = post(streamOf(Array.from({ length: 100 }, () => new Uint8Array(1000)), log));
    await textOf(request, { maxBytes: 10 });
    await request.body?.cancel();
    assert.equal(log.at(-1), "cancel");
  });

  test("requestBody() leaves no timer behind", async () => {
    const { setTimeout, clearTimeout } = globalThis;
    const running = new Set<unknown>();
    let started = 0;
    try {
      globalThis.setTimeout = ((run: () => void, ms: number, ...handed: unknown[]) => {
        const timer = setTimeout(run, ms, ...handed);
        if (ms === Math.ceil(4321 / 16)) {
          started++;
          running.add(timer);
        }
        return timer;
      }) as typeof setTimeout;
      globalThis.clearTimeout = (timer) => {
        running.delete(timer);
        clearTimeout(timer);
      };
      await textOf(post("a=1"), { timeoutMs: 4321 });
      assert.equal(started, 1);
      assert.equal(running.size, 0);
    } finally {
      Object.assign(globalThis, { setTimeout, clearTimeout });
    }
  });

  const encodings: readonly [headers: Readonly<Record<string, string>>, readable: boolean][] = [
    [{ "content-encoding": "gzip" }, false],
    [{ "content-encoding": "identity, br" }, false],
    [{ "content-encoding": "identity" }, true],
    [{ "content-encoding": "" }, true],
    [{ "content-type": "application/json; charset=utf-16" }, false],
    [{ "content-type": "application/json;Charset = 'UTF-16LE'" }, false],
    [{ "content-type": "text/plain; charset=utf-8; charset=utf-7" }, false],
    [{ "content-type": "text/plain; charset=ibm037" }, false],
    [{ "content-type": 'text/plain; charset="UTF-8"' }, true],
    [{ "content-type": "text/plain; charset=us-ascii" }, true],
    [{ "content-type": "application/x-www-form-urlencoded" }, true],
  ];
  for (const [headers, readable] of encodings) {
    test(`requestBody() ${readable ? "reads" : "does not claim to read"} ${JSON.stringify(headers)}`, async () => {
      const request = post("a=1", headers);
      assert.deepEqual(
        await textOf(request),
        readable ? { text: "a=1", complete: true } : { text: "", complete: false },
      );
      assert.equal(await request.text(), "a=1");
    });
  }
});

describe("requestBody() copes with", () => {
  test("a body that was read before", async () => {
    const request = post("a=1");
    await request.text();
    assert.deepEqual(await textOf(request), { text: "", complete: false });
  });

  test("a body that somebody is reading", async () => {
    const request = post("a=1");
    const reader = request.body?.getReader();
    assert.deepEqual(await textOf(request), { text: "", complete: false });
    assert.deepEqual((await reader?.read())?.value, encoder.encode("a=1"));
  });

  test("a body that breaks off", async () => {
    const request = post(streamOf([encoder.encode("a=1"), new Error("reset")]));
    assert.deepEqual(await textOf(request), { text: "a=1", complete: false });
    await assert.rejects(request.text());
  });

  test(
    "a body that stalls, and an application that reads on",
    steadily(async () => {
      let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
      const request = post(
        new ReadableStream<Uint8Array>({
          start(controller) {
            feed = controller;
            controller.enqueue(encoder.encode("a=1"));
          },
        }),
      );
      assert.deepEqual(await textOf(request, { timeoutMs: 20 }), { text: "a=1", complete: false });
      const whole = request.text();
      feed?.enqueue(encoder.encode("&b=2"));
      feed?.close();
      assert.equal(await whole, "a=1&b=2");
    }),
  );

  test(
    "a body that stalls before its first byte",
    steadily(async () => {
      assert.deepEqual(await textOf(post(streamOf(["stall"])), { timeoutMs: 20 }), {
        text: "",
        complete: false,
      });
    }),
  );

  test("a body of anything, cut anywhere", async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 60 }),
      async (chunks, maxBytes) => {
        const all = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
        // With a byte of zero among the first, or their mark, it may be JSON in UTF-16 or UTF-32: nobody takes that for read.
        fc.pre(!all.subarray(0, 4).some((byte) => byte === 0 || byte >= 0xfe));
        const request = post(
          streamOf(chunks.filter((chunk) => chunk.length > 0).map((chunk) => chunk.slice())),
        );
        const body = await textOf(request, { maxBytes });
        assert.equal(body.complete, all.length <= maxBytes);
        const expected = new TextDecoder().decode(all.subarray(0, maxBytes), { stream: !body.complete });
        assert.equal(body.text, expected);
        assert.deepEqual(new Uint8Array(await request.arrayBuffer()), all);
      },
    ));
  });
});

/** A gate that looks at each body and tells in a header what it saw; it admits everybody. */
function lookingGate(options: RequestBodyOptions = {}): Gate {
  const seen = new WeakMap<Request, string>();
  const looking: Plugin = {
    name: "looking",
    async decide(ctx) {
      const { text, complete } = await ctx.body();
      seen.set(ctx.request, `${text.length} ${complete}`);
      return { action: "admit", reason: "looking/seen" };
    },
    recover: () => undefined,
    headers: (ctx) => [["x-seen", seen.get(ctx.request) ?? ""]],
  };
  return createGate({ plugins: [requestBody(options), looking] });
}

/** Applications that read a body in all the ways there are; each answers with what it read. */
async function application(request: Request): Promise<Response> {
  switch (new URL(request.url).pathname) {
    case "/text":
      return new Response(await request.text());
    case "/json":
      return Response.json(await request.json());
    case "/bytes":
      return new Response(String((await request.arrayBuffer()).byteLength));
    case "/form": {
      const form = await request.formData();
      const file = form.get("file");
      return new Response(`${form.get("a")} ${file instanceof File ? file.size : "none"}`);
    }
    case "/stream": {
      let length = 0;
      for await (const chunk of request.body ?? []) length += chunk.length;
      return new Response(String(length));
    }
    case "/clone":
      return new Response(`${await request.clone().text()}|${await request.text()}`);
    case "/echo":
      return new Response(request.body);
    default:
      return new Response("unread");
  }
}

const servers: readonly [name: string, start: (gate: Gate) => Promise<Served>][] = [
  [
    "the platform's own server",
    (gate) => serve(gate.wrap((request: Request, ..._: unknown[]) => application(request))),
  ],
  ["@hono/node-server", startNode],
];

function startNode(gate: Gate): Promise<Served> {
  return new Promise((resolve) => {
    const fetch = gate.wrap((request: Request, ..._: unknown[]) => application(request));
    const server = serveNode(
      { fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
      ({ port }) => {
        const close = () =>
          new Promise<void>((done) => {
            server.close(() => done());
            if ("closeAllConnections" in server) server.closeAllConnections();
          });
        resolve({ port, url: `http://127.0.0.1:${port}`, close });
      },
    );
  });
}

for (const [name, start] of servers) {
  describe(`requestBody() on ${name}`, () => {
    const big = "0123456789".repeat(1_000_000);

    async function send(
      path: string,
      body: BodyInit | undefined,
      method: string = "POST",
    ): Promise<[string, string]> {
      const served = await start(lookingGate());
      try {
        const response = await fetch(served.url + path, body === undefined ? { method } : { method, body });
        return [response.headers.get("x-seen") ?? "", await response.text()];
      } finally {
        await served.close();
      }
    }

    test("requestBody() leaves a short body to the application", async () => {
      assert.deepEqual(await send("/text", "a=1"), ["3 true", "a=1"]);
      assert.deepEqual(await send("/json", '{"a":1}'), ["7 true", '{"a":1}']);
      assert.deepEqual(await send("/clone", "a=1"), ["3 true", "a=1|a=1"]);
      assert.deepEqual(await send("/echo", "a=1"), ["3 true", "a=1"]);
      assert.deepEqual(await send("/text", "", "PUT"), ["0 true", ""]);
      assert.deepEqual(await send("/text", undefined, "DELETE"), ["0 true", ""]);
      assert.deepEqual(await send("/text", undefined, "GET"), ["0 true", ""]);
    });

    test("requestBody() leaves 10 MB to an application that reads text, bytes, a stream, or nothing", async () => {
      const [seen, text] = await send("/text", big);
      assert.equal(seen, "65536 false");
      assert.ok(text === big);
      assert.deepEqual(await send("/bytes", big), ["65536 false", "10000000"]);
      assert.deepEqual(await send("/stream", big), ["65536 false", "10000000"]);
      const [, echo] = await send("/echo", big);
      assert.ok(echo === big);
    });

    test("requestBody() leaves a form with a file to the application", async () => {
      const form = new FormData();
      form.set("a", "1");
      form.set("file", new File([big], "big.txt"));
      const [seen, text] = await send("/form", form);
      assert.match(seen, / false$/);
      assert.equal(text, "1 10000000");
    });

    test(
      "requestBody() does not wait for a client that stalls, and the application reads what comes later",
      steadily(async () => {
        const served = await start(lookingGate({ timeoutMs: 30 }));
        try {
          const socket = connect(served.port, "127.0.0.1");
          socket.write("POST /text HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 6\r\n\r\nabc");
          let answer = "";
          socket.on("data", (chunk) => answer += chunk);
          const closed = new Promise((resolve) => socket.on("close", resolve));
          await new Promise((resolve) => setTimeout(resolve, 60));
          assert.equal(answer, "");
          socket.write("def");
          await closed;
          assert.match(answer, /x-seen: 3 false/i);
          assert.match(answer, /abcdef/);
        } finally {
          await served.close();
        }
      }),
    );

    test(
      "requestBody() lets an application answer that does not wait for a stalled body",
      steadily(async () => {
        const served = await start(lookingGate({ timeoutMs: 30 }));
        try {
          const socket = connect(served.port, "127.0.0.1");
          socket.write("POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc");
          const answer = await new Promise<string>((resolve) =>
            socket.once("data", (chunk) => resolve(String(chunk)))
          );
          assert.match(answer, /^HTTP\/1\.1 200/);
          assert.match(answer, /x-seen: 3 false/i);
          socket.destroy();
        } finally {
          await served.close();
        }
      }),
    );

    test("requestBody() survives a client that goes away, and the next one is served", async () => {
      const served = await start(lookingGate());
      try {
        const socket = connect(served.port, "127.0.0.1");
        socket.write("POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
        await new Promise((resolve) => setTimeout(resolve, 30));
        socket.destroy();
        await new Promise((resolve) => setTimeout(resolve, 30));
        const response = await fetch(`${served.url}/text`, { method: "POST", body: "next" });
        assert.equal(await response.text(), "next");
      } finally {
        await served.close();
      }
    });
  });
}

describe("requestBody() with wrong options", () => {
  const cases: readonly [options: unknown, error: typeof TypeError | typeof RangeError, message: string][] = [
    [7, TypeError, "options must be an object, received 7"],
    [{ limit: 1 }, TypeError, 'unknown option "limit", the options are maxBytes, timeoutMs'],
    [{ maxBytes: 0 }, RangeError, '"maxBytes" must be an integer from 1 to 16777216, received 0'],
    [{ maxBytes: Number.POSITIVE_INFINITY }, RangeError, "received Infinity"],
    [{ maxBytes: "64k" }, TypeError, 'received "64k"'],
    [{ timeoutMs: 0 }, RangeError, '"timeoutMs" must be an integer from 1 to 60000, received 0'],
    [{ timeoutMs: null }, TypeError, "received null"],
  ];
  for (const [options, error, message] of cases) {
    test(`requestBody() refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => requestBody(options as RequestBodyOptions), (thrown: unknown) => {
        assert.ok(thrown instanceof error);
        assert.ok(thrown.message.startsWith("Cannot create request-body plugin: "));
        assert.ok(thrown.message.includes(message), thrown.message);
        return true;
      });
    });
  }
});

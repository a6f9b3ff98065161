/** The upgrades of Node's own server; other runtimes upgrade within their handlers, and say so in `gate-servers.test.ts`. */

import { strict as assert } from "node:assert";
import type { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerOptions } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { test } from "node:test";
import { parse as parseUrl } from "node:url";
import fc from "../support/random-cases.ts";
import { WebSocket, WebSocketServer } from "ws";
import { gateUpgrade, gateUpgradesOf, type UpgradeListener } from "../../adapters/node/mod.ts";
import {
  type Context,
  type Decision,
  type Gate,
  type Outcome,
  platform,
  type Plugin,
  problemAnswers,
} from "../../mod.ts";
import { gateOf, provider, queued, turn, untyped } from "../src/_gates.ts";

const skip = "Deno" in globalThis || "Bun" in globalThis ? "it is for Node's own server" : false;
const admitted: Decision = { action: "admit", reason: "provider/promoted" };
const cookie: Plugin = {
  name: "cookie",
  headers: () => [["set-cookie", "token=1; Path=/"], ["x-ours", "1"]],
};

/** A listener that answers by itself, as small libraries do, and keeps what it was given. */
function listening(answer: (socket: Duplex) => void = switching) {
  const calls: { readonly request: IncomingMessage; readonly head: string }[] = [];
  const listener: UpgradeListener = (request, socket, head) => {
    socket.on("error", () => {});
    calls.push({ request, head: head.toString("latin1") });
    answer(socket);
  };
  return { calls, listener };
}

function switching(socket: Duplex): void {
  socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello");
}

async function withServer(
  prepare: (server: Server) => void,
  use: (port: number, server: Server) => Promise<void>,
  options: ServerOptions = {},
): Promise<void> {
  const server = createServer(options, (_request, response) => void response.end("page"));
  prepare(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    // A server that listens on a port has an address of this form.
    await use((server.address() as AddressInfo).port, server);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const upgradeLines = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

function opened(
  target: string = "/live",
  host: string = "Host: shop.example\r\n",
  more: string = "",
): string {
  return `GET ${target} HTTP/1.1\r\n${host}${upgradeLines}${more}\r\n`;
}

/** Sends a text and gives all that comes back until the connection ends. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text, "latin1"));
    let answer = "";
    socket.setEncoding("latin1").on("data", (more) => answer += more);
    socket.on("close", () => resolve(answer)).on("error", reject);
  });
}

function sent(port: number, text: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text, () => resolve(socket)));
    socket.on("error", () => {});
  });
}

function on(gate: Gate, listener: UpgradeListener): (server: Server) => void {
  return (server) => void server.on("upgrade", gateUpgrade(gate, listener));
}

test("gateUpgrade() hands over whom the gate admits, with the first bytes, and adds the gate's headers", {
  skip,
}, async () => {
  const seen: unknown[] = [];
  const look: Plugin = {
    name: "look",
    prepare: (ctx) =>
      void seen.push(
        ctx.returnUrl,
        ctx.platform.peerAddress,
        ctx.request.headers.get("upgrade"),
        ctx.request.method,
      ),
  };
  const outcomes: Outcome[] = [];
  const log: Plugin = { name: "log", settled: (_ctx, outcome) => void outcomes.push(outcome) };
  const { gate, faults } = gateOf([cookie, look, log, provider(admitted)]);
  const { calls, listener } = listening();
  await withServer(on(gate, listener), async (port) => {
    const answer = await exchange(port, `${opened("/live?a=%7E&b=|")}early`);
    const [line, ...lines] = answer.split("\r\n");
    assert.equal(line, "HTTP/1.1 101 Switching Protocols");
    assert.deepEqual(lines.slice(0, 2), ["set-cookie: token=1; Path=/", "x-ours: 1"]);
    assert.deepEqual(lines.slice(2), ["Upgrade: websocket", "Connection: Upgrade", "", "hello"]);
    await turn(20);
    assert.deepEqual(calls.map(({ request, head }) => [request.url, head]), [["/live?a=%7E&b=|", "early"]]);
    assert.deepEqual(seen, ["http://shop.example/live?a=%7E&b=|", "127.0.0.1", "websocket", "GET"]);
    assert.deepEqual(outcomes.map(({ status, served }) => [status, served]), [[101, true]]);
    assert.deepEqual(faults, []);
  });
});

test(
  "gateUpgrade() and gateUpgradesOf() take what platform() says as the last argument",
  { skip },
  async () => {
    const seen: unknown[] = [];
    const kept: Promise<unknown>[] = [];
    const look: Plugin = {
      name: "look",
      prepare: (ctx) => void seen.push(ctx.address),
      settled: () => turn(),
    };
    const { gate } = gateOf([look]);
    const { calls, listener } = listening();
    const said = platform({ peerAddress: "192.0.2.5", waitUntil: (work) => void kept.push(work) });
    const gated = gateUpgrade(gate, listener);
    await withServer(
      (server) => void server.on("upgrade", (incoming, socket, head) => gated(incoming, socket, head, said)),
      async (port) => assert.match(await exchange(port, opened()), /^HTTP\/1\.1 101 /),
    );
    await withServer((server) => {
      server.on("upgrade", (...upgrade) => {
        assert.equal(upgrade.length, 3);
        listener(...upgrade);
      });
      gateUpgradesOf(gate, server);
      const { emit } = server;
      const adding = (event: string, ...args: unknown[]) =>
        Reflect.apply(emit, server, event === "upgrade" ? [event, ...args, said] : [event, ...args]);
      Object.assign(server, { emit: adding });
    }, async (port) => assert.match(await exchange(port, opened()), /^HTTP\/1\.1 101 /));
    await Promise.all(kept);
    assert.deepEqual(seen, ["192.0.2.5", "192.0.2.5"]);
    assert.deepEqual([calls.length, kept.length], [2, 2]);
  },
);

test("gateUpgrade() answers whom the gate refuses, and closes the connection", { skip }, async () => {
  const { gate } = gateOf([cookie, provider(queued)]);
  const { calls, listener } = listening();
  await withServer(on(gate, listener), async (port) => {
    const [head = "", body] = (await exchange(port, `${opened()}early`)).split("\r\n\r\n");
    const [line, ...fields] = head.split("\r\n");
    assert.match(line ?? "", /^HTTP\/1\.1 302 /);
    assert.ok(fields.includes("location: https://wait.example/room"));
    assert.ok(fields.includes("set-cookie: token=1; Path=/"));
    assert.ok(fields.includes("cache-control: no-store"));
    assert.ok(fields.includes("Content-Length: 0"));
    assert.ok(fields.includes("Connection: close"));
    assert.equal(body, "");
    assert.deepEqual(calls, []);
  });
});

test("gateUpgrade() sends the answers of plugins with their bodies", { skip }, async () => {
  const { gate } = gateOf([provider(queued), problemAnswers()]);
  await withServer(on(gate, listening().listener), async (port) => {
    const [head = "", body = ""] = (await exchange(port, opened())).split("\r\n\r\n");
    assert.match(head, /^HTTP\/1\.1 503 .*\r\n/);
    assert.match(head, new RegExp(`\r\nContent-Length: ${body.length}\r\n`));
    assert.match(head, /content-type: application\/problem\+json/);
    assert.ok(JSON.parse(body));
  });
});

test("gateUpgrade() destroys the connection where the answer's body breaks off", { skip }, async () => {
  const body = new ReadableStream({ pull: () => Promise.reject(new Error("broken")) });
  const broken: Plugin = { name: "broken", respond: () => new Response(body, { status: 503 }) };
  const { gate } = gateOf([provider(queued), broken]);
  await withServer(on(gate, listening().listener), async (port) => {
    assert.equal(await exchange(port, opened()), "");
  });
});

test(
  "gateUpgrade() sends a stream as it comes, and reads no more of it once the visitor has gone",
  { skip },
  async () => {
    for (const [version, method] of [["1.1", "GET"], ["1.1", "HEAD"], ["1.0", "GET"]] as const) {
      for (const end of ["close", "leave"] as const) {
        let cancelled = () => {};
        const leaving = new Promise<void>((resolve) => cancelled = resolve);
        let given: ReadableStreamDefaultController<Uint8Array> | undefined;
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => void (given = controller).enqueue(new TextEncoder().encode("one")),
          cancel: cancelled,
        });
        const stream: Plugin = { name: "stream", respond: () => new Response(body) };
        const { gate } = gateOf([provider(queued), stream]);
        await withServer(on(gate, listening().listener), async (port) => {
          const text = opened().replace("GET", method).replace("HTTP/1.1", `HTTP/${version}`);
          const socket = await sent(port, text);
          let answer = "";
          const ended = new Promise<void>((resolve) => void socket.once("close", () => resolve()));
          const awaited = method === "HEAD" ? "\r\n\r\n" : "one";
          await new Promise<void>((resolve) =>
            socket.on("data", (more) => (answer += more).includes(awaited) && resolve())
          );
          if (end === "leave") {
            socket.destroy();
            return await leaving;
          }
          if (method === "GET") {
            given?.enqueue(new TextEncoder().encode("two"));
            given?.close();
          }
          await ended;
          const [, got] = answer.split(/\r\n\r\n([^]*)/);
          const whole = version === "1.0" ? "onetwo" : "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n";
          assert.equal(got, method === "HEAD" ? "" : whole);
        });
      }
    }
  },
);

test(
  "gateUpgrade() turns down what is no URL or is spelled otherwise than the URL it stands for",
  { skip },
  async () => {
    const decided: string[] = [];
    const look: Plugin = { name: "look", prepare: (ctx) => void decided.push(ctx.href) };
    const { gate } = gateOf([look, provider(admitted)]);
    const { calls, listener } = listening();
    const host = "Host: shop.example\r\n";
    const unreadable: readonly (readonly [target: string, host: string])[] = [
      ["/live", ""],
      ["/live", "Host:\r\n"],
      ["/live", "Host: a@b\r\n"],
      ["/live", "Host: localhost/x?\r\n"],
      ["/live", "Host: shop.example:port\r\n"],
      ["/live", "Host: a.1..\r\n"],
      ["/live", "Host: shop%2eexample\r\n"],
      ["/live", `${host}${host}`],
      ["/x/../live", host],
      ["/x/%2E%2e/live", host],
      ["/./live", host],
      ["/live\\x", host],
      ["/live#/about", host],
      ["/live?a#b", host],
      ["live", host],
      ["?live", host],
      ["*", host],
      ["http://a@b/live", host],
      ["http:///live", host],
      ["ftp://shop.example/live", host],
      ["http://shop.example/live", "Host: a b\r\n"],
      // Who composes a URL of these has a path of another.
      ["//x/live", host],
      ["///x/live", host],
      ["//", host],
      ["//live?a", host],
      ["//user@x:1/live", host],
      ["/\\x/live", host],
      ["http:/live", host],
    ];
    await withServer(on(gate, listener), async (port) => {
      for (const [target, hosts] of unreadable) {
        assert.match(await exchange(port, opened(target, hosts)), /^HTTP\/1\.1 400 /, `${target} ${hosts}`);
      }
      assert.match(await exchange(port, opened().replace("GET", "TRACE")), /^HTTP\/1\.1 400 /);
      assert.deepEqual([calls, decided], [[], []]);
    });
    const modes = [["off", 101], ["report", 400]] as const;
    for (const [mode, status] of modes) {
      const switches: UpgradeListener = (_request, socket) =>
        void socket.end(
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        );
      await withServer(on(gateOf([], { mode }).gate, switches), async (port) => {
        assert.match(
          await exchange(port, opened("//x/live", host)),
          new RegExp(`^HTTP/1\\.1 ${status} `),
          mode,
        );
      });
    }
  },
);

test("gateUpgrade() decides about the URL that the target and the host make", { skip }, async () => {
  const decided: string[] = [];
  const look: Plugin = { name: "look", prepare: (ctx) => void decided.push(ctx.href) };
  const { gate } = gateOf([look, provider(admitted)]);
  const cases: readonly (readonly [target: string, host: string, href: string])[] = [
    ["/live", "SHOP.example:8080", "http://shop.example:8080/live"],
    ["/live", "[::1]:80", "http://[::1]/live"],
    ["/a//evil.example/live", "shop.example", "http://shop.example/a//evil.example/live"],
    ["/http://evil.example/live", "shop.example", "http://shop.example/http://evil.example/live"],
    ["http://other.example//x/live", "OTHER.example", "http://other.example//x/live"],
    ["/live?a=//b", "shop.example", "http://shop.example/live?a=//b"],
    ["http://other.example/live?a=1", "OTHER.example", "http://other.example/live?a=1"],
    ["WS://other.example", "OTHER.example", "http://other.example/"],
    ["wss://other.example?a", "OTHER.example", "http://other.example/?a"],
  ];
  await withServer(on(gate, listening().listener), async (port) => {
    for (const [target, host, href] of cases) {
      decided.length = 0;
      assert.match(await exchange(port, opened(target, `Host: ${host}\r\n`)), /^HTTP\/1\.1 101 /);
      assert.deepEqual(decided, [href], target);
    }
  });
});

/** The path and query as they were written. */
function written({ returnUrl }: Context): string {
  return /^[^:]*:\/\/[^/]*(.*)/.exec(returnUrl)?.[1] ?? "";
}

/** A text without the differences that the gate reads over: escapes of `'`, `\` and `|`, and a question mark before nothing. */
function plain(text: string): string {
  return text.replace(/%(?:27|5C|7C)/g, decodeURIComponent).replace(/\?$/, "");
}

/** What listeners make of a target: a URL in two ways, and the text as it stands, without a host that it has. */
function readBy(target: string): readonly string[] {
  const composed = new URL(target, "http://base.example");
  const old = parseUrl(target, false, true);
  const bare = target.replace(/^[a-z]+:\/\/[^/?]*(?:\/|(?=\?|$))/i, "/");
  return [composed.pathname + composed.search, (old.pathname ?? "") + (old.search ?? ""), bare];
}

for (const insecureHTTPParser of [false, true]) {
  const how = insecureHTTPParser ? "lenient" : "strict";
  test(
    `gateUpgrade() never decides about another path than the one the listener reads, behind Node's ${how} parser`,
    { skip },
    async () => {
      const decided: string[] = [];
      const { gate } = gateOf([
        { name: "look", prepare: (ctx) => void decided.push(written(ctx)) },
        provider(admitted),
      ]);
      const { calls, listener } = listening();
      const piece = fc.constantFrom(
        ..."/ // /// .. . %2e %2E \\ live # ? ; %5c @ : http: x x:80 \t \x85 é * ' |".split(" "),
      );
      const start = fc.constantFrom(
        "/",
        "//",
        "/\\",
        "\\/",
        "http://shop.example/",
        "ws://x/",
        "http:/",
        "x:",
        "*",
      );
      await withServer(on(gate, listener), async (port) => {
        await fc.assert(
          fc.asyncProperty(start, fc.array(piece, { maxLength: 5 }), async (start, pieces) => {
            calls.length = decided.length = 0;
            const target = start + pieces.join("");
            const answer = await exchange(port, opened(target));
            assert.match(answer, /^HTTP\/1\.1 (?:101|400) /);
            assert.equal(calls.length, answer.includes(" 101 ") ? 1 : 0);
            for (const { request } of calls) {
              // One reading of all that there are.
              const all = [...readBy(request.url ?? ""), ...decided].map(plain);
              assert.deepEqual(new Set(all), new Set(decided.map(plain)), target);
            }
          }),
          { numRuns: 400 },
        );
      }, { insecureHTTPParser });
    },
  );
}

test(
  "gateUpgrade() waits for a slow decision, keeps what comes meanwhile and admits once",
  { skip },
  async () => {
    const slow: Plugin = { ...provider(admitted), decide: () => turn(60).then(() => admitted) };
    const { gate } = gateOf([cookie, slow]);
    let got = "";
    const { calls, listener } = listening((socket) => {
      socket.on("data", (more: Buffer) => {
        got += more;
        if (got === "later") switching(socket);
      });
    });
    await withServer(on(gate, listener), async (port) => {
      const socket = await sent(port, `${opened()}early`);
      let answer = "";
      const closed = new Promise((resolve) =>
        socket.on("data", (more) => answer += more).on("close", resolve)
      );
      await turn(20);
      assert.equal(calls.length, 0);
      socket.write("later");
      await closed;
      assert.match(answer, /^HTTP\/1\.1 101 .*\r\nset-cookie: token=1; Path=\/\r\n/);
      assert.deepEqual(calls.map(({ head }) => head), ["early"]);
    });
  },
);

test(
  "gateUpgrade() hands over nobody who left while the gate decided, and tells the plugins",
  { skip },
  async () => {
    for (const decision of [admitted, queued]) {
      const signals: AbortSignal[] = [];
      let answer: (decision: Decision) => void = () => {};
      const slow: Plugin = {
        ...provider(admitted),
        decide(ctx) {
          signals.push(ctx.request.signal);
          return new Promise((resolve) => answer = resolve);
        },
      };
      const { gate, faults } = gateOf([slow]);
      const { calls, listener } = listening();
      await withServer(on(gate, listener), async (port) => {
        const socket = await sent(port, opened());
        await turn(20);
        socket.resetAndDestroy();
        await turn(20);
        assert.deepEqual(signals.map(({ aborted }) => aborted), [true]);
        answer(decision);
        await turn(20);
        assert.deepEqual([calls, faults], [[], []]);
      });
    }
  },
);

test(
  "gateUpgrade() leaves what the application answers as it is where the gate adds nothing",
  { skip },
  async () => {
    const { gate } = gateOf([provider(admitted)]);
    let isOwn = true;
    const { listener } = listening((socket) => {
      isOwn = Object.hasOwn(socket, "write") || Object.hasOwn(socket, "end");
      switching(socket);
    });
    await withServer(on(gate, listener), async (port) => {
      assert.match(
        await exchange(port, opened()),
        /^HTTP\/1\.1 101 Switching Protocols\r\nUpgrade: .*\r\nConn/,
      );
      assert.equal(isOwn, false);
    });
  },
);

test(
  "gateUpgrade() hands a connection over once that was half-closed while the gate decided",
  { skip },
  async () => {
    const slow: Plugin = { ...provider(admitted), decide: () => turn(40).then(() => admitted) };
    const { gate, faults } = gateOf([slow]);
    const { calls, listener } = listening();
    await withServer(on(gate, listener), async (port) => {
      const socket = await sent(port, opened());
      let answer = "";
      const closed = new Promise((resolve) =>
        socket.on("data", (more) => answer += more).on("close", resolve)
      );
      socket.end();
      await closed;
      assert.match(answer, /^HTTP\/1\.1 101 /);
      assert.deepEqual([calls.length, faults], [1, []]);
    });
  },
);

const heads: Readonly<Record<string, (socket: Duplex) => void>> = {
  "one text": switching,
  bytes: (socket) => socket.end(new TextEncoder().encode("HTTP/1.1 101 Ok\r\nA: b\r\n\r\nhello")),
  "several pieces": (socket) => {
    for (const piece of ["HTTP/1.1", " 101 Ok\r", "\nA: b\r\n", "\r\n", "hello\n"]) socket.write(piece);
    socket.end();
  },
  "pieces together": (socket) => {
    socket.cork();
    socket.write("HTTP/1.1 101 Ok\r\n", "latin1");
    socket.write("A: b\r\n\r\nhello\nworld\n", () => {});
    socket.uncork();
    socket.end(() => {});
  },
  "a refusal of its own": (socket) => socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"),
};
for (const [what, answer] of Object.entries(heads)) {
  test(`gateUpgrade() adds the gate's cookie once, to ${what}`, { skip }, async () => {
    const { gate, faults } = gateOf([cookie, provider(admitted)]);
    const { listener } = listening(answer);
    await withServer(on(gate, listener), async (port) => {
      const text = await exchange(port, opened());
      assert.match(text, /^HTTP\/1\.1 \d+ \w.*\r\nset-cookie: token=1; Path=\/\r\nx-ours: 1\r\n\w/);
      assert.equal(text.split("set-cookie").length, 2);
      assert.doesNotMatch(text, /cache-control|private/);
      assert.deepEqual(faults, []);
    });
  });
}

test("gateUpgrade() adds nothing to what is no answer", { skip }, async () => {
  const { gate } = gateOf([cookie, provider(admitted)]);
  const { listener } = listening((socket) => socket.end("raw\nbytes\n"));
  await withServer(on(gate, listener), async (port) => {
    assert.equal(await exchange(port, opened()), "raw\nbytes\n");
  });
});

test("gateUpgrade() never lets a plugin's headers break the upgrade", { skip }, async () => {
  const names = [
    "connection",
    "upgrade",
    "content-length",
    "transfer-encoding",
    "sec-websocket-accept",
    "cache-control",
  ];
  const rude: Plugin = { name: "rude", headers: () => names.map((name) => [name, "rude"] as const) };
  const { gate } = gateOf([rude, cookie, provider(admitted)]);
  await withServer(on(gate, listening().listener), async (port) => {
    const answer = await exchange(port, opened());
    assert.doesNotMatch(answer, /rude/);
    assert.match(answer, /set-cookie/);
  });
});

test("gateUpgrade() hands over everybody while the gate is off or reports", { skip }, async () => {
  for (const mode of ["off", "report"] as const) {
    const { gate } = gateOf([provider(queued)], { mode });
    await withServer(on(gate, listening().listener), async (port) => {
      assert.match(await exchange(port, opened()), /^HTTP\/1\.1 101 /, mode);
    });
  }
});

/** Opens a WebSocket, sends a word, and gives what comes back and the cookies of the answer. */
function echo(port: number, path: string = "/live"): Promise<readonly [string, readonly string[]]> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
    let cookies: readonly string[] = [];
    socket.on("upgrade", (response) => cookies = response.headers["set-cookie"] ?? []);
    socket.on("open", () => socket.send("hello"));
    socket.on("message", (data) => {
      resolve([String(data), cookies]);
      socket.close();
    });
    socket.on("error", reject);
  });
}

function answering(server: WebSocketServer): WebSocketServer {
  return server.on("connection", (client) => client.on("message", (data) => client.send(`${data} back`)));
}

test("gateUpgrade() works with ws", { skip }, async () => {
  for (const decision of [admitted, queued]) {
    const { gate } = gateOf([cookie, provider(decision)]);
    const sockets = answering(new WebSocketServer({ noServer: true, perMessageDeflate: true }));
    const listener = on(gate, (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (client) => sockets.emit("connection", client, request));
    });
    await withServer(listener, async (port) => {
      if (decision === queued) await assert.rejects(echo(port), /302/);
      else assert.deepEqual(await echo(port), ["hello back", ["token=1; Path=/"]]);
    });
    sockets.close();
  }
});

for (const order of ["before", "after"] as const) {
  test(`gateUpgradesOf() gates the listeners that libraries register ${order} it, and no other event`, {
    skip,
  }, async () => {
    let decision: Decision = queued;
    const { gate } = gateOf([cookie, { ...provider(admitted), decide: () => decision }]);
    const prepare = (server: Server) => {
      if (order === "after") gateUpgradesOf(gate, server);
      // As libraries do that share a server: each looks at the path, and leaves the rest to the others.
      for (const path of ["/live", "/chat"]) {
        const sockets = answering(new WebSocketServer({ noServer: true }));
        server.on("upgrade", (request, socket, head) => {
          if (request.url !== path) return;
          sockets.handleUpgrade(
            request,
            socket,
            head,
            (client) => sockets.emit("connection", client, request),
          );
        });
      }
      if (order === "before") gateUpgradesOf(gate, server);
    };
    await withServer(prepare, async (port) => {
      assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "page");
      for (const path of ["/live", "/chat"]) {
        decision = queued;
        await assert.rejects(echo(port, path), /302/);
        decision = admitted;
        assert.deepEqual(await echo(port, path), ["hello back", ["token=1; Path=/"]]);
      }
    });
  });
}

test("gateUpgradesOf() works with a WebSocketServer that was given the server", { skip }, async () => {
  const { gate } = gateOf([cookie, provider(admitted)]);
  const prepare = (server: Server) => {
    answering(new WebSocketServer({ server, path: "/live" }));
    gateUpgradesOf(gate, server);
  };
  await withServer(prepare, async (port) => {
    assert.deepEqual(await echo(port), ["hello back", ["token=1; Path=/"]]);
  });
});

test("gateUpgrade() leaves errors of the listener to Node", { skip }, () => {
  const { gate } = gateOf([provider(admitted)]);
  const listener = gateUpgrade(gate, () => {
    throw new Error("the application's own");
  });
  const socket = connect({ port: 1, host: "127.0.0.1", autoSelectFamily: false }).on("error", () => {});
  // What of a request the gate reads.
  const incoming = {
    rawHeaders: ["Host", "shop.example"],
    url: "/",
    method: "GET",
    socket,
  } as unknown as IncomingMessage;
  assert.throws(() => listener(incoming, socket, new Uint8Array() as Buffer), /the application's own/);
  assert.equal(socket.listenerCount("error"), 1);
  socket.destroy();
});

test("gateUpgrade() and gateUpgradesOf() refuse what is no listener and no server", () => {
  const { gate } = gateOf([provider(admitted)]);
  assert.throws(() => gateUpgrade(gate, untyped(undefined)), {
    name: "TypeError",
    message: "Cannot gate upgrades: the listener must be a function, received undefined",
  });
  assert.throws(() => gateUpgradesOf(gate, untyped({})), {
    name: "TypeError",
    message: "Cannot gate upgrades: the server must be one of Node, received {}",
  });
});

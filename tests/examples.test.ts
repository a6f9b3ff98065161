/** Each example is started and asked on its own platform; those of workerd are in `tests/runtimes`. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { createGate, failOpen, type Plugin } from "../mod.ts";
import { type Answer, type Jar, jar, open, send, shop } from "./conformance/_http.ts";
import { eventually } from "./conformance/_world.ts";
import { root } from "./runtimes/_process.ts";
import { startRedis } from "./support/redis.ts";
import {
  type Example,
  freePort,
  lookAll,
  queuesAndServes,
  seatsOne,
  withExample,
} from "./runtimes/_examples.ts";

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const denoRun = ["run", "--quiet", "--no-check", "--allow-net", "--allow-env", "--allow-read"];

/** How a module with a default export is served. */
const serving: Readonly<Record<typeof runtime, readonly string[]>> = {
  deno: ["serve", "--quiet", "--no-check", "--allow-net", "--allow-env", "--allow-read", "--port", "{port}"],
  bun: ["run"],
  node: [],
};

/** Defines a test on the platforms of an example alone. */
function on(runtimes: readonly (typeof runtime)[]): (name: string, run: () => Promise<void>) => void {
  return (name, run) => {
    if (runtimes.includes(runtime)) test(name, run);
  };
}

const own = {
  deno: [...denoRun, "examples/deno.ts"],
  bun: ["run", "examples/bun.ts"],
  node: ["examples/node.ts"],
};

test(`examples/${runtime}.ts queues, serves the promoted, leaves static files alone and ends in order`, async () => {
  await withExample(own[runtime], {}, async (example) => {
    await queuesAndServes(example, "/tickets?a=1", /^Welcome to \/tickets\n$/);
    assert.equal(
      (await send(example.port, { path: "/assets/logo.png" })).text,
      "Welcome to /assets/logo.png\n",
    );
    assert.equal(await example.end(), 0);
  });
});

test("examples/outage.ts keeps in who is in while the service is down, stops asking it, and recovers", async () => {
  const [command, ...args] = {
    deno: [...denoRun, "examples/outage.ts"],
    bun: ["run", "examples/outage.ts"],
    node: ["examples/outage.ts"],
  }[runtime];
  const healthPort = await freePort();
  const env = { HEALTH_PORT: String(healthPort), OPEN_MS: "200", TIMEOUT_MS: "20000" };
  await withExample([command ?? "", ...args], env, async (example) => {
    const { port, sandbox, printed } = example;
    const cookies = await queuesAndServes(example, "/tickets", /^Welcome to \/tickets\n$/);
    assert.match(cookies.get("__Host-stanchion-grace") ?? "", /^1\./);
    const visit = async (headers: Readonly<Record<string, string>>) =>
      (await send(port, { path: "/tickets", headers })).status;
    const state = async () =>
      JSON.parse((await send(healthPort, { path: "/health" })).text).plugins.crowdhandler.state as string;
    sandbox.faults.set("requests", { kind: "500" });
    for (let count = 0; count < 3; count++) assert.equal(await visit({ ...cookies.header() }), 200);
    await eventually("the breaker is open", () => printed().includes("CrowdHandler: closed to open"));
    assert.equal(await visit({}), 302, "newcomers wait");
    assert.notEqual(await state(), "closed");
    sandbox.faults.clear();
    await eventually("the breaker is closed", async () => {
      assert.equal(await visit({ ...cookies.header() }), 200);
      return await state() === "closed";
    });
    assert.equal(await example.end(), 0);
  });
});

on(["node"])(
  "examples/graphql.ts gates the endpoint as a whole, and serves known operations to everybody",
  async () => {
    await withExample(["examples/graphql.ts"], {}, async ({ port }) => {
      const headers = { "content-type": "application/json", accept: "application/json" };
      for (const query of ["{ concerts }", 'mutation { reserveSeat(concert: "a") }']) {
        const answer = await send(port, {
          path: "/graphql",
          method: "POST",
          headers,
          body: JSON.stringify({ query }),
        });
        assert.equal(answer.status, 503);
      }
      const known = await send(port, { path: "/open/concerts?query={seats}", headers });
      assert.deepEqual([known.status, JSON.parse(known.text)], [200, {
        data: { concerts: ["opening night"] },
      }]);
      assert.equal((await send(port, { path: "/open/seats", headers })).status, 503);
    });
  },
);

on(["node"])("examples/hono.ts has the gate on some routes only", async () => {
  await withExample(["examples/hono.ts"], {}, async (example) => {
    assert.equal((await send(example.port, { path: "/" })).text, "What is on this week\n");
    const webhook = await send(example.port, { method: "POST", path: "/webhooks/payment", body: "paid" });
    assert.deepEqual([webhook.text, webhook.headers.getSetCookie()], ["thank you\n", []]);
    await queuesAndServes(example, "/tickets/quartet", /^Welcome to quartet \(crowdhandler\/promoted\)\n$/);
  });
});

on(["deno"])(
  "examples/deno-kv.ts keeps tokens on the server, also over a restart",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "stanchion-kv-"));
    const args = [...denoRun, "--allow-write", "--unstable-kv", "examples/deno-kv.ts"];
    const env = { KV_PATH: join(folder, "kv.sqlite") };
    try {
      let cookies = jar();
      await withExample(args, env, async (example) => {
        cookies = await queuesAndServes(example, "/tickets", /^Welcome/);
        assert.match(cookies.header()["cookie"] ?? "", /^__Host-stanchion=[\w-]{22}$/);
      });
      await withExample(args, env, async ({ port, sandbox }) => {
        await send(port, { path: "/tickets", headers: { ...cookies.header() } });
        // The service of this second run does not know the token; what matters is that it is asked about one.
        assert.equal(sandbox.state.calls[0]?.method, "GET");
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

on(["deno"])("examples/deno-room.ts has one room in all processes, also over a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "stanchion-room-"));
  const args = [...denoRun, "--allow-write", "--unstable-kv", "examples/deno-room.ts"];
  const env = { KV_PATH: join(folder, "kv.sqlite"), CAPACITY: "1" };
  const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);
  try {
    let visitors: readonly Jar[] = [];
    await withExample(args, env, async ({ port, end }) => {
      visitors = await seatsOne(port);
      await withExample(args, env, async (other) => {
        assert.deepEqual(statuses(await lookAll(other.port, [...visitors, jar()])), [200, 503, 503]);
      });
      assert.equal((await send(port, { path: "/assets/logo.png" })).text, "Welcome to /assets/logo.png\n");
      await end();
    });
    await withExample(args, env, async ({ port }) => {
      assert.deepEqual(statuses(await lookAll(port, [...visitors, jar()])), [200, 503, 503]);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const onRedis = {
  deno: undefined,
  bun: ["run", "examples/bun-room.ts"],
  node: ["examples/node-room.ts"],
}[runtime];
if (onRedis !== undefined) {
  test(`examples/${runtime}-room.ts has one room in all processes, also over a restart`, async (t) => {
    const redis = await startRedis();
    if (redis === undefined) return t.skip("redis-server is not installed");
    const env = { REDIS_URL: redis.url, CAPACITY: "1" };
    const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);
    try {
      let visitors: readonly Jar[] = [];
      await withExample(onRedis, env, async ({ port, end }) => {
        visitors = await seatsOne(port);
        await withExample(onRedis, env, async (other) => {
          assert.deepEqual(statuses(await lookAll(other.port, [...visitors, jar()])), [200, 503, 503]);
        });
        assert.equal((await send(port, { path: "/assets/logo.png" })).text, "Welcome to /assets/logo.png\n");
        assert.equal(await end(), 0);
      });
      await withExample(onRedis, env, async ({ port }) => {
        assert.deepEqual(statuses(await lookAll(port, [...visitors, jar()])), [200, 503, 503]);
      });
    } finally {
      await redis.kill();
    }
  });
}

on(["node"])("examples/hono-room.ts has the room on some routes only", async () => {
  await withExample(["examples/hono-room.ts"], { CAPACITY: "1" }, async ({ port }) => {
    const visitors = [jar(), jar()];
    const open = async (path: string, cookies: Jar) => {
      const headers = { accept: "text/html", ...cookies.header() };
      return cookies.take(await send(port, { path, headers }));
    };
    const [first, second] = [
      await open("/tickets/a", visitors[0] ?? jar()),
      await open("/tickets/a", visitors[1] ?? jar()),
    ];
    assert.deepEqual([first.text, second.status], ["Welcome to a (waiting-room/admitted)\n", 503]);
    assert.match(second.text, /The Concert Hall/);
    assert.equal((await open("/", jar())).text, "What is on this week\n");
    const webhook = await send(port, { method: "POST", path: "/webhooks/payment", body: "paid" });
    assert.deepEqual([webhook.text, webhook.headers.getSetCookie()], ["thank you\n", []]);
    const { text } = await open("/.stanchion/main/status", jar());
    assert.equal(JSON.parse(text).issued, 2);
  });
});

on(["node"])("examples/metrics.ts counts, logs and times what it decides", async () => {
  const metricsPort = await freePort();
  const env = { METRICS_PORT: String(metricsPort) };
  await withExample(["examples/metrics.ts"], env, async ({ port, printed, end }) => {
    const cookies = jar();
    const visit = async (): Promise<Answer> =>
      cookies.take(await send(port, { path: "/tickets?a=secret", headers: { ...cookies.header() } }));
    let served = await visit();
    for (let turn = 0; turn < 100 && served.status !== 200; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      served = await visit();
    }
    const queued = await send(port, { path: "/orders/tok_secret" });
    assert.deepEqual([served.status, queued.status], [200, 302]);
    for (const { headers } of [served, queued]) {
      assert.match(headers.get("server-timing") ?? "", /^gate;dur=\d+\.\d\d$/);
    }
    const { text } = await send(metricsPort, { path: "/metrics" });
    const labels = (action: string, word: string) =>
      `{action="${action}",reason="crowdhandler/${word}",provider="crowdhandler",enforced="true"}`;
    assert.ok(text.includes(`stanchion_decisions_total${labels("admit", "promoted")} 1\n`), text);
    assert.ok(text.includes(`stanchion_decisions_total${labels("queue", "queued")} `), text);
    assert.equal(await end(), 0);
    const records = printed().split("\n").filter((line) => line.startsWith("{")).map((line) =>
      JSON.parse(line)
    );
    assert.deepEqual(records.slice(-2).map(({ action, path, address }) => [action, path, address]), [
      ["admit", "/tickets", "127.0.0.0/24"],
      ["queue", "/orders/[redacted]", "127.0.0.0/24"],
    ]);
    assert.doesNotMatch(printed(), /secret|tok_/);
  });
});

test("examples/operations.ts is looked at, switched and ended by those who have a secret", async () => {
  const secrets = ["first-secret-of-the-test", "second-secret-of-the-test"];
  const args = { deno: denoRun, bun: ["run"], node: [] }[runtime];
  const env = { OPERATIONS_SECRETS: secrets.join(",") };
  await withExample([...args, "examples/operations.ts"], env, async (example) => {
    const { port } = example;
    const headers = { authorization: `Bearer ${secrets[1]}`, "content-type": "application/json" };
    const ask = (path: string, method = "GET", body?: string) =>
      send(port, { path: `/.stanchion${path}`, method, headers, ...(body === undefined ? {} : { body }) });
    assert.equal((await send(port, { path: "/.stanchion/health" })).status, 401);
    assert.equal(JSON.parse((await ask("/health")).text).status, "ok");
    const visit = async () => (await send(port, { path: "/tickets" })).status;
    assert.equal(await visit(), 302);
    assert.match((await ask("/metrics")).text, /^stanchion_decisions_total\{action="queue"/m);
    const question = JSON.stringify({ url: `https://${shop}/tickets` });
    const { decision } = JSON.parse((await ask("/explain", "POST", question)).text);
    assert.equal(decision.reason, "crowdhandler/not-asked");
    for (const [mode, status] of [["off", 200], ["report", 200], ["enforce", 302]] as const) {
      const body = JSON.stringify({ mode, forMs: 60_000, by: "the test" });
      assert.equal((await ask("/mode", "PUT", body)).status, 200);
      assert.equal(await visit(), status, mode);
    }
    assert.match(example.printed(), /The gate's mode is off until \S+Z, by the test/);
    assert.equal(await example.end(), 0);
  });
});

test("examples/guest-list.ts is a plugin in under 15 lines, and lets the guests in", async () => {
  const text = readFileSync(join(root, "examples/guest-list.ts"), "utf8");
  const code = text.replace(/\/\*\*[\s\S]*?\*\//g, "").split("\n").filter((line) => line.trim() !== "");
  assert.ok(code.length < 15, `${code.length} lines`);
  const { guestList } = await import("../examples/guest-list.ts");
  const { clientIp } = await import("../mod.ts");
  const closed: Plugin = {
    name: "closed",
    decide: () => ({ action: "reject", reason: "closed/all", status: 403 }),
  };
  const gate = createGate({ plugins: [clientIp(), guestList(new Set(["192.0.2.7"])), failOpen(), closed] });
  const from = async (hostname: string) =>
    (await gate(new Request(`https://${shop}/`), () => new Response("page"), { remoteAddr: { hostname } }))
      .status;
  assert.deepEqual([await from("192.0.2.7"), await from("192.0.2.8")], [200, 403]);
});

on(["deno", "bun"])("examples/few-at-once.ts seats two, and takes no forged ticket", async () => {
  await withExample([...serving[runtime], "examples/few-at-once.ts"], {}, async ({ port }) => {
    const visitors = [jar(), jar(), jar()];
    const visit = async (cookies = jar()) =>
      cookies.take(await send(port, { path: "/tickets", headers: { ...cookies.header() } }));
    const statuses = [];
    for (const cookies of [...visitors, ...visitors]) statuses.push((await visit(cookies)).status);
    assert.deepEqual(statuses, [200, 200, 503, 200, 200, 503]);
    const away = await visit();
    assert.deepEqual([away.headers.get("retry-after"), away.headers.get("cache-control")], [
      "10",
      "no-store",
    ]);
    const [until = "", visitor = "", proof = ""] = (visitors[0]?.get("seat") ?? "").split(".");
    for (
      const seat of [
        `${until}.${visitor}.${proof.replace(/.$/, (last) => last === "0" ? "1" : "0")}`,
        `${Number(until) + 1}.${visitor}.${proof}`,
        `${until}.${visitor}x.${proof}`,
        `${until}..`,
        "..",
        "",
      ]
    ) {
      assert.equal((await send(port, { path: "/", headers: { cookie: `seat=${seat}` } })).status, 503, seat);
    }
    assert.equal((await send(port, { path: "/assets/logo.png" })).status, 200);
  });
});

test("examples/few-at-once.ts takes no seat for a page fetched in advance, nor while the gate explains", async () => {
  const { fewAtOnce } = await import("../examples/few-at-once.ts");
  const { prefetch } = await import("../mod.ts");
  const provider = fewAtOnce({ secret: "test", seats: 1, idleSeconds: 60 });
  const gate = createGate({ plugins: [prefetch(), failOpen(), provider] });
  const ask = (headers: Readonly<Record<string, string>> = {}) =>
    new Request(`https://${shop}/`, { headers });
  const visit = async (headers?: Readonly<Record<string, string>>) =>
    (await gate(ask(headers), () => new Response("page"))).status;
  assert.equal(await visit({ "sec-purpose": "prefetch" }), 503);
  const { decision } = await gate.explain(ask());
  assert.equal(decision.reason, "few-at-once/seated");
  assert.deepEqual(provider.health?.(), { seats: 1, taken: 0 });
  assert.deepEqual([await visit(), await visit()], [200, 503]);
});

/** An origin that tells what it got, as an application behind a proxy sees it. */
async function withOrigin(use: (url: string, seen: string[]) => Promise<void>): Promise<void> {
  const seen: string[] = [];
  const server = createServer((request, response) => void answer(request, response, seen));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await use(`http://127.0.0.1:${port}`, seen);
  } finally {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, seen: string[]): Promise<void> {
  const { method, url = "", headers } = request;
  seen.push(`${method} ${url}`);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const body = Buffer.concat(chunks);
  const path = url.split("?")[0];
  if (path === "/assets/stream.png") {
    response.writeHead(200, { "content-type": "text/plain" });
    response.write("one;");
    setTimeout(() => response.end("two;"), 400);
  } else if (path === "/assets/moved.png") {
    response.writeHead(302, {
      location: `http://${headers.host}/elsewhere?a=1`,
      "set-cookie": ["a=1", "b=2"],
    }).end();
  } else if (path === "/assets/zipped.png") {
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("unzipped"));
  } else if (path === "/assets/empty.png") {
    response.writeHead(204, { connection: "x-hop, close", "x-hop": "secret", etag: '"1"' }).end();
  } else if (path === "/assets/broken.png") {
    response.socket?.destroy();
  } else {
    response.writeHead(200, { "content-type": "application/json", "keep-alive": "timeout=9" });
    response.end(
      JSON.stringify({ method, url, headers, bytes: body.length, text: body.toString().slice(0, 100) }),
    );
  }
}

/** The reverse proxy in front of an origin. Images below `/assets` are past the gate. */
async function withProxy(
  ask: (example: Example, origin: string, seen: string[]) => Promise<void>,
): Promise<void> {
  await withOrigin((origin, seen) =>
    withExample(
      [...serving[runtime], "examples/reverse-proxy.ts"],
      { ORIGIN: origin },
      (example) => ask(example, origin, seen),
    )
  );
}

test("examples/reverse-proxy.ts queues in front of the origin, and hands on what it may", async () => {
  await withProxy(async (example, origin, seen) => {
    const { port } = example;
    const cookies = await queuesAndServes(example, "/tickets?a=%20b", /"url":"\/tickets\?a=%20b"/);
    assert.deepEqual(seen, ["GET /tickets?a=%20b"]);
    const headers = {
      ...cookies.header(),
      connection: "close, x-secret",
      "x-secret": "between neighbours",
      te: "trailers",
      "proxy-authorization": "Basic abc",
      "x-forwarded-for": "192.0.2.1",
      "x-forwarded-host": "evil.example",
      forwarded: "for=192.0.2.1",
      "x-real-ip": "192.0.2.1",
      "x-kept": "yes",
    };
    const got = JSON.parse(
      (await send(port, { method: "PUT", path: "/tickets", headers, body: "abc" })).text,
    );
    assert.deepEqual([got.method, got.text], ["PUT", "abc"]);
    assert.equal(got.headers.host, new URL(origin).host);
    assert.match(got.headers["x-forwarded-for"], /^127\.0\.0\.1$/);
    assert.deepEqual([got.headers["x-forwarded-host"], got.headers["x-forwarded-proto"]], [shop, "http"]);
    assert.equal(got.headers["x-kept"], "yes");
    assert.equal(got.headers["x-real-ip"], "127.0.0.1");
    for (const name of ["x-secret", "te", "proxy-authorization", "forwarded"]) {
      assert.equal(got.headers[name], undefined, name);
    }
    const chunks = Array.from({ length: 200 }, () => "x".repeat(5000));
    const big = await send(port, {
      method: "POST",
      path: "/tickets",
      headers: { ...cookies.header() },
      chunks,
    });
    assert.equal(JSON.parse(big.text).bytes, 1_000_000);
  });
});

test("examples/reverse-proxy.ts hands answers on as they come", async () => {
  await withProxy(async ({ port }, origin) => {
    const moved = await send(port, { path: "/assets/moved.png" });
    assert.deepEqual([moved.status, moved.headers.get("location")], [302, "/elsewhere?a=1"]);
    assert.deepEqual(moved.headers.getSetCookie(), ["a=1", "b=2"]);
    const empty = await send(port, { path: "/assets/empty.png" });
    assert.deepEqual([empty.status, empty.headers.get("x-hop"), empty.headers.get("etag")], [
      204,
      null,
      '"1"',
    ]);
    const zipped = await send(port, { path: "/assets/zipped.png" });
    assert.deepEqual([zipped.status, zipped.text, zipped.headers.get("content-encoding")], [
      200,
      "unzipped",
      null,
    ]);
    const head = await send(port, { method: "HEAD", path: "/assets/x.png" });
    assert.deepEqual([head.status, head.text], [200, ""]);
    assert.equal(
      (await send(port, { path: "/assets/x.png" })).headers.get("keep-alive") === "timeout=9",
      false,
    );
    assert.equal((await send(port, { path: "/assets/broken.png" })).status, 502);
    const exchange = open(port, { path: "/assets/stream.png" });
    assert.ok(!(await exchange.until("one;")).includes("two;"));
    assert.equal((await exchange.end()).text, "one;two;");
    assert.ok(origin.startsWith("http://127.0.0.1"));
  });
});

test("examples/reverse-proxy.ts leads nowhere but to its origin", async () => {
  await withProxy(async (example, _origin, seen) => {
    const { port } = example;
    const cookies = { ...(await queuesAndServes(example, "/tickets", /tickets/)).header() };
    const table: readonly (readonly [target: string, asked: RegExp])[] = [
      ["//evil.example/x.png", /^GET \/\/?evil\.example\/x\.png$/],
      ["/\\evil.example/x.png", /^GET \/\/?evil\.example\/x\.png$/],
      ["/@evil.example/x.png", /^GET \/@evil\.example\/x\.png$/],
      ["/http://evil.example/x.png", /^GET \/http:\/\/?evil\.example\/x\.png$/],
      ["http://evil.example/assets/x.png", /^GET \/assets\/x\.png$/],
      ["/a/../assets/b.png", /^GET \/assets\/b\.png$/],
    ];
    for (const [path, asked] of table) {
      seen.length = 0;
      const { status } = await send(port, { path, headers: cookies });
      // A server may refuse an odd target by itself.
      assert.equal(seen.length, status === 400 ? 0 : 1, path);
      if (status !== 400) assert.match(seen[0] ?? "", asked);
    }
    seen.length = 0;
    const foreign = { host: "evil.example" };
    assert.equal((await send(port, { path: "/assets/x.png", headers: foreign })).status, 200);
    assert.equal(
      (await send(port, { path: "/tickets", headers: foreign })).status,
      302,
      "no way past the gate",
    );
    assert.equal((await send(port, { path: `http://evil.example/tickets` })).status, 302, "nor that way");
    assert.deepEqual(seen, ["GET /assets/x.png"]);
    for (const method of ["TRACE", "CONNECT"]) {
      const status = await send(port, { method, path: "/assets/x.png", headers: cookies }).then(
        (answer) => answer.status,
        () => 400,
      );
      assert.ok(status >= 400 && status < 600, `${method} ${status}`);
    }
    assert.deepEqual(seen, ["GET /assets/x.png"]);
  });
});

test("examples/reverse-proxy.ts lets no second request through within a first", async () => {
  await withProxy(async (example, _origin, seen) => {
    const { port } = example;
    const cookies = { ...(await queuesAndServes(example, "/tickets", /tickets/)).header() };
    // The first comes from somebody who was let in. The second, as a request of its own, would have to wait.
    const smuggled = `GET /smuggled HTTP/1.1\r\nHost: ${shop}\r\nUser-Agent: x\r\nConnection: close\r\n\r\n`;
    const table: readonly (readonly [headers: string, body: string])[] = [
      ["Content-Length: 6\r\nTransfer-Encoding: chunked", `0\r\n\r\n${smuggled}`],
      ["Transfer-Encoding: chunked\r\nContent-Length: 6", `0\r\n\r\n${smuggled}`],
      [`Content-Length: ${5 + smuggled.length}\r\nTransfer-Encoding: chunked`, `0\r\n\r\n${smuggled}`],
      ["Content-Length: 4\r\nContent-Length: 40", `abcd${smuggled}`],
      ["Content-Length: 4, 40", `abcd${smuggled}`],
      ["Content-Length: +4", `abcd${smuggled}`],
      ["Transfer-Encoding: xchunked\r\nContent-Length: 4", `abcd${smuggled}`],
      ["Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", `0\r\n\r\n${smuggled}`],
      ["Transfer-Encoding : chunked\r\nContent-Length: 4", `abcd${smuggled}`],
      ["X-Test: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 4", `abcd${smuggled}`],
      ["Content-Length: 4", `abcd${smuggled}`],
      ["Connection: content-length, x\r\nContent-Length: 4", `abcd${smuggled}`],
    ];
    for (const [headers, body] of table) {
      const own = `Host: ${shop}\r\nUser-Agent: x\r\nCookie: ${cookies["cookie"]}`;
      await raw(port, `POST /outer HTTP/1.1\r\n${own}\r\n${headers}\r\n\r\n${body}`);
      assert.ok(!seen.some((line) => line.includes("smuggled")), `${headers}: ${seen.join(", ")}`);
    }
    seen.length = 0;
    assert.equal(
      (await send(port, { method: "POST", path: "/outer", headers: cookies, body: "abcd" })).status,
      200,
    );
    assert.deepEqual(seen, ["POST /outer"], "what is well-formed arrives");
  });
});

/** Sends bytes as they are, and gives what comes back until nothing more does. */
async function raw(port: number, text: string): Promise<string> {
  const { connect } = await import("node:net");
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.setTimeout(700, () => socket.destroy());
    socket.on("data", (data) => received += String(data));
    socket.on("error", () => {});
    socket.on("close", () => resolve(received));
  });
}

test("all examples say what to import, and stay short", () => {
  const files = readdirSync(join(root, "examples")).filter((name) => name.endsWith(".ts"));
  assert.ok(files.length >= 10);
  for (const file of files) {
    const text = readFileSync(join(root, "examples", file), "utf8");
    const lines = text.trimEnd().split("\n").length;
    if (text.includes('from "../')) assert.match(text, /In your own project, import\s+(?:\* )?from/, file);
    assert.ok(lines <= 90, `${file} has ${lines} lines`);
  }
});

/** The recipes of `docs/proxies.md`, tried with the proxies themselves where they are installed. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { gateUpgrade } from "../adapters/node/mod.ts";
import { clientIp, cookieTokens, createGate, failClosed, type Plugin } from "../mod.ts";
import { root } from "./docs/_blocks.ts";
import { serve, type Served } from "./src/_serve.ts";
import { type Proxy, type ProxyStart, startProxy } from "./support/proxy.ts";

/** The block of a recipe, with what only the reader's machine has replaced; each replacement must find its place. */
function recipe(language: string, changes: readonly (readonly [from: string, to: string])[]): string {
  const page = readFileSync(`${root}docs/proxies.md`, "utf8");
  const found = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(page)?.[1] ?? "";
  return changes.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `the recipe for ${language} has no ${from}`);
    return text.replace(from, to);
  }, found);
}

/** The application. */
function page(request: Request, ..._platform: unknown[]): Response {
  return new URL(request.url).pathname === "/stream" ? streamed() : new Response("page");
}

interface Told {
  readonly address: string;
  readonly url: string;
  readonly host: string;
  readonly forwarded: string;
}

/** Answers with what the gate knows. */
function telling(name: string): Plugin {
  return {
    name,
    decide(ctx) {
      const told: Told = {
        address: String(ctx.address),
        url: ctx.returnUrl,
        host: String(ctx.request.headers.get("host")),
        forwarded: String(ctx.request.headers.get("forwarded")),
      };
      return { action: "respond", reason: `${name}/told`, response: Response.json(told) };
    },
  };
}

/** A cookie and a redirect of the sizes that the gate can make of them. */
const large: Plugin = {
  name: "large",
  decide: (ctx) =>
    ctx.path === "/large"
      ? { action: "queue", reason: "large/queue", location: `https://wait.example/?t=${"x".repeat(3500)}` }
      : undefined,
  headers: (ctx) =>
    ctx.path === "/large"
      ? [["set-cookie", `a=${"a".repeat(4000)}`], ["set-cookie", `b=${"b".repeat(4000)}`]]
      : [],
};

let release = () => {};

/** A page in two pieces, of which the second waits for the reader of the first. */
function streamed(): Response {
  const pieces = ["first;", "second;"];
  return new Response(
    new ReadableStream({
      async pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) return controller.close();
        if (piece === "second;") await new Promise<void>((resolve) => release = resolve);
        controller.enqueue(new TextEncoder().encode(piece));
      },
    }),
  );
}

function gateOf(trustedProxies: number) {
  return createGate({
    plugins: [
      large,
      {
        name: "stream",
        decide: (ctx) => ctx.path === "/stream" ? { action: "admit", reason: "stream/admit" } : undefined,
      },
      telling("telling"),
      clientIp({ trustedProxies, forwardedHost: true }),
      cookieTokens(),
      failClosed(),
    ],
  });
}

/** The visitor's address, which is another one than that of the proxy. */
const visitor = "127.0.0.5";

interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Asks as a visitor of the shop, and keeps what comes until the connection ends. */
function ask(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const lines = Object.entries({ host: "shop.example.com", connection: "close", ...headers });
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, localAddress: visitor }, () => {
      socket.write(`GET ${path} HTTP/1.1\r\n${text}\r\n`);
    });
    let answer = "";
    socket.setEncoding("latin1").on("data", (more) => {
      answer += more;
      if (answer.includes("first;")) release();
    });
    socket.on("error", reject).on("close", () => {
      const end = answer.indexOf("\r\n\r\n");
      const head = answer.slice(0, end);
      resolve({ status: Number(head.split(" ", 2)[1]), head, body: answer.slice(end + 4) });
    });
  });
}

async function told(port: number, headers: Readonly<Record<string, string>> = {}): Promise<Told> {
  const { status, body } = await ask(port, "/", headers);
  assert.equal(status, 200, body);
  // The plugin above made it; a proxy may send it in chunks.
  return JSON.parse(/\{.*\}/.exec(body)?.[0] ?? "") as Told;
}

type Recipe = readonly [name: string, start: (origin: number) => ProxyStart];

const proxies: readonly [nginx: Recipe, caddy: Recipe] = [
  ["nginx", (origin) => ({
    command: "nginx",
    args: (file, folder) => ["-c", file, "-p", folder, "-e", "stderr"],
    config: (port, folder) =>
      `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
events {}
http {
access_log off;
client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
${
        recipe("nginx", [["listen 443 ssl;", `listen 127.0.0.1:${port};`], [
          "127.0.0.1:3000",
          `127.0.0.1:${origin}`,
        ]])
      }
}`,
  })],
  ["caddy", (origin) => ({
    command: "caddy",
    args: (file) => ["run", "--config", file, "--adapter", "caddyfile"],
    config: (port) =>
      `{\n\tadmin off\n\tauto_https off\n}\n${
        recipe("caddy", [
          ["shop.example.com {", `http://shop.example.com:${port} {\n\tbind 127.0.0.1`],
          ["127.0.0.1:3000", `127.0.0.1:${origin}`],
        ])
      }`,
  })],
];

/** Skips a test where the proxy is not installed. */
function portOf(
  proxy: Proxy | undefined,
  name: string,
  context: { skip(reason: string): void },
): number | undefined {
  if (proxy === undefined) context.skip(`${name} is not installed`);
  return proxy?.port;
}

for (const [name, start] of proxies) {
  describe(`the recipe for ${name}`, () => {
    let origin: Served;
    let proxy: Proxy | undefined;

    before(async () => {
      origin = await serve(gateOf(1).wrap(page));
      proxy = await startProxy(start(origin.port));
    });
    after(async () => {
      await proxy?.close();
      await origin.close();
    });

    test(`${name}: the visitor is who connected to the proxy, whatever the visitor claims`, async (context) => {
      const port = portOf(proxy, name, context);
      if (port === undefined) return;
      const claims: readonly Readonly<Record<string, string>>[] = [
        {},
        { "x-forwarded-for": "6.6.6.6" },
        { "x-forwarded-for": "6.6.6.6, 127.0.0.9, " },
        { "X-FORWARDED-FOR": "6.6.6.6", forwarded: "for=6.6.6.6", "x-real-ip": "6.6.6.6" },
        { "x-forwarded-for": `${"6.6.6.6, ".repeat(200)}6.6.6.6` },
        { "x-forwarded-for": '"', "cf-connecting-ip": "6.6.6.6" },
      ];
      for (const claim of claims) {
        const { address, forwarded } = await told(port, claim);
        assert.equal(address, visitor, JSON.stringify(claim));
        assert.equal(forwarded, "null");
      }
    });

    test(`${name}: host and scheme are the visitor's, whatever the visitor claims`, async (context) => {
      const port = portOf(proxy, name, context);
      if (port === undefined) return;
      const claim = {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        forwarded: "host=evil.example;proto=https",
      };
      for (const headers of [{}, claim]) {
        const { url, host } = await told(port, headers);
        assert.deepEqual([url, host], ["http://shop.example.com/", "shop.example.com"]);
      }
    });

    test(`${name}: heads as large as the gate makes them pass in both directions`, async (context) => {
      const port = portOf(proxy, name, context);
      if (port === undefined) return;
      const { status, head } = await ask(port, "/large");
      assert.equal(status, 302);
      assert.deepEqual(
        [...head.matchAll(/^set-cookie: (?:a|b)=(\w+)/gim)].map(([, value]) => value?.length),
        [4000, 4000],
      );
      assert.equal(/^location: (.*)$/im.exec(head)?.[1]?.trim().length, 3524);
      const cookie = ["a", "b", "c"].map((name) => `${name}=${name.repeat(4000)}`).join("; ");
      const back = await ask(port, `/?ch-id=${"x".repeat(3500)}`, { cookie });
      assert.equal(back.status, 200);
    });

    test(`${name}: a page arrives as it is made`, async (context) => {
      const port = portOf(proxy, name, context);
      if (port === undefined) return;
      const { status, body } = await ask(port, "/stream");
      assert.equal(status, 200);
      assert.match(body, /first;[\s\S]*second;/);
    });
  });
}

const [nginx] = proxies;

test("the recipe for nginx behind another proxy: both are counted", async (context) => {
  const origin = await serve(gateOf(2).wrap(page));
  const proxy = await startProxy(nginx[1](origin.port));
  try {
    const port = portOf(proxy, "nginx", context);
    if (port === undefined) return;
    assert.equal((await told(port, { "x-forwarded-for": "6.6.6.6, 203.0.113.7" })).address, "203.0.113.7");
    assert.equal((await told(port, { "x-forwarded-for": "203.0.113.7" })).address, "203.0.113.7");
    assert.equal((await told(port)).address, visitor);
  } finally {
    await proxy?.close();
    await origin.close();
  }
});

test("the recipe for nginx: an upgrade passes, and the gate knows the visitor", {
  skip: "Deno" in globalThis || "Bun" in globalThis ? "it is for Node's own server" : false,
}, async (context) => {
  const seen: unknown[] = [];
  const gate = createGate({
    plugins: [
      { name: "look", decide: (ctx) => (seen.push(ctx.address), { action: "admit", reason: "look/admit" }) },
      clientIp({ trustedProxies: 1 }),
      failClosed(),
    ],
  });
  const origin: Server = createServer();
  origin.on(
    "upgrade",
    gateUpgrade(gate, (_request, socket) => {
      socket.end(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello",
      );
    }),
  );
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this form.
  const proxy = await startProxy(nginx[1]((origin.address() as AddressInfo).port));
  try {
    const port = portOf(proxy, "nginx", context);
    if (port === undefined) return;
    const upgrade = { connection: "Upgrade", upgrade: "websocket", "x-forwarded-for": "6.6.6.6" };
    const { status, body } = await ask(port, "/live", upgrade);
    assert.deepEqual([status, body, seen], [101, "hello", [visitor]]);
  } finally {
    await proxy?.close();
    origin.closeAllConnections();
    await new Promise((resolve) => origin.close(resolve));
  }
});

/**
 * How much processor time does the gateway take for a proxied request, beside nginx on the same machine, and how much of that is the gate's?
 *
 * An origin of nginx answers 1 KiB, and 64 connections ask for it with a visitor's pass: through nginx as a reverse proxy, through the least that
 * the runtime's own server and client can do, through the proxy of the gateway without a gate, and through the whole gateway. Time is that of the
 * process of the proxy alone. It fails where a single answer is an error.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import {
  Agent,
  createServer as createHttpServer,
  get,
  type IncomingMessage,
  request,
  type Server,
} from "node:http";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Passage } from "../src/begun.ts";
import { startGateway } from "../gateway/mod.ts";
import { createListener, createProxy } from "../gateway/proxy/mod.ts";
import { cpuInTurns } from "./_loaded-turns.ts";
import type { Question, Values } from "./_question.ts";
import { ownCpuUs } from "./_turns.ts";

const [nginx, bare, alone, whole] = [
  "nginx",
  "a bare proxy of node:http",
  "the proxy without a gate",
  "the gateway",
] as const;
const [besideNginx, bareBesideNginx, besideProxy] = [
  "the gateway beside nginx",
  "a bare proxy beside nginx",
  "the gateway beside its proxy",
] as const;
/** What takes turns, two at a time: more proxies in one process would share the code that the runtime compiles, as in earnest none does. */
const pairs: Readonly<Record<string, readonly string[]>> = {
  [besideNginx]: [nginx, whole],
  [bareBesideNginx]: [nginx, bare],
  [besideProxy]: [alone, whole],
};
/** What one tick of the kernel's clock for processes is, in microseconds. */
const tickUs = 10_000;

/** The question, its variants and its targets. */
export const question: Question = {
  title: "The gateway",
  unit: "CPU of the proxy's process, µs a request",
  variants: Object.keys(pairs),
  rounds: { full: 3, quick: 1 },
  targets: [
    {
      claim: "CPU per request, the gateway ÷ nginx",
      value: (of) => of(besideNginx, whole) / of(besideNginx, nginx),
      atMost: 10,
      floor: {
        of: "the runtime's own server and client, handing everything on",
        value: (of) => of(bareBesideNginx, bare) / of(bareBesideNginx, nginx),
      },
    },
    {
      claim: "the gate's share of the gateway's CPU",
      value: (of) => 100 * (1 - of(besideProxy, alone) / of(besideProxy, whole)),
      atMost: 25,
      unit: "%",
    },
  ],
  async measure(variant, isQuick): Promise<Values> {
    const origin = await startNginx((port) =>
      `server { listen 127.0.0.1:${port}; location / { return 200 "${"x".repeat(1024)}"; } }`
    );
    const proxies: Record<string, Measured> = {};
    for (const name of pairs[variant] ?? []) proxies[name] = await startProxy(name, origin.port);
    try {
      const servers = await Promise.all(
        Object.entries(proxies).map(async ([name, { port, cpuUs }]) => {
          const target = `http://127.0.0.1:${port}/page`;
          return { name, target, cpuUs, headers: await visitorOf(target) };
        }),
      );
      return await cpuInTurns(servers, { connections: 64, seconds: isQuick ? 2 : 10 });
    } finally {
      origin.stop();
      for (const { stop } of Object.values(proxies)) await stop();
    }
  },
};

/**
 * The headers of somebody inside, whose browser kept every cookie until there came no other one. Where there is no gate, a cookie of the same
 * length: nobody is to be faster by what they are sent.
 */
async function visitorOf(target: string): Promise<Readonly<Record<string, string>>> {
  // As a browser opens a page: only that takes a place.
  const page = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  let kept: Readonly<Record<string, string>> = {};
  for (let count = 0; count < 5; count++) {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      get(target, { headers: { ...page, ...kept } }, resolve).on("error", reject);
    });
    answer.resume();
    if (answer.statusCode !== 200) throw new Error(`${target} answers ${answer.statusCode}`);
    const [cookie] = answer.headers["set-cookie"] ?? [];
    if (cookie === undefined) return count === 0 ? { cookie: `stanchion-main=${"x".repeat(105)}` } : kept;
    kept = { cookie: cookie.slice(0, cookie.indexOf(";")) };
  }
  throw new Error(`${target} gives another cookie each time`);
}

/** A proxy that listens. */
interface Measured {
  readonly port: number;
  /** The processor time that its process took, in microseconds. */
  readonly cpuUs: () => number;
  readonly stop: () => void | Promise<void>;
}

async function startProxy(variant: string, originPort: number): Promise<Measured> {
  if (variant === nginx) {
    return await startNginx((port) =>
      `upstream site { server 127.0.0.1:${originPort}; keepalive 256; }
server { listen 127.0.0.1:${port}; location / { proxy_pass http://site; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr; } }`
    );
  }
  if (variant === bare) {
    const server = bareProxy(originPort);
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
    return { port, cpuUs: ownCpuUs, stop: () => server.closeAllConnections() };
  }
  const to = `http://127.0.0.1:${originPort}`;
  if (variant === whole) {
    const config = { to, host: "127.0.0.1", port: 0, adminPort: 0, rate: 60, capacity: 200 };
    const gateway = await startGateway(config, {}, { log: () => {} });
    return { port: Number(gateway.address.split(":").at(-1)), cpuUs: ownCpuUs, stop: gateway.kill };
  }
  const passage: Passage = {
    answer: undefined,
    ctx: undefined,
    decision: { action: "admit", reason: "bench/open" },
    finish: () => [],
    failed() {},
    left() {},
  };
  const proxy = createProxy({
    origin: new URL(to),
    door: { begin: () => passage },
    trusts: () => false,
    host: "visitor",
    keepHeaders: [],
    maxOriginConnections: 256,
    answerTimeoutMs: 60_000,
    tunnelIdleMs: 60_000,
    faultAnswer: () => new Response(null, { status: 502 }),
    onEvent() {},
    now: Date.now,
  });
  const port = await freePort();
  const listener = createListener(proxy, {
    maxConnections: 10_000,
    maxHeaderBytes: 32_768,
    headersTimeoutMs: 10_000,
    keepAliveMs: 75_000,
  });
  await new Promise<void>((resolve) => listener.server.listen(port, "127.0.0.1", () => resolve()));
  return { port, cpuUs: ownCpuUs, stop: () => listener.close(0) };
}

/** What no proxy of `node:http` can do without: it hands heads and bodies on as they are, and looks at nothing. */
function bareProxy(originPort: number): Server {
  const agent = new Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 256 });
  return createHttpServer((incoming, outgoing) => {
    const sent = request({
      agent,
      host: "127.0.0.1",
      port: originPort,
      method: incoming.method ?? "GET",
      path: incoming.url ?? "/",
      headers: incoming.rawHeaders,
      setHost: false,
    });
    sent.on("response", (response) => {
      outgoing.sendDate = false;
      outgoing.writeHead(response.statusCode ?? 502, response.statusMessage ?? "", response.rawHeaders);
      response.pipe(outgoing);
    });
    sent.on("error", () => outgoing.destroy());
    sent.end();
  });
}

/** An nginx of one process, with the servers that are made for a free port. */
async function startNginx(servers: (port: number) => string): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "stanchion-bench-"));
  const port = await freePort();
  const file = join(folder, "nginx.conf");
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000; client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
${servers(port)} }
`,
  );
  const child: ChildProcess = spawn("nginx", ["-c", file, "-p", folder], { stdio: "inherit" });
  for (let count = 0; count < 100; count++) {
    const is = await fetch(`http://127.0.0.1:${port}/`).then(({ ok }) => ok, () => false);
    if (is) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port,
    cpuUs() {
      // proc(5): what the process took for itself and in the kernel, behind its name in brackets.
      const fields = readFileSync(`/proc/${child.pid}/stat`, "latin1").replace(/^.*\) /s, "").split(" ");
      return (Number(fields[11]) + Number(fields[12])) * tickUs;
    },
    stop: () => void child.kill("SIGTERM"),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

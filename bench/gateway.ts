/**
 * How much processor time does the gateway take for a proxied request, beside nginx on the same machine, and how much of that is the gate's?
 *
 * An origin of nginx answers 1 KiB, and 64 connections ask for it with a visitor's pass: through nginx as a reverse proxy, through the least that
 * the runtime's own server and client can do, through the proxy of the gateway without a gate, and through the whole gateway. Time is that of the
 * process of the proxy alone. The load fails where a single answer is an error.
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
import process from "node:process";
import type { Passage } from "../src/begun.ts";
import { startGateway } from "../gateway/mod.ts";
import { createListener, createProxy } from "../gateway/proxy/mod.ts";
import { inTurns, type Median, type Question, type Values } from "./_question.ts";
import { load } from "./_server.ts";

const [nginx, bare, alone, whole, both] = [
  "nginx",
  "a bare proxy of node:http",
  "the proxy without a gate",
  "the gateway",
  "both in turns in one process",
] as const;
const cpu = "CPU per request in µs";
/** What each of two proxies takes that stand in one process, at its best turn: others use the machine as well, and it is the difference that is asked for. */
const [without, within] = ["without a gate, least of the turns", "with it, least of the turns"] as const;
const rate = "requests per second";
/** What one tick of the kernel's clock for processes is, in microseconds. */
const tickUs = 10_000;

/** The question, its variants and its targets. */
export const question: Question = {
  title: "The gateway",
  unit: "as each case says",
  variants: [nginx, bare, alone, whole, both],
  rounds: { full: 3, quick: 1 },
  targets: [
    {
      claim: "CPU per request, the gateway ÷ nginx",
      value: ratio(whole, nginx),
      atMost: 10,
      floor: { of: "the runtime's own server and client, handing everything on", value: ratio(bare, nginx) },
    },
    {
      claim: "the gate's share of the gateway's CPU",
      value: (median) => 100 * (1 - median(both, without) / median(both, within)),
      atMost: 25,
      unit: "%",
    },
  ],
  async measure(variant, isQuick): Promise<Values> {
    const origin = await startNginx((port) =>
      `server { listen 127.0.0.1:${port}; location / { return 200 "${"x".repeat(1024)}"; } }`
    );
    if (variant === both) return await measureBoth(origin, isQuick).finally(() => origin.stop());
    const proxy = await startProxy(variant, origin.port);
    try {
      const target = `http://127.0.0.1:${proxy.port}/page`;
      const headers = await visitorOf(target);
      // The first load compiles the proxy's code.
      await load(target, { headers, connections: 64, seconds: isQuick ? 1 : 3 });
      const before = proxy.cpuUs();
      const found = await load(target, { headers, connections: 64, seconds: isQuick ? 2 : 10 });
      return { [cpu]: (proxy.cpuUs() - before) / found.requests, [rate]: found.perSecond };
    } finally {
      origin.stop();
      await proxy.stop();
    }
  },
};

/** The proxy without a gate and with it, each for a second or two at a time. */
async function measureBoth(origin: Measured, isQuick: boolean): Promise<Values> {
  const proxies = {
    [without]: await startProxy(alone, origin.port),
    [within]: await startProxy(whole, origin.port),
  };
  const least: Record<string, number> = {};
  // The first turns compile the code.
  for (const [turn, [name, { port, cpuUs }]] of inTurns(Object.entries(proxies), isQuick ? 2 : 6, -2)) {
    const target = `http://127.0.0.1:${port}/page`;
    // A pass of this moment: one that has to be renewed takes longer.
    const headers = await visitorOf(target);
    const before = cpuUs();
    const { requests } = await load(target, { headers, connections: 64, seconds: isQuick ? 1 : 2 });
    if (turn >= 0) least[name] = Math.min(least[name] ?? Infinity, (cpuUs() - before) / requests);
  }
  for (const { stop } of Object.values(proxies)) await stop();
  return least;
}

function ratio(variant: string, other: string) {
  return (median: Median) => median(variant, cpu) / median(other, cpu);
}

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
  const own = () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
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
    return { port, cpuUs: own, stop: () => server.closeAllConnections() };
  }
  const to = `http://127.0.0.1:${originPort}`;
  if (variant === whole) {
    const config = { to, host: "127.0.0.1", port: 0, adminPort: 0, rate: 60, capacity: 200 };
    const gateway = await startGateway(config, {}, { log: () => {} });
    return { port: Number(gateway.address.split(":").at(-1)), cpuUs: own, stop: gateway.kill };
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
  return { port, cpuUs: own, stop: () => listener.close(0) };
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

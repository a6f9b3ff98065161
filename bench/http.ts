/**
 * What is left of a server's throughput, and what becomes of its latency, with the gate in front of the handler? And
 * how much processor time does the server take for a request, which other work on the machine changes far less?
 *
 * The server of each runtime answers a known visitor with a short page, on the loopback, with one connection and with
 * many. The load comes from wrk, or from autocannon where wrk is not installed.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { clientIp, cookieTokens, createGate, failOpen, staticFiles } from "../mod.ts";
import { queueIt } from "../plugins/queue-it/mod.ts";
import type { Median, Question, Values } from "./_question.ts";
import { configuration, cookieName, customerId, pageOf, secret, sessionOf } from "./_queue-it.ts";

const bare = "bare server";
/** What no gate can do without, and what servers do only when asked: making the URL and the headers. */
const reading = "server that reads URL and cookie";
const gated = "with the gate";
const connections = [1, 64];

const ratio = (at: string) => (median: Median) => median(gated, at) / median(bare, at);

/** The question, its variants and its targets. */
export const question: Question = {
  title: "HTTP",
  unit: "as each case says",
  variants: [bare, reading, gated],
  rounds: { full: 2, quick: 1 },
  targets: connections.flatMap((count) => {
    const name = namesOf(count);
    return [
      { claim: `${name.rate}, with the gate ÷ bare`, value: ratio(name.rate), atLeast: 0.97 },
      { claim: `${name.p99}, with the gate ÷ bare`, value: ratio(name.p99), atMost: 1.05 },
    ];
  }),
  async measure(variant, isQuick): Promise<Values> {
    const port = await listen(variant === gated ? gate() : variant === reading ? reader : handler);
    const { value } = sessionOf("event19", { visitor: 1, issuedAt: Math.floor(Date.now() / 1000) - 60 });
    const cookie = `theme=dark; ${cookieName("event19")}=${encodeURIComponent(value)}; basket=17`;
    const { pathname, search } = new URL(pageOf(19));
    const values: Record<string, number> = {};
    for (const count of connections) {
      const name = namesOf(count);
      const target = `http://127.0.0.1:${port}${pathname}${search}`;
      // The first load compiles the server's code.
      if (count === connections[0]) await load(target, cookie, 16, 1);
      const before = process.cpuUsage();
      const found = await load(target, cookie, count, isQuick ? 1 : 2);
      // Of this process alone, which is the server: what loads it is another.
      const { user, system } = process.cpuUsage(before);
      values[name.cpu] = (user + system) / found.requests;
      values[name.rate] = found.perSecond;
      values[name.p50] = found.p50;
      values[name.p99] = found.p99;
    }
    return values;
  },
};

function namesOf(count: number) {
  const suffix = count === 1 ? "1 connection" : `${count} connections`;
  return {
    rate: `requests per second, ${suffix}`,
    cpu: `server's CPU per request in µs, ${suffix}`,
    p50: `p50 in µs, ${suffix}`,
    p99: `p99 in µs, ${suffix}`,
  };
}

function handler(_request: Request): Response {
  return new Response("page");
}

function reader({ url, headers }: Request): Response {
  return new Response(url === "" || headers.get("cookie") === null ? "nobody" : "page");
}

function gate() {
  return createGate({
    plugins: [
      staticFiles(),
      clientIp(),
      cookieTokens(),
      failOpen(),
      queueIt({ customerId, secretKeys: [secret], integrationConfig: configuration(20, false) }),
    ],
  }).wrap(handler);
}

type Handler = (request: Request, ...platform: never[]) => Response | Promise<Response>;

/** As much of the runtimes' own servers as is used. */
interface Runtimes {
  readonly Deno?: {
    serve(options: object, handler: Handler): { readonly addr: { readonly port: number } };
  };
  readonly Bun?: { serve(options: object): { readonly port: number } };
}

async function listen(fetch: Handler): Promise<number> {
  // A runtime has its own server under its name, if it is that runtime.
  const { Deno, Bun } = globalThis as Runtimes;
  const hostname = "127.0.0.1";
  if (Deno !== undefined) return Deno.serve({ port: 0, hostname, onListen() {} }, fetch).addr.port;
  if (Bun !== undefined) return Bun.serve({ port: 0, hostname, fetch }).port;
  return await new Promise((resolve) => {
    serve({ fetch: fetch as (request: Request) => Response, port: 0, hostname }, ({ port }) => resolve(port));
  });
}

interface Load {
  readonly requests: number;
  readonly perSecond: number;
  /** In microseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Loads a server for some seconds. Both programs end by themselves. */
async function load(target: string, cookie: string, count: number, seconds: number): Promise<Load> {
  const wrk = "/usr/bin/wrk";
  if (existsSync(wrk)) {
    const args = ["-t1", `-c${count}`, `-d${seconds}s`, "--latency", "-H", `cookie: ${cookie}`, target];
    return readWrk(await output(wrk, args));
  }
  const autocannon = fileURLToPath(new URL("../node_modules/autocannon/autocannon.js", import.meta.url));
  const args = [autocannon, "-c", `${count}`, "-d", `${seconds}`, "-j", "-H", `cookie=${cookie}`, target];
  const { requests, latency } = JSON.parse(await output(process.env["BENCH_NODE"] ?? "node", args));
  return {
    requests: requests.total,
    perSecond: requests.average,
    p50: latency.p50 * 1000,
    p99: latency.p99 * 1000,
  };
}

function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"], timeout: 30_000 });
    let text = "";
    child.stdout.on("data", (chunk) => text += chunk);
    child.on("error", reject);
    child.on("close", () => resolve(text));
  });
}

function readWrk(text: string): Load {
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(text);
  if (failed !== null) throw new Error(`${failed[1]} answers are no success`);
  return {
    requests: Number(/(\d+) requests in/.exec(text)?.[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    p50: micros(/50%\s+([\d.]+)(us|ms|s)/.exec(text)),
    p99: micros(/99%\s+([\d.]+)(us|ms|s)/.exec(text)),
  };
}

function micros(found: RegExpExecArray | null): number {
  const [, number, unit] = found ?? [];
  return Number(number) * (unit === "us" ? 1 : unit === "ms" ? 1000 : 1_000_000);
}

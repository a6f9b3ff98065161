/** A server of each runtime on the loopback, and what loads it: wrk, or autocannon where wrk is not installed. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";

/** What a server calls. */
export type Handler = (request: Request, ...platform: never[]) => Response | Promise<Response>;

/** As much of the runtimes' own servers as is used. */
interface Runtimes {
  readonly Deno?: {
    serve(options: object, handler: Handler): { readonly addr: { readonly port: number } };
  };
  readonly Bun?: { serve(options: object): { readonly port: number } };
}

/** Serves on a free port of the loopback, by the server of the runtime. Gives the port. */
export async function listen(fetch: Handler): Promise<number> {
  // A runtime has its own server under its name, if it is that runtime.
  const { Deno, Bun } = globalThis as Runtimes;
  const hostname = "127.0.0.1";
  if (Deno !== undefined) return Deno.serve({ port: 0, hostname, onListen() {} }, fetch).addr.port;
  if (Bun !== undefined) return Bun.serve({ port: 0, hostname, fetch }).port;
  return await new Promise((resolve) => {
    serve({ fetch: fetch as (request: Request) => Response, port: 0, hostname }, ({ port }) => resolve(port));
  });
}

/** How a server is loaded. */
export interface LoadOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  /** Whole seconds: programs of this kind know no others. */
  readonly seconds: number;
  /** Whether every answer is to be an error, such as the 503 of a waiting page; otherwise none may be. @default {false} */
  readonly isError?: boolean;
}

/** What came of it. */
export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  /** In microseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** A load under way. */
export interface Loading {
  readonly process: ChildProcess;
  readonly ended: Promise<Load>;
}

/** Loads a server for some seconds. */
export async function load(target: string, options: LoadOptions): Promise<Load> {
  return await startLoad(target, options).ended;
}

/** Begins to load a server for some seconds. Both programs end by themselves. */
export function startLoad(
  target: string,
  { headers, connections, seconds, isError = false }: LoadOptions,
): Loading {
  const wrk = "/usr/bin/wrk";
  const fields = Object.entries(headers);
  if (existsSync(wrk)) {
    const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency"];
    args.push(...fields.flatMap(([name, value]) => ["-H", `${name}: ${value}`]), target);
    const { process, output } = start(wrk, args);
    return { process, ended: output.then((text) => readWrk(text, isError)) };
  }
  const autocannon = fileURLToPath(new URL("../node_modules/autocannon/autocannon.js", import.meta.url));
  const args = [autocannon, "-c", `${connections}`, "-d", `${seconds}`, "-j"];
  args.push(...fields.flatMap(([name, value]) => ["-H", `${name}=${value}`]), target);
  const { process: child, output } = start(process.env["BENCH_NODE"] ?? "node", args);
  return { process: child, ended: output.then((text) => readAutocannon(text, isError)) };
}

function start(command: string, args: readonly string[]) {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  const output = new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk) => text += chunk);
    child.on("error", reject);
    child.on("close", () => resolve(text));
  });
  return { process: child, output };
}

function readAutocannon(text: string, isError: boolean): Load {
  const { requests, latency, non2xx } = JSON.parse(text);
  checkErrors(non2xx, requests.total, isError);
  return {
    requests: requests.total,
    perSecond: requests.average,
    p50: latency.p50 * 1000,
    p99: latency.p99 * 1000,
  };
}

function readWrk(text: string, isError: boolean): Load {
  const requests = Number(/(\d+) requests in/.exec(text)?.[1]);
  checkErrors(Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0), requests, isError);
  return {
    requests,
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    p50: micros(/50%\s+([\d.]+)(us|ms|s)/.exec(text)),
    p99: micros(/99%\s+([\d.]+)(us|ms|s)/.exec(text)),
  };
}

/** A server that answers something else than it is measured for is not measured. */
function checkErrors(errors: number, requests: number, isError: boolean): void {
  const expected = isError ? requests : 0;
  if (errors !== expected) {
    throw new Error(`${errors} of ${requests} answers were errors, where ${expected} should have been`);
  }
}

function micros(found: RegExpExecArray | null): number {
  const [, number, unit] = found ?? [];
  return Number(number) * (unit === "us" ? 1 : unit === "ms" ? 1000 : 1_000_000);
}

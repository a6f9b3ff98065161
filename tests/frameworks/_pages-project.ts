/** A project of a framework: installed, built and served as its owner would. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { freePort, projects } from "./_project.ts";

/** A command with its arguments. `$PORT` among them stands for the port. */
export type Command = readonly [command: string, ...args: readonly string[]];

/** A server that runs. */
export interface Running {
  readonly port: number;
  readonly url: string;
  /** What it wrote. */
  output(): string;
  /** Asks the gate for something: what it decided since it was asked last. */
  control(query?: string): Promise<{ readonly reasons: readonly string[]; readonly address: string | null }>;
  close(): Promise<void>;
}

/** A project in a folder of its own. */
export interface Project {
  /** Its folder, with a slash at the end. */
  readonly folder: string;
  /** Runs a command to its end, and gives what it wrote. */
  run(command: string, args: readonly string[], more?: Readonly<Record<string, string>>): Promise<string>;
  /** Starts a server, on a free port unless one is told. */
  serve(command: Command, more?: Readonly<Record<string, string>>, port?: number): Promise<Running>;
}

/** A project that the runner has installed, with a gate that its test can rule. */
export function project(name: string): Project {
  const folder = `${projects}${name}/`;
  for (const place of ["", "src/", "app/", "server/"]) {
    const gate = `${folder}${place}gate.js`;
    if (existsSync(gate)) cpSync(fileURLToPath(new URL("./_pages-gate.js", import.meta.url)), gate);
  }
  return {
    folder,
    run: (command, args, more) => ended(start(folder, command, args, more)),
    serve: async (command, more = {}, port) => await serve(folder, command, more, port ?? await freePort()),
  };
}

async function serve(
  folder: string,
  [command, ...args]: Command,
  more: Readonly<Record<string, string>>,
  port: number,
): Promise<Running> {
  const own = args.map((arg) => arg.replaceAll("$PORT", String(port)));
  const url = `http://localhost:${port}`;
  const child = start(folder, command, own, { PORT: String(port), HOST: "localhost", ORIGIN: url, ...more });
  const control = async (query = "") => {
    let response = await fetch(`${url}/_control${query}`);
    // A development server may be about to load its modules anew.
    for (let tries = 0; response.status === 500 && tries < 30; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      response = await fetch(`${url}/_control${query}`);
    }
    assert.equal(response.status, 200, child.output());
    return await response.json() as Awaited<ReturnType<Running["control"]>>;
  };
  await answersAt(child, more["GATE"] === "off" ? url : `${url}/_control`);
  return { port, url, control, output: child.output, close: () => end(child) };
}

/** Waits until a program answers at an address. */
export async function answersAt(child: Child, url: string): Promise<void> {
  while (!await answers(url)) {
    if (child.process.exitCode !== null) throw new Error(`The server ended:\n${child.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Ends a program. */
export async function end(child: Child): Promise<void> {
  if (child.process.exitCode !== null) return;
  const closed = new Promise((resolve) => child.process.once("close", resolve));
  // Frameworks start further processes, which are of its group.
  process.kill(-(child.process.pid ?? 0), "SIGKILL");
  await closed;
}

/** A program that was started. */
export interface Child {
  readonly process: ReturnType<typeof spawn>;
  output(): string;
}

/** Starts a program in a folder. */
export function start(
  cwd: string,
  command: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Child {
  const quiet = { NEXT_TELEMETRY_DISABLED: "1", ASTRO_TELEMETRY_DISABLED: "1", NUXT_TELEMETRY_DISABLED: "1" };
  const path = `${cwd}/node_modules/.bin:${process.env["PATH"]}`;
  const env = { ...process.env, ...quiet, PATH: path, ...more };
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => output += text);
  return { process: child, output: () => output };
}

/** What a program wrote, once it has ended well. */
export async function ended({ process, output }: Child): Promise<string> {
  const status = await new Promise((resolve, reject) => process.once("error", reject).once("close", resolve));
  assert.equal(status, 0, output());
  return output();
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).status === 200;
  } catch {
    return false;
  }
}

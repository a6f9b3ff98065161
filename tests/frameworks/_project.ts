/** The project of a framework, which runs as a process of its own. */

import { type ChildProcess, spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Where the runner has put the projects. */
export const projects: string = fileURLToPath(new URL("../../.cache/frameworks/", import.meta.url));

/** What became of a request. */
export interface Told {
  readonly path: string;
  readonly reason: string;
  readonly status?: number;
  readonly threw: boolean;
}

/** A project that runs. */
export interface Project {
  readonly port: number;
  readonly url: string;
  /** Sets how many are let in a minute. */
  limit(admitPerMinute: number): Promise<void>;
  /** What became of requests so far, and how many faults the gate had. */
  told(): Promise<{ readonly outcomes: readonly Told[]; readonly errors: number }>;
  stop(): Promise<void>;
}

/** How a project is started. */
export interface Start {
  /** Its folder below this one. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it listens. @default {a port that nobody listens on} */
  readonly port?: number;
}

/** Starts a project and waits until it answers. */
export async function startProject({ name, command, args, env = {}, port: own }: Start): Promise<Project> {
  const [port, control] = [own ?? await freePort(), await freePort()];
  const child = spawn(command, args, {
    cwd: `${projects}${name}`,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      ...env,
      PORT: `${port}`,
      CONTROL_PORT: `${control}`,
    },
  });
  const said = listen(child);
  for (const each of [port, control]) {
    while (!(await accepts(each))) {
      if (child.exitCode !== null) throw new Error(`${name} ended before it listened:\n${said()}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // Some load the gate when they are first asked.
    if (each === port) await fetch(`http://127.0.0.1:${port}/open`);
  }
  const ask = async (path: string) => await (await fetch(`http://127.0.0.1:${control}${path}`)).json();
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    limit: async (admitPerMinute) => void await ask(`/limit?admitPerMinute=${admitPerMinute}`),
    told: () => ask("/told"),
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) return resolve();
        child.on("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}

function listen(child: ChildProcess): () => string {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => said += text);
  return () => said;
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      // A server that listens on a port has an address of this form.
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => (socket.destroy(), resolve(true))).on("error", () => resolve(false));
  });
}

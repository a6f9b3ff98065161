/** Real proxies on free ports of the loopback interface, for as long as a test needs them. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./redis.ts";

/** A running proxy. */
export interface Proxy {
  readonly port: number;
  close(): Promise<void>;
}

/** What starts a proxy, by the port on which it is to listen and a folder of its own. */
export interface ProxyStart {
  readonly command: string;
  readonly config: (port: number, folder: string) => string;
  readonly args: (file: string, folder: string) => readonly string[];
}

/**
 * Starts a proxy.
 *
 * @returns The proxy, or `undefined` where its program is not installed.
 */
export async function startProxy({ command, config, args }: ProxyStart): Promise<Proxy | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "stanchion-proxy-"));
  const port = await freePort();
  const file = join(folder, "proxy.conf");
  writeFileSync(file, config(port, folder));
  const child = spawn(command, args(file, folder), {
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (more) => said += more);
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  const close = async () => {
    process.removeListener("exit", end);
    await ended(child, end);
    rmSync(folder, { recursive: true, force: true });
  };
  const isMissing = new Promise<boolean>((resolve) => {
    child.once("error", () => resolve(true)).once("exit", () => resolve(false));
  });
  const state = await Promise.race([isMissing, listens(port)]);
  if (state === "listening") return { port, close };
  if (state === true) {
    process.removeListener("exit", end);
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
  await close();
  throw new Error(`${command} did not start: ${said}`);
}

/** Waits until something accepts connections; a program that ends before is noticed elsewhere. */
async function listens(port: number): Promise<"listening" | "silent"> {
  for (let attempt = 0; attempt < 2400; attempt++) {
    if (await accepts(port)) return "listening";
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return "silent";
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function ended(child: ChildProcess, end: () => void): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    end();
  });
}

/** The other processes of the crowd: a service, and clients. They run on Node, whatever the gate runs on. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pinned = `${root}node_modules/node/bin/node`;
const node = existsSync(pinned) ? pinned : "node";
/** How many connections one client opens. */
const perClient = 1000;

const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

function start(name: string, args: readonly number[]): ChildProcess {
  const child = spawn(node, [`${root}tests/torture/${name}.ts`, ...args.map(String)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** The next line that a program prints. */
function lineOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.once("error", reject);
    child.once(
      "close",
      (code) => text.includes("\n") || reject(new Error(`a program of the crowd ended: ${code}`)),
    );
    child.stdout?.setEncoding("utf8").on("data", function take(more: string) {
      text += more;
      if (!text.includes("\n")) return;
      child.stdout?.off("data", take);
      resolve(text.slice(0, text.indexOf("\n")));
    });
  });
}

/** A service under way. */
export interface CrowdService {
  readonly url: string;
  /** How many calls it has answered since it was last asked. */
  answered(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a service that answers within some milliseconds, or that takes so many for each, one after the other. */
export async function startService(leastMs: number, mostMs: number, eachMs = 0): Promise<CrowdService> {
  const child = start("_crowd-service", [leastMs, mostMs, eachMs]);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const port = (await lineOf(child)).slice("port ".length);
  return {
    url: `http://127.0.0.1:${port}`,
    async answered() {
      const line = lineOf(child);
      child.stdin?.write("\n");
      return Number((await line).slice("answered ".length));
    },
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Sends a crowd, all at once, and gives the status that each visitor got, 0 for none. */
export async function sendCrowd(port: number, count: number, patienceMs: number): Promise<readonly number[]> {
  const clients: Promise<readonly number[]>[] = [];
  for (let from = 0; from < count; from += perClient) {
    const child = start("_crowd-client", [port, from, Math.min(perClient, count - from), patienceMs]);
    // The program prints it.
    clients.push(lineOf(child).then((line) => JSON.parse(line) as readonly number[]));
  }
  return (await Promise.all(clients)).flat();
}

/** How large a crowd this process can take, which has a connection to each visitor and one to the service for each. */
export function largestCrowd(): number {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    const files = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
    return Math.floor((files - 200) / 2);
  } catch {
    // Not Linux: a limit that is too small shows as visitors without an answer.
    return Number.POSITIVE_INFINITY;
  }
}

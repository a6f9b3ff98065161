/** The processes of a site under torture: started, killed, and started again. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { eventMarker, type RoomEvent } from "./_room-events.ts";

/** How a runtime runs a file of this folder. */
const commands = {
  node: [process.execPath],
  deno: [bin("deno"), "run", "-A", "--no-check"],
  bun: [bin("bun")],
} as const;
export type ProcessRuntime = keyof typeof commands;

/** A process that tells events. */
export interface Told {
  /** Starts it again; resolves once it says that it is ready. */
  start(settings: object): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Ends its input, and waits until it ends by itself. */
  finish(): Promise<void>;
  readonly isRunning: boolean;
}

/** Makes a process, which is not yet started. */
export function processOf(
  runtime: ProcessRuntime,
  file: string,
  { tell, complain }: { tell(event: RoomEvent): void; complain(line: string): void },
): Told {
  let child: ChildProcess | undefined;
  const script = fileURLToPath(new URL(file, import.meta.url));

  function start(settings: object): Promise<void> {
    const [command, ...args] = commands[runtime];
    const started = spawn(command, [...args, script, JSON.stringify(settings)], {
      stdio: ["pipe", "pipe", "pipe"],
      // What was compiled once is not compiled again by each of them.
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "stanchion-compiled") },
    });
    child = started;
    started.stdin?.on("error", () => {});
    return new Promise((resolve, reject) => {
      lines(started.stdout, (line) => {
        // The processes are ours.
        if (line.startsWith(eventMarker)) {
          return tell(JSON.parse(line.slice(eventMarker.length)) as RoomEvent);
        }
        if (line === "listening") resolve();
      });
      lines(started.stderr, complain);
      started.once("error", reject);
      started.once("exit", () => resolve());
    });
  }

  const hasEnded = () => child === undefined || child.exitCode !== null || child.signalCode !== null;

  function ended(): Promise<void> {
    return hasEnded() ? Promise.resolve() : new Promise((resolve) => child?.once("close", () => resolve()));
  }

  return {
    start,
    async kill() {
      const gone = ended();
      if (!hasEnded()) child?.kill("SIGKILL");
      await gone;
    },
    finish() {
      child?.stdin?.end();
      return ended();
    },
    get isRunning() {
      return !hasEnded();
    },
  };
}

function lines(stream: NodeJS.ReadableStream | null, take: (line: string) => void): void {
  let rest = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (text: string) => {
    const all = (rest + text).split("\n");
    rest = all.pop() ?? "";
    for (const line of all) take(line);
  });
}

/** The program itself where it can be found: a signal to what npm starts it with would leave it running. */
function bin(name: string): string {
  const [own, npm] = [`${name}/${name}`, `.bin/${name}`].map((path) =>
    fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url))
  );
  return own !== undefined && existsSync(own) ? own : npm ?? name;
}

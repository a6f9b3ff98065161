/** A Redis that writes each change to disk before it says so, and that can be killed, stopped, slowed and filled. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { freePort } from "../support/redis.ts";

/** The server under torture. */
export interface TorturedRedis {
  readonly url: string;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Starts it again, with what it had written. */
  start(): Promise<void>;
  /** Lets it hang for a while, its connections open. */
  freeze(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts a Redis, or gives `undefined` where it is not installed. */
export async function startTorturedRedis(): Promise<TorturedRedis | undefined> {
  const dir = mkdtempSync(join(tmpdir(), "stanchion-redis-"));
  const port = await freePort();
  let child: ChildProcess | undefined;

  async function start(): Promise<boolean> {
    for (let attempt = 0; attempt < 20; attempt++) {
      const started = spawn("redis-server", [
        ...["--port", String(port), "--bind", "127.0.0.1", "--dir", dir],
        ...["--appendonly", "yes", "--appendfsync", "always", "--save", ""],
      ]);
      child = started;
      const state = await new Promise<"ready" | "ended" | "missing">((resolve) => {
        let said = "";
        started.once("error", () => resolve("missing"));
        started.once("exit", () => resolve("ended"));
        started.stdout?.on("data", (chunk: unknown) => {
          said = (said + String(chunk)).slice(-4096);
          if (said.includes("Ready to accept connections")) resolve("ready");
        });
      });
      if (state === "ready") return true;
      if (state === "missing") return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("redis-server does not start any more");
  }

  function kill(): Promise<void> {
    const running = child;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      running.once("exit", () => resolve());
      running.kill("SIGKILL");
    });
  }

  /** Not by `child.kill`, which on Deno sends no second signal. */
  function signal(name: "SIGSTOP" | "SIGCONT"): void {
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(child.pid, name);
    }
  }

  if (!(await start())) {
    rmSync(dir, { recursive: true, force: true });
    return undefined;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    start: async () => void await start(),
    async freeze(ms) {
      signal("SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, ms));
      signal("SIGCONT");
    },
    async close() {
      signal("SIGCONT");
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

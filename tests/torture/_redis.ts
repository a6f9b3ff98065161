/** A Redis that writes each change to disk before it says so, and that can be killed, stopped, slowed and filled. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { freePort } from "../support/redis.ts";

/** When what was written has to be on the disk: before it is answered, once a second, or when the system sees fit. */
export type Appendfsync = "always" | "everysec" | "no";

/** The server under torture. */
export interface TorturedRedis {
  readonly url: string;
  readonly port: number;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /**
   * Ends it as a power cut does: what was written in the last second never reached the disk.
   *
   * @returns How many bytes are gone.
   */
  cutPower(): Promise<number>;
  /** Starts it again, with what it had written. */
  start(appendfsync?: Appendfsync): Promise<void>;
  /** Lets it hang for a while, its connections open. */
  freeze(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** How far a power cut reaches back, in milliseconds. */
const cutMs = 1000;

/** Starts a Redis, or gives `undefined` where it is not installed. */
export async function startTorturedRedis(): Promise<TorturedRedis | undefined> {
  const dir = mkdtempSync(join(tmpdir(), "stanchion-redis-"));
  const port = await freePort();
  let child: ChildProcess | undefined;

  /** How long the file was, and when; as old as a power cut reaches back. */
  let lengths: { readonly at: number; readonly file: string; readonly length: number }[] = [];
  const watching = setInterval(() => {
    const file = appendedFile(dir);
    const at = performance.now();
    if (file !== undefined) lengths.push({ at, file, length: statSync(file).size });
    lengths = lengths.filter((each) => each.at > at - 2 * cutMs);
  }, 50);
  watching.unref?.();

  async function start(appendfsync: Appendfsync): Promise<boolean> {
    for (let attempt = 0; attempt < 20; attempt++) {
      const started = spawn("redis-server", [
        ...["--port", String(port), "--bind", "127.0.0.1", "--dir", dir],
        ...["--appendonly", "yes", "--appendfsync", appendfsync, "--save", ""],
        // The file only grows, so that its length tells what was written when.
        ...["--auto-aof-rewrite-percentage", "0"],
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

  if (!(await start("always"))) {
    clearInterval(watching);
    rmSync(dir, { recursive: true, force: true });
    return undefined;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    async cutPower() {
      const at = performance.now();
      await kill();
      const file = appendedFile(dir);
      const before = lengths.findLast((each) => each.at <= at - cutMs && each.file === file) ?? lengths[0];
      if (file === undefined || before?.file !== file) return 0;
      const lost = statSync(file).size - before.length;
      truncateSync(file, before.length);
      return lost;
    },
    start: async (appendfsync = "always") => void await start(appendfsync),
    async freeze(ms) {
      signal("SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, ms));
      signal("SIGCONT");
    },
    async close() {
      clearInterval(watching);
      signal("SIGCONT");
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The file to which a Redis appends: one, or from 7 on the youngest of a folder. */
function appendedFile(dir: string): string | undefined {
  const isAppended = (name: string) => /\.incr\.aof$|(?:^|\/)appendonly\.aof$/.test(name);
  return readdirSync(dir, { recursive: true, encoding: "utf8" }).filter(isAppended)
    .map((name) => join(dir, name)).sort().at(-1);
}

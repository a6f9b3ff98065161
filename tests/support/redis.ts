/** A real Redis on a free port of the loopback interface, for as long as a test needs it. */

import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { tmpdir } from "node:os";

/** A running server. */
export interface RedisServer {
  readonly url: string;
  /** Ends the server at once, as a crash does. */
  kill(): Promise<void>;
}

/**
 * Starts a server that stores nothing on disk.
 *
 * @returns The server, or `undefined` where `redis-server` is not installed.
 */
export async function startRedis(): Promise<RedisServer | undefined> {
  // Another process may take the port between the two steps; then the server ends and the next port is tried.
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = await freePort();
    const child = spawn("redis-server", [
      ...[
        "--port",
        String(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        tmpdir(),
      ],
    ]);
    const state = await started(child);
    if (state === "missing") return undefined;
    if (state === "ended") continue;
    const end = () => child.kill("SIGKILL");
    process.once("exit", end);
    return {
      url: `redis://127.0.0.1:${port}`,
      kill() {
        process.removeListener("exit", end);
        return new Promise((resolve) => {
          if (child.exitCode !== null || child.signalCode !== null) return resolve();
          child.once("exit", () => resolve());
          end();
        });
      },
    };
  }
  throw new Error("redis-server did not start on any of five ports");
}

function started(child: ChildProcess): Promise<"ready" | "ended" | "missing"> {
  return new Promise((resolve) => {
    let said = "";
    child.once("error", () => resolve("missing"));
    child.once("exit", () => resolve("ended"));
    child.stdout?.on("data", (chunk: unknown) => {
      said = (said + String(chunk)).slice(-4096);
      if (said.includes("Ready to accept connections")) resolve("ready");
    });
  });
}

/** A port of the loopback interface that nobody uses. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

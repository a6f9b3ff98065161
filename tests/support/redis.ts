/** A real Redis on a free port of the loopback interface, for as long as a test needs it. */

import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { tmpdir } from "node:os";

/** A running server. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Ends the server at once, as a crash does. */
  kill(): Promise<void>;
}

/** The options of {@linkcode startRedis}. */
export interface RedisServerOptions {
  /** The server to start. @default {"redis-server"} */
  readonly program?: string;
  /** Its port, for one that is started again. @default {a free one} */
  readonly port?: number;
  /** Settings of its own, the name with hyphens and then the value. @default {it stores nothing on disk} */
  readonly settings?: readonly string[];
}

/**
 * Starts a server on the loopback interface.
 *
 * @returns The server, or `undefined` where it is not installed.
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer | undefined> {
  const { program = "redis-server", settings = ["--appendonly", "no", "--dir", tmpdir()] } = options;
  // Another process may take the port between the two steps; then the server ends and the next port is tried.
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = options.port ?? await freePort();
    const child = spawn(program, ["--port", String(port), "--bind", "127.0.0.1", "--save", "", ...settings]);
    const state = await started(child);
    if (state === "missing") return undefined;
    if (state === "ended") continue;
    const end = () => child.kill("SIGKILL");
    process.once("exit", end);
    return {
      url: `redis://127.0.0.1:${port}`,
      port,
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
  throw new Error(`${program} did not start in five attempts`);
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

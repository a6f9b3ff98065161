/// <reference types="node" />
/**
 * A sandbox behind `node:http`, on Node, Deno and Bun.
 *
 * @module
 */
import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { createHostGuard } from "./hosts.ts";
import type { Sandbox } from "./sandbox.ts";

/** A listening sandbox. */
export interface SandboxServer {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** Stops listening, ends open connections and what is being delayed. */
  close(): Promise<void>;
}

/**
 * Serves a sandbox over HTTP. It answers to names of this machine, to the address that it listens on, and to those that
 * the options name; everything else is refused with 403.
 *
 * @param sandbox The sandbox.
 * @param options Port (0 for any free one), address to listen on, and further host names.
 * @returns The server, once it listens.
 * @throws {Error} With the system's `code` if it cannot listen.
 * @example
 * ```ts
 * import { createSandbox } from "./create-sandbox.ts";
 * import { serveSandbox } from "./serve.ts";
 *
 * const server = await serveSandbox(createSandbox());
 * console.log(server.url);
 * await server.close();
 * ```
 */
export function serveSandbox(
  sandbox: Sandbox,
  options: {
    /** @default 0 */
    readonly port?: number;
    /** @default "127.0.0.1" */
    readonly host?: string;
    /** Names by which it is asked besides, such as that of a proxy before it. @default [] */
    readonly allowedHosts?: readonly string[];
  } = {},
): Promise<SandboxServer> {
  const { port = 0, host = "127.0.0.1", allowedHosts = [] } = options;
  const refused = createHostGuard(host, allowedHosts);
  return new Promise((resolve, reject) => {
    // `serve` makes an HTTP/1 server unless told otherwise.
    const server = serve(
      {
        fetch: (request, env) => refused(request) ?? sandbox.fetch(request, env),
        port,
        hostname: host,
        overrideGlobalObjects: false,
      },
      (info) => {
        const name = host.includes(":") ? `[${host}]` : host;
        resolve({ url: `http://${name}:${info.port}`, close: () => stop(server, sandbox) });
      },
    ) as Server;
    server.once("error", reject);
  });
}

function stop(server: Server, sandbox: Sandbox): Promise<void> {
  sandbox.close();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

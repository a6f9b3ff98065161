/**
 * A server on loopback whose handler comes later: the gate needs to know the shop's address, and so its port.
 *
 * @module
 */

import { serve } from "@hono/node-server";
import type { Server } from "node:http";

type Handler = (request: Request, env: unknown) => Response | Promise<Response>;

/** A server that listens, and says that it is starting until it has a handler. */
export interface Listening {
  readonly port: number;
  handle(next: Handler): void;
  /** Ends it, with its connections. */
  close(): Promise<void>;
}

/**
 * Listens on this machine's own name.
 *
 * @param port The port; 0 for any free one.
 * @returns The server.
 */
export async function listen(port: number): Promise<Listening> {
  let handler: Handler = () => new Response("starting", { status: 503 });
  const [server, used] = await new Promise<[Server, number]>((resolve, reject) => {
    // `serve` makes an HTTP/1 server unless told otherwise.
    const server = serve(
      {
        fetch: (request, env) => handler(request, env),
        port,
        hostname: "localhost",
        overrideGlobalObjects: false,
      },
      (info) => resolve([server, info.port]),
    ) as Server;
    server.once("error", reject);
  });
  return {
    port: used,
    handle(next: Handler): void {
      handler = next;
    },
    close(): Promise<void> {
      return new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
    },
  };
}

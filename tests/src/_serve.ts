/** What the servers of all platforms have in common. */
export interface Served {
  readonly port: number;
  readonly url: string;
  readonly close: () => Promise<void>;
}

// The handler's further arguments are the platform's.
type Handler = (request: Request, ...platform: never[]) => unknown;

interface DenoLike {
  serve(options: object, handler: unknown): { addr: { port: number }; shutdown(): Promise<void> };
}

interface BunLike {
  serve(options: object): { port: number; stop(force: boolean): Promise<void> };
}

export const deno = (globalThis as { readonly Deno?: DenoLike }).Deno;
export const bun = (globalThis as { readonly Bun?: BunLike }).Bun;

/** Serves a handler with the server of the platform that runs the test, on the loopback only. */
export async function serve(handler: Handler, more: object = {}): Promise<Served> {
  const place = { port: 0, hostname: "127.0.0.1" };
  if (deno) {
    const server = deno.serve({ ...place, onListen() {}, onError: failed, ...more }, handler);
    return served(server.addr.port, async () => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      // It takes no more connections from then on, but waits for those that clients keep, at times without an end.
      const late = new Promise<void>((resolve) => timer = setTimeout(resolve, 2000));
      await Promise.race([server.shutdown(), late]);
      clearTimeout(timer);
    });
  }
  if (bun) {
    const server = bun.serve({ ...place, fetch: handler, error: failed, ...more });
    return served(server.port, () => server.stop(true));
  }
  const { serve: serveNode } = await import("@hono/node-server");
  return new Promise((resolve) => {
    // Other tests of the process go on with the platform's own Response.
    const { port = place.port } = more as { readonly port?: number };
    const own = { ...place, port, overrideGlobalObjects: false };
    const server = serveNode({ fetch: handler as (request: Request) => Response, ...own }, ({ port }) => {
      resolve(served(port, () =>
        new Promise((done) => {
          server.close(() => done());
          if ("closeAllConnections" in server) server.closeAllConnections();
        })));
    });
  });
}

function served(port: number, close: () => Promise<void>): Served {
  return { port, url: `http://127.0.0.1:${port}`, close };
}

function failed(): Response {
  return new Response("the application failed", { status: 500 });
}

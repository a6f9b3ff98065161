/** As much of the platforms as the documentation uses; a program cannot have the types of both at once. */

declare namespace Deno {
  interface Info {
    readonly remoteAddr: { readonly hostname: string };
  }
  type Handler = (request: Request, info: Info) => Response | Promise<Response>;
  function serve(handler: Handler): void;
  function serve(options: { readonly port?: number }, handler: Handler): void;
  const env: { get(name: string): string | undefined };
  function openKv(path?: string): Promise<import("../support/kv.ts").KvStandIn>;
}

declare namespace Bun {
  interface Server {
    requestIP(request: Request): { readonly address: string } | null;
    upgrade(request: Request): boolean;
  }
  function serve(options: {
    readonly port?: number;
    readonly fetch: (
      request: Request,
      server: Server,
    ) => Response | undefined | Promise<Response | undefined>;
  }): void;
  const env: Readonly<Record<string, string | undefined>>;
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Buffer } from "node:buffer";

/** One answer of the mock, or a fault instead of one. */
export interface Reply {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fault?: string;
  readonly chunks?: number;
  readonly everyMs?: number;
}

/** A reply, or several that are given one after the other; the last repeats. */
export type Script = Reply | readonly Reply[];

/** What the mock was asked. */
export interface RecordedCall {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface MockApi {
  readonly port: number;
  /** Opens a scripted API of its own below the address that is returned. */
  open(
    scripts: Readonly<Record<string, Script | undefined>>,
  ): { readonly url: string; readonly calls: RecordedCall[] };
  close(): Promise<void>;
}

/** A scripted stand-in of an HTTP API on loopback, with the faults of real ones. */
export async function startMockApi(): Promise<MockApi> {
  const apis = new Map<
    string,
    {
      scripts: Readonly<Record<string, Script | undefined>>;
      calls: RecordedCall[];
      used: Map<string, number>;
    }
  >();
  const timers = new Set<ReturnType<typeof setInterval>>();
  const server = createServer((request, response) => void serve(request, response));

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const [, id = "", ...rest] = (request.url ?? "/").split("/");
    const api = apis.get(id);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
    if (api === undefined) return void response.writeHead(500).end();
    const [rawPath = "", query = ""] = `/${rest.join("/")}`.split("?");
    const text = Buffer.concat(chunks).toString("utf8");
    api.calls.push({
      method: request.method ?? "",
      path: rawPath.replace(/\/$/, "").split("/").map(decodeURIComponent).join("/"),
      query: Object.fromEntries(new URLSearchParams(query)),
      body: text === "" ? undefined : JSON.parse(text),
      headers: request.headers,
    });
    const kind = rawPath.split("/")[2] ?? "";
    const script = api.scripts[kind];
    const list = Array.isArray(script)
      ? script as readonly Reply[]
      : script === undefined
      ? []
      : [script as Reply];
    const turn = api.used.get(kind) ?? 0;
    api.used.set(kind, turn + 1);
    reply(
      response,
      list[Math.min(turn, list.length - 1)] ?? { status: 404, json: { error: "not scripted" } },
    );
  }

  function reply(
    response: ServerResponse,
    { status = 200, json, text, contentType, headers, fault, chunks = 4, everyMs = 50 }: Reply,
  ) {
    const body = Buffer.from(text ?? (json === undefined ? "" : JSON.stringify(json)));
    const head = { "content-type": contentType ?? "application/json", ...headers };
    switch (fault) {
      case undefined:
        response.writeHead(status, {
          ...head,
          ...(status === 204 ? {} : { "content-length": String(body.length) }),
        });
        return void response.end(body);
      case "timeout":
        return;
      case "reset":
        return void response.socket?.destroy();
      case "stall-body":
        response.writeHead(status, { ...head, "content-length": String(Math.max(body.length, 100)) });
        return void response.write(body.length > 1 ? body.subarray(0, body.length >> 1) : "{");
      case "truncated":
        response.writeHead(status, { ...head, "content-length": String(body.length + 100) });
        return void response.write(body.length > 0 ? body : "{", () => response.socket?.destroy());
      case "trickle": {
        response.writeHead(status, head);
        const size = Math.ceil(body.length / chunks);
        let at = 0;
        const timer = setInterval(() => {
          if (response.destroyed || at >= body.length) {
            clearInterval(timer);
            timers.delete(timer);
            response.end();
          } else {
            response.write(body.subarray(at, at += size));
          }
        }, everyMs);
        timers.add(timer);
        return;
      }
      default:
        throw new Error(`The mock API knows no fault "${fault}"`);
    }
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    open(scripts) {
      const id = `api${apis.size}`;
      const calls: RecordedCall[] = [];
      apis.set(id, { scripts, calls, used: new Map() });
      return { url: `http://127.0.0.1:${port}/${id}`, calls };
    },
    close() {
      for (const timer of timers) clearInterval(timer);
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

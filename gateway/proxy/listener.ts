import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type Proxy, wantsWebSocket } from "./proxy.ts";

/** What a visitor may take. */
export interface Limits {
  /** How many connections of visitors there are at most. Beyond that, new ones are closed at once. */
  readonly maxConnections: number;
  /** How many bytes the head of a request may have; beyond that it is answered 431. */
  readonly maxHeaderBytes: number;
  /** How long the head of a request may take to come, in milliseconds. */
  readonly headersTimeoutMs: number;
  /** How long a connection is kept between two requests, in milliseconds. */
  readonly keepAliveMs: number;
}

/** A server in front of a proxy. */
export interface Listener {
  readonly server: Server;
  /** How many connections there are. */
  readonly connections: number;
  /** Ends it: no new connections, what is under way ends, and what takes longer than this is broken off. */
  readonly close: (mostMs: number) => Promise<void>;
}

/** Makes the server of visitors. It does not listen yet. */
export function createListener(proxy: Proxy, limits: Limits): Listener {
  let isClosing = false;
  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    // Bodies have a limit of their own, by how fast they come.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
    insecureHTTPParser: false,
    // A missing Host is refused as every other that is none.
    requireHostHeader: false,
    rejectNonStandardBodyWrites: false,
    ...{ shouldUpgradeCallback: (incoming: IncomingMessage) => wantsWebSocket(incoming) },
  });
  server.maxHeadersCount = 0;
  server.maxConnections = limits.maxConnections;

  /** The connections, each with the answer that is under way on it. */
  const open = new Map<Duplex, ServerResponse | undefined>();

  function note(socket: Duplex, outgoing?: ServerResponse): void {
    if (!open.has(socket)) socket.once("close", () => open.delete(socket));
    open.set(socket, outgoing);
    outgoing?.once("close", () => {
      if (open.get(socket) !== outgoing) return;
      open.set(socket, undefined);
      if (isClosing) socket.end();
    });
  }

  function take(incoming: IncomingMessage, outgoing: ServerResponse, expects: boolean): void {
    note(incoming.socket, outgoing);
    if (isClosing) outgoing.shouldKeepAlive = false;
    proxy.take(incoming, outgoing, expects);
  }

  server.on("connection", (socket: Duplex) => note(socket));
  server.on("request", (incoming, outgoing) => take(incoming, outgoing, false));
  server.on("checkContinue", (incoming, outgoing) => take(incoming, outgoing, true));
  server.on("upgrade", (incoming, socket, early) => {
    open.delete(socket);
    proxy.upgrade(incoming, socket, early);
  });
  server.on("connect", (_, socket: Duplex) => {
    socket.on("error", () => {});
    say(socket, "405 Method Not Allowed");
  });
  server.on(
    "clientError",
    (error: Error & { readonly code?: string; readonly rawPacket?: Uint8Array }, socket) => {
      if (!socket.writable || socket.destroyed) return void socket.destroy();
      say(socket, statusOf(error));
    },
  );

  return {
    server,
    get connections() {
      return open.size + proxy.tunnels.size;
    },
    async close(mostMs) {
      isClosing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const [socket, outgoing] of open) {
        if (outgoing === undefined) socket.destroy();
        else outgoing.shouldKeepAlive = false;
      }
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => timer = setTimeout(resolve, mostMs));
      await Promise.race([endOf([...open.keys(), ...proxy.tunnels]), late]);
      clearTimeout(timer);
      server.closeAllConnections();
      for (const tunnel of proxy.tunnels) tunnel.destroy();
      proxy.close();
      await closed;
    },
  };
}

/** When all of these are closed. */
async function endOf(streams: readonly Duplex[]): Promise<void> {
  await Promise.all(streams.map((stream) => new Promise<void>((resolve) => stream.once("close", resolve))));
}

/** Node's parser refuses what is no HTTP; what it says of it is told by the status. */
function statusOf({ code, rawPacket }: { readonly code?: string; readonly rawPacket?: Uint8Array }): string {
  if (code === "HPE_HEADER_OVERFLOW") return "431 Request Header Fields Too Large";
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "408 Request Timeout";
  const start = rawPacket === undefined ? "" : new TextDecoder("latin1").decode(rawPacket.slice(0, 6));
  return start === "TRACK " ? "405 Method Not Allowed" : "400 Bad Request";
}

function say(socket: Duplex, status: string): void {
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nCache-Control: no-store\r\nContent-Length: 0\r\n\r\n`,
  );
}

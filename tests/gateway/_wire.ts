/** A gateway between raw sockets: what is sent and what arrives are compared byte for byte. */

import type { Buffer } from "node:buffer";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Passage } from "../../src/begun.ts";
import {
  createListener,
  createProxy,
  type Door,
  type Limits,
  type ProxyEvent,
  type ProxyOptions,
} from "../../gateway/proxy/mod.ts";

/** One connection to the origin, with what came on it. */
export interface OriginConnection {
  readonly socket: Socket;
  /** All that came, as Latin-1. */
  readonly got: () => string;
  /** Waits until what came has this, and takes it off. */
  readonly until: (text: string) => Promise<string>;
  readonly closed: Promise<unknown>;
}

/** A server that says what a test wants it to say. */
export interface Origin {
  readonly port: number;
  readonly connections: readonly OriginConnection[];
  /** The next connection that has not been given yet. */
  readonly next: () => Promise<OriginConnection>;
  readonly close: () => Promise<void>;
}

/** Answers each connection by hand, or by a function that is called at each one. */
export async function startOrigin(
  serve: (connection: OriginConnection) => unknown = () => {},
  port = 0,
): Promise<Origin> {
  const connections: OriginConnection[] = [];
  const waiting: ((connection: OriginConnection) => void)[] = [];
  let given = 0;
  const server = createServer((socket) => {
    const connection = readerOf(socket);
    connections.push(connection);
    const first = waiting.shift();
    if (first !== undefined) {
      given++;
      first(connection);
    }
    serve(connection);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: portOf(server),
    connections,
    next: () => {
      const there = connections[given];
      if (there === undefined) return new Promise((resolve) => waiting.push(resolve));
      given++;
      return Promise.resolve(there);
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const { socket } of connections) socket.destroy();
      await closed;
    },
  };
}

/** What comes on a socket, as Latin-1. */
export function readerOf(socket: Socket): OriginConnection {
  let got = "";
  let taken = 0;
  const waiting = new Set<() => void>();
  const look = () => [...waiting].forEach((each) => each());
  socket.on("data", (piece: Buffer) => {
    got += piece.toString("latin1");
    look();
  });
  socket.on("error", () => {});
  const closed = once(socket, "close").then(() => look(), () => {});
  return {
    socket,
    got: () => got,
    until: (text) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const at = got.indexOf(text, taken);
          if (at === -1) {
            if (!socket.destroyed) return;
            waiting.delete(check);
            return reject(
              new Error(
                `The connection ended before ${JSON.stringify(text)}: ${JSON.stringify(got.slice(taken))}`,
              ),
            );
          }
          waiting.delete(check);
          const found = got.slice(taken, at + text.length);
          taken = at + text.length;
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
    closed,
  };
}

/** Answers every request with a head and a body, one after the other on a connection. */
export function answering(answer: string): (connection: OriginConnection) => Promise<void> {
  return async ({ until, socket }) => {
    try {
      while (true) {
        await until("\r\n\r\n");
        socket.write(answer, "latin1");
      }
    } catch {
      // The connection has ended.
    }
  };
}

/** A door that lets everybody in, and notes what became of them. */
export function openDoor(
  changes: readonly (readonly [string, string])[] = [],
): Door & { readonly ends: string[] } {
  const ends: string[] = [];
  const passage = (): Passage => ({
    answer: undefined,
    ctx: undefined,
    decision: { action: "admit", reason: "test/open" },
    finish: (status) => {
      ends.push(`finish ${status}`);
      return changes;
    },
    failed: () => void ends.push("failed"),
    left: () => void ends.push("left"),
  });
  return { begin: passage, ends };
}

/** A door that answers everybody itself. */
export function closedDoor(answer: () => Response): Door {
  return { begin: () => ({ answer: answer() }) };
}

/** A gateway that listens. */
export interface Gateway {
  readonly port: number;
  readonly events: readonly ProxyEvent[];
  /** How many connections of visitors there are. */
  readonly connections: () => number;
  readonly stop: (mostMs?: number) => Promise<void>;
  /** Opens a connection and sends this on it. */
  readonly send: (text: string) => Promise<OriginConnection>;
}

export async function startGateway(
  originPort: number,
  options: Partial<ProxyOptions> = {},
  limits: Partial<Limits> = {},
): Promise<Gateway> {
  const events: ProxyEvent[] = [];
  const proxy = createProxy({
    origin: new URL(`http://127.0.0.1:${originPort}`),
    door: openDoor(),
    trusts: () => false,
    host: "visitor",
    keepHeaders: [],
    maxOriginConnections: 64,
    answerTimeoutMs: 30_000,
    tunnelIdleMs: 60_000,
    faultAnswer: (fault) =>
      new Response(`${fault}\n`, {
        status: { timeout: 504, unreachable: 502, malformed: 502, unsent: 408 }[fault],
        headers: { "cache-control": "no-store", "content-type": "text/plain" },
      }),
    onEvent: (event) => void events.push(event),
    now: Date.now,
    ...options,
  });
  const listener = createListener(proxy, {
    maxConnections: 5000,
    maxHeaderBytes: 32_768,
    headersTimeoutMs: 10_000,
    keepAliveMs: 60_000,
    ...limits,
  });
  listener.server.listen(0, "127.0.0.1");
  await once(listener.server, "listening");
  const port = portOf(listener.server);
  const clients = new Set<Socket>();
  return {
    port,
    events,
    connections: () => listener.connections,
    stop: async (mostMs = 0) => {
      await listener.close(mostMs);
      // Whoever waits for what is under way reads it first.
      if (mostMs === 0) { for (const client of clients) client.destroy(); }
    },
    send: async (text) => {
      const socket = connect(port, "127.0.0.1");
      clients.add(socket);
      const reader = readerOf(socket);
      await once(socket, "connect");
      socket.write(text, "latin1");
      return reader;
    },
  };
}

/** Runs a test between an origin and a gateway, and ends both. */
export async function between(
  { serve, options = {}, limits = {} }: {
    readonly serve?: (connection: OriginConnection) => unknown;
    readonly options?: Partial<ProxyOptions>;
    readonly limits?: Partial<Limits>;
  },
  run: (gateway: Gateway, origin: Origin) => Promise<void>,
): Promise<void> {
  const origin = await startOrigin(serve);
  const gateway = await startGateway(origin.port, options, limits);
  try {
    await run(gateway, origin);
  } finally {
    await gateway.stop();
    await origin.close();
  }
}

/** The answer to one request on a connection that is closed after it. */
export async function ask(gateway: Gateway, text: string): Promise<string> {
  const client = await gateway.send(text);
  await client.closed;
  return client.got();
}

function portOf(server: Pick<Server, "address">): number {
  // It listens on a port.
  return (server.address() as AddressInfo).port;
}

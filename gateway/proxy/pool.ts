import { Agent, type ClientRequest, request } from "node:http";
import type { Socket } from "node:net";
import { Agent as EncryptedAgent, request as encryptedRequest } from "node:https";
import type { ProxyOptions } from "./options.ts";

/** The head of a request to the origin. */
export interface AskedHead {
  readonly method: string;
  /** Path and query, byte for byte. */
  readonly path: string;
  readonly headers: readonly string[];
}

/** The connections to the origin. */
export interface Pool {
  /** Opens a request on one that is kept, or on a new one. Its head is not sent before something is written. */
  readonly open: (head: AskedHead, on: "kept" | "fresh") => ClientRequest;
  /**
   * Whether a write failed on the connection of a request before all was read. What reset it is told by that write alone: what is read then has an
   * end as if the origin had said so.
   */
  readonly isTorn: (sent: ClientRequest) => boolean;
  /** Closes them. */
  readonly close: () => void;
}

/** Makes the connections to an origin, which are opened as they are needed. */
export function createPool({ origin, maxOriginConnections }: ProxyOptions): Pool {
  const isEncrypted = origin.protocol === "https:";
  const Kind = isEncrypted ? EncryptedAgent : Agent;
  const ask = isEncrypted ? encryptedRequest : request;
  const bounds = { maxSockets: maxOriginConnections, maxTotalSockets: maxOriginConnections };
  const agents = {
    kept: new Kind({ keepAlive: true, maxFreeSockets: maxOriginConnections, ...bounds }),
    fresh: new Kind({ keepAlive: false }),
  };
  endsWhatSpeaks(agents.kept);
  const torn = new WeakSet<Socket>();
  for (const agent of Object.values(agents)) readsOn(agent, torn);
  const host = origin.hostname.replace(/^\[|\]$/g, "");
  const port = origin.port === "" ? (isEncrypted ? 443 : 80) : Number(origin.port);
  return {
    open({ method, path, headers }, on) {
      const sent = ask({
        agent: agents[on],
        host,
        port,
        method,
        path,
        headers: [...headers],
        setHost: false,
        maxHeaderSize: 65_536,
      });
      sent.maxHeadersCount = 0;
      keepBytes(sent);
      return sent;
    },
    isTorn: ({ socket }) => socket !== null && torn.has(socket),
    close() {
      agents.kept.destroy();
      agents.fresh.destroy();
    },
  };
}

/**
 * Has the head of a request written as it was sent. One with `Expect` is ready at once, before there is a connection, and Node keeps it for UTF-8, by
 * which characters beyond ASCII become others; any other head is written in Latin-1.
 */
function keepBytes(sent: ClientRequest): void {
  // The types leave it out, and not every runtime has it.
  const { outputData } = sent as { readonly outputData?: unknown };
  if (!Array.isArray(outputData)) return;
  for (const part of outputData) part.encoding = "latin1";
}

/**
 * Ends a connection on which all of the answer came before all of the request was sent, once it is: an origin that did not wait for a body may
 * take it for the next request, and its answer to that would be somebody else's.
 */
export function endAfterBody(sent: ClientRequest): void {
  if (sent.writableFinished) return;
  sent.shouldKeepAlive = false;
  sent.once("finish", () => sent.destroy());
}

/**
 * Ends a connection on which an origin says something while nobody asks: the rest of it would be the answer to whoever asks next. Not every runtime
 * does that.
 */
function endsWhatSpeaks(agent: Agent): void {
  // As above.
  const keeping = agent as unknown as Keeping;
  const { keepSocketAlive: keep, reuseSocket: reuse } = keeping;
  const end = function (this: Socket) {
    this.destroy();
  };
  keeping.keepSocketAlive = (socket) => {
    socket.once("data", end);
    return keep.call(agent, socket);
  };
  keeping.reuseSocket = (socket, sent) => {
    socket.removeListener("data", end);
    reuse.call(agent, socket, sent);
  };
}

/** An agent, and how it connects. */
interface Connecting {
  createConnection(...how: unknown[]): Socket | undefined;
}

/** An agent, and what it does with a connection between two requests. */
interface Keeping {
  keepSocketAlive(socket: Socket): unknown;
  reuseSocket(socket: Socket, sent: ClientRequest): void;
}

/**
 * Lets an answer be read although the request cannot be written on: an origin may turn a long body down, and close, while that is still on its way.
 * Node gives a connection up with the first write that fails, and with it what has arrived.
 */
function readsOn(agent: Agent, torn: WeakSet<Socket>): void {
  // The types leave it out.
  const connecting = agent as unknown as Connecting;
  const connect = connecting.createConnection;
  if (typeof connect !== "function") return;
  connecting.createConnection = (...how) => {
    const socket = connect.apply(agent, how);
    if (socket !== undefined) holdFailures(socket, () => torn.add(socket));
    return socket;
  };
}

function holdFailures(socket: Socket, failed: () => void): void {
  const hold = (done: Done): Done => (error) => {
    if (!error || socket.destroyed) return done(error);
    // Whether there was an answer is known at the end of what can be read; what is written after it goes nowhere.
    if (socket.readableEnded) return done();
    failed();
    socket.once("end", () => done());
  };
  const { _write: write, _writev: writev } = socket;
  socket._write = (piece, encoding, done) => write.call(socket, piece, encoding, hold(done));
  if (writev !== undefined && writev !== null) {
    socket._writev = (pieces, done) => writev.call(socket, pieces, hold(done));
  }
}

/** Is told that a write is done, or why it failed. */
type Done = (error?: Error | null) => void;

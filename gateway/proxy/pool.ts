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
  for (const agent of Object.values(agents)) readsOn(agent);
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
      return sent;
    },
    close() {
      agents.kept.destroy();
      agents.fresh.destroy();
    },
  };
}

/** An agent, and how it connects. */
interface Connecting {
  createConnection(...how: unknown[]): Socket | undefined;
}

/**
 * Lets an answer be read although the request cannot be written on: an origin may turn a long body down, and close, while that is still on its way.
 * Node gives a connection up with the first write that fails, and with it what has arrived.
 */
function readsOn(agent: Agent): void {
  // The types leave it out.
  const connecting = agent as unknown as Connecting;
  const connect = connecting.createConnection;
  if (typeof connect !== "function") return;
  connecting.createConnection = (...how) => {
    const socket = connect.apply(agent, how);
    if (socket !== undefined) holdFailures(socket);
    return socket;
  };
}

function holdFailures(socket: Socket): void {
  const hold = (done: Done): Done => (error) => {
    if (!error || socket.destroyed) return done(error);
    // Whether there was an answer is known at the end of what can be read; what is written after it goes nowhere.
    if (socket.readableEnded) done();
    else socket.once("end", () => done());
  };
  const { _write: write, _writev: writev } = socket;
  socket._write = (piece, encoding, done) => write.call(socket, piece, encoding, hold(done));
  if (writev !== undefined && writev !== null) {
    socket._writev = (pieces, done) => writev.call(socket, pieces, hold(done));
  }
}

/** Is told that a write is done, or why it failed. */
type Done = (error?: Error | null) => void;

import { Agent, type ClientRequest, request } from "node:http";
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

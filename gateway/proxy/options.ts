import type { IncomingMessage } from "node:http";
import type { EventEmitter } from "node:events";
import type { Begun } from "../../src/begun.ts";
import type { Address } from "../../src/url/ip-address.ts";
import type { Target } from "./target.ts";

/** Why an origin gave no answer. */
export type OriginFault =
  /** Nobody listens there, its name is not known, or the connection ended before an answer. */
  | "unreachable"
  /** No head of an answer came in time. */
  | "timeout"
  /** What came is no HTTP. */
  | "malformed"
  /** The visitor sent no more of the body, or too slowly: it is not the origin's fault. */
  | "unsent";

/** What the proxy tells of its work. */
export type ProxyEvent =
  /** The head of an answer came from the origin, after so many milliseconds. */
  | { readonly is: "answered"; readonly status: number; readonly ms: number }
  /** There was no answer; the visitor gets 502, 504 or 408. */
  | { readonly is: "failed"; readonly fault: OriginFault; readonly why: string }
  /** The answer broke off within its body. */
  | { readonly is: "broken" }
  /** A request was sent again, for the origin had closed the connection. */
  | { readonly is: "retried" }
  /** A request was refused as it came. */
  | { readonly is: "refused"; readonly status: number; readonly why: string }
  /** A WebSocket was opened, or ended. */
  | { readonly is: "tunnel-opened" | "tunnel-closed" };

/** Decides who may enter. */
export interface Door {
  /**
   * @param incoming The request, as Node has it.
   * @param outgoing Its response, or the socket of an upgrade.
   */
  begin(incoming: IncomingMessage, outgoing: EventEmitter, target: Target): Begun | Promise<Begun>;
}

/** What a proxy is made of. */
export interface ProxyOptions {
  /** Where the origin is: `http` or `https`, host and port, without a path. */
  readonly origin: URL;
  readonly door: Door;
  /** Whether a connection from this address is one of a proxy of the owner's. */
  readonly trusts: (peer: Address | undefined) => boolean;
  /** Whose `Host` the origin gets: that of the visitor, byte for byte, or its own. */
  readonly host: "visitor" | "origin";
  /** Names of headers that arrive though a visitor could claim something by them. */
  readonly keepHeaders: readonly string[];
  /** How many connections to the origin there are at most. */
  readonly maxOriginConnections: number;
  /** How long the origin may take to the head of its answer, in milliseconds, after the last piece of the request. */
  readonly answerTimeoutMs: number;
  /** How long nothing may pass through a WebSocket, in milliseconds. */
  readonly tunnelIdleMs: number;
  /** Makes the answer in the place of one that the origin did not give. */
  readonly faultAnswer: (fault: OriginFault, incoming: IncomingMessage) => Response;
  readonly onEvent: (event: ProxyEvent) => void;
  /** Tells the time in Unix milliseconds. */
  readonly now: () => number;
}

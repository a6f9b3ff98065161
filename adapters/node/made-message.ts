/**
 * Messages that Nitro 2 makes for its handler, which is one for servers of Node: of a request that the application makes of itself, and, on
 * platforms without such a server, of every request of a visitor.
 */

import type { ServerResponse } from "node:http";
import { at, field } from "../../src/pipeline/hand-over.ts";
import type { NodeResponse } from "./change-head.ts";
import type { NodeRequest } from "./target.ts";

/** Where Nitro keeps what its platform hands over. No visitor can set it, and no message of a server of Node has it. */
const handedOver = "__unenv__";

/** Whether a message was made, and came from no server of Node. */
export function isMade(incoming: NodeRequest): boolean {
  return handedOver in incoming;
}

/** What was handed over with a made message: by the platform, or by the application that asks itself. */
export function contextOfMade(incoming: NodeRequest): object {
  const told = field(incoming, handedOver);
  return typeof told === "object" && told !== null ? told : {};
}

/** What the platform of a made message says of its connection; its socket is none, and says nothing. */
export function platformOfMade(incoming: NodeRequest): readonly unknown[] {
  const told = contextOfMade(incoming);
  return [told, { context: at(told, ["_platform"]) }];
}

/** The body of a made message, which is there beside it: its stream is none. */
export class MadeBody {
  readonly isUsed = false;
  readonly #incoming: { body?: unknown };

  constructor(incoming: NodeRequest) {
    // What Nitro adds to its own; no type of Node has it.
    this.#incoming = incoming as { body?: unknown };
  }

  /** Whether there is one. */
  static has(incoming: NodeRequest): boolean {
    return (field(incoming, "body") ?? undefined) !== undefined;
  }

  /** The body from its beginning, all of which stays with the application. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { body } = this.#incoming;
    if (!(body instanceof ReadableStream)) {
      // What else Nitro's platforms hand over is what a response takes: bytes or a text.
      const whole = new Response(body as BodyInit).body;
      return whole ?? new Blob([]).stream();
    }
    const [own, rest] = body.tee();
    this.#incoming.body = rest;
    return own;
  }
}

/** Has the head of a response to a made message written before its end: Nitro takes it from there, and writes none. */
export function writeHeadAtEnd(outgoing: NodeResponse): void {
  const end = outgoing.end.bind(outgoing) as (...args: readonly unknown[]) => NodeResponse;
  Object.defineProperty(outgoing, "end", {
    value: (...args: readonly unknown[]) => {
      // Both servers take a status alone.
      if (!outgoing.headersSent) (outgoing as ServerResponse).writeHead(outgoing.statusCode);
      return end(...args);
    },
    configurable: true,
    writable: true,
  });
}

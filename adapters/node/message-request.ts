/**
 * The request of Node's server as the gate looks at requests.
 *
 * @module
 */

import type { EventEmitter } from "node:events";
import { at, field } from "../../src/pipeline/hand-over.ts";
import { onceClosed, type Turned } from "../turn.ts";
import { webHeaders } from "../web-headers.ts";
import { BodyPeek } from "./body-peek.ts";
import { isGone } from "./is-gone.ts";
import { isMade, MadeBody } from "./made-message.ts";
import { type NodeRequest, targetOf } from "./target.ts";

/** No URL: whoever asks for a page at no place is turned down. */
const nowhere = "http:///";

/**
 * Shows a request of Node's server as a `Request`, for `gate.begin` and `gate.explain`. Nothing is made before it is asked for, and what is read
 * of the body is not taken from the stream: the application reads all of it.
 *
 * The URL is composed of the `Host` and the target as they were sent. Where a program could read another page out of the two, such as an
 * empty `Host`, one that reaches into the path, a target without a slash or with two, it is none, and the gate answers 400.
 *
 * @param incoming The request.
 * @param outgoing Its response, or its socket: when that closes too early, `request.signal` is aborted.
 * @returns The request.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createGate, failOpen } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
 * import { messageRequest } from "stanchion/node";
 *
 * const gate = createGate({ plugins: [failOpen(), crowdhandler({ publicKey: "your-public-key" })] });
 * const server = createServer(async (incoming, outgoing) => {
 *   const { decision } = await gate.explain(messageRequest(incoming, outgoing), incoming);
 *   outgoing.end(decision.reason);
 * });
 * ```
 */
export function messageRequest(incoming: NodeRequest, outgoing: EventEmitter): Request {
  return requestOf(incoming, outgoing);
}

/** The same, where a framework keeps by itself what was asked for: the target before a mounted path was taken off. */
export function requestOf(incoming: NodeRequest, outgoing: EventEmitter, whole?: unknown): Request {
  const peek = isMade(incoming) ? new MadeBody(incoming) : new BodyPeek(incoming);
  return new MessageRequest(incoming, outgoing, peek, urlOf(incoming, whole));
}

/** What looks at a body and leaves it to the application. */
type Peek = Pick<BodyPeek, "isUsed" | "stream">;

class MessageRequest implements Request {
  readonly cache = "default";
  readonly credentials = "same-origin";
  readonly destination = "";
  readonly duplex = "half";
  readonly integrity = "";
  readonly isHistoryNavigation = false;
  readonly isReloadNavigation = false;
  readonly keepalive = false;
  readonly mode = "cors";
  readonly redirect = "follow";
  readonly referrer = "about:client";
  readonly referrerPolicy = "";
  readonly method: string;
  readonly url: string;
  readonly #incoming: NodeRequest;
  readonly #outgoing: EventEmitter;
  readonly #peek: Peek;
  #headers: Headers | undefined;
  #signal: AbortSignal | undefined;
  #body: ReadableStream<Uint8Array<ArrayBuffer>> | null | undefined;

  constructor(incoming: NodeRequest, outgoing: EventEmitter, peek: Peek, url: string) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#peek = peek;
    this.method = incoming.method ?? "GET";
    this.url = url;
  }

  get headers(): Headers {
    return this.#headers ??= webHeaders(this.#incoming.rawHeaders);
  }

  get signal(): AbortSignal {
    return this.#signal ??= signalOf(this.#outgoing);
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#body === undefined) this.#body = hasBody(this.#incoming) ? this.#peek.stream() : null;
    return this.#body;
  }

  get bodyUsed(): boolean {
    return this.#peek.isUsed;
  }

  clone(): MessageRequest {
    if (this.bodyUsed) throw new TypeError("Cannot clone request: its body was read before");
    return new MessageRequest(this.#incoming, this.#outgoing, this.#peek, this.url);
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#read().arrayBuffer();
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.arrayBuffer()], { type: this.headers.get("content-type") ?? "" });
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#read().bytes();
  }

  formData(): Promise<FormData> {
    return this.#read().formData();
  }

  json(): Promise<unknown> {
    return this.#read().json();
  }

  text(): Promise<string> {
    return this.#read().text();
  }

  /** Some runtimes have it besides. */
  textStream(): ReadableStream<string> {
    const bytes: ReadableStream<Uint8Array<ArrayBuffer>> = this.body ?? new Blob([]).stream();
    return bytes.pipeThrough(new TextDecoderStream());
  }

  #read(): Response {
    return new Response(this.body, { headers: { "content-type": this.headers.get("content-type") ?? "" } });
  }
}

/** Express and Connect shorten `url` behind a mounted path, and keep in `originalUrl` what was asked for. */
function urlOf(incoming: NodeRequest, whole: unknown = field(incoming, "originalUrl")): string {
  const target = targetOf(incoming, typeof whole === "string" ? whole : incoming.url ?? "", hostOf(incoming));
  return target === undefined ? nowhere : target.origin + target.path;
}

/** The host, all lines joined: of two, none counts. HTTP/2 has a name of its own for it, beside which the same may stand, and HTTP/1.0 needs none. */
function hostOf({ rawHeaders, httpVersion }: NodeRequest): string {
  const hosts: string[] = [];
  let authority: string | undefined;
  for (let place = 0; place + 1 < rawHeaders.length; place += 2) {
    const name = rawHeaders[place] ?? "";
    const value = rawHeaders[place + 1] ?? "";
    if (name === ":authority") authority = value;
    else if (name.length === 4 && name.toLowerCase() === "host") hosts.push(value);
  }
  if (authority !== undefined) {
    // RFC 9113, section 8.3.1. The gate would read the one, and most applications the other.
    const name = authority.toLowerCase();
    return hosts.every((host) => host.toLowerCase() === name) ? authority : [authority, ...hosts].join();
  }
  return (hosts.length === 0 && httpVersion === "1.0") ? "localhost" : hosts.join();
}

/** RFC 9112, section 6.3: whoever sends a body says so. HTTP/2 says of an empty one that it has ended. */
function hasBody(incoming: NodeRequest): boolean {
  if (isMade(incoming)) return MadeBody.has(incoming);
  const { headers, httpVersionMajor } = incoming;
  if (headers["transfer-encoding"] !== undefined) return true;
  const length = headers["content-length"];
  if (length !== undefined) return Number(length) !== 0;
  return httpVersionMajor >= 2 && at(incoming, ["stream", "endAfterHeaders"]) !== true;
}

function signalOf(outgoing: EventEmitter): AbortSignal {
  const leaving = new AbortController();
  if (isGone(outgoing)) leaving.abort();
  onceClosed(outgoing as EventEmitter & Turned, () => {
    if (field(outgoing, "writableFinished") !== true) leaving.abort();
  });
  return leaving.signal;
}

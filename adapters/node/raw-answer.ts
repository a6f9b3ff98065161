import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type BodySink, sendBody } from "../send-body.ts";

/** What says how the answer is framed, which is not for the gate to say. */
const framing = /^(?:connection|content-length|keep-alive|transfer-encoding|trailer|upgrade)$/;
/** What means nothing on an answer that switches protocols, or is the application's alone. */
const others = /^(?:cache-control|content-.*|sec-websocket-.*)$/;

/**
 * Writes an answer on the socket and ends the connection. A body that is there at once is sent with its length, any other as it comes, and
 * left where it is once the visitor has gone.
 */
export async function answerOn(socket: Duplex, answer: Response, incoming: IncomingMessage): Promise<void> {
  const { body, status } = answer;
  // What the client goes on to send is thrown away: left unread, it would break the connection before the answer is there.
  socket.resume();
  socket.once("finish", () => socket.destroy());
  const sink = new RawSink(socket, answer, incoming);
  try {
    if (socket.destroyed || body === null || status === 204 || status === 304) {
      sink.end();
      body?.cancel().catch(() => {});
    } else await sendBody(sink, body.getReader());
  } catch {
    // The body is in somebody's hands.
    socket.destroy();
  }
}

/** Frames an answer on a socket, as Node's server does where there is one. */
class RawSink implements BodySink {
  readonly #socket: Duplex;
  readonly #answer: Response;
  readonly #incoming: IncomingMessage;
  #isBegun = false;

  constructor(socket: Duplex, answer: Response, incoming: IncomingMessage) {
    this.#socket = socket;
    this.#answer = answer;
    this.#incoming = incoming;
  }

  write(piece: Uint8Array): boolean {
    if (!this.#isBegun) this.#stream();
    // An empty chunk would be the last one.
    if (piece.byteLength === 0) return true;
    if (this.#incoming.method === "HEAD") {
      this.end();
      return true;
    }
    if (!this.#isChunked) return this.#socket.write(piece);
    this.#socket.write(`${piece.byteLength.toString(16)}\r\n`);
    this.#socket.write(piece);
    return this.#socket.write("\r\n");
  }

  end(whole?: Uint8Array): void {
    const isHead = this.#incoming.method === "HEAD";
    if (this.#isBegun) return void this.#socket.end(this.#isChunked && !isHead ? "0\r\n\r\n" : undefined);
    const { status } = this.#answer;
    const isEmpty = status === 204 || status === 304;
    this.#begin(isEmpty ? "" : `Content-Length: ${whole?.byteLength ?? 0}\r\n`);
    this.#socket.end(isHead ? undefined : whole);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  once(event: "close" | "drain" | "socket", listener: () => void): void {
    this.#socket.once(event, listener);
  }

  /** HTTP/1.0 knows no chunks: there the end of the connection is that of the body. */
  get #isChunked(): boolean {
    return this.#incoming.httpVersion !== "1.0";
  }

  /** Begins what may go on for long. As with requests, whoever stops sending has gone: nothing else may tell of it before the next piece. */
  #stream(): void {
    this.#begin(this.#isChunked ? "Transfer-Encoding: chunked\r\n" : "");
    if (this.#socket.readableEnded) this.destroy();
    else this.#socket.once("end", () => this.#socket.writableEnded || this.destroy());
  }

  #begin(length: string): void {
    this.#isBegun = true;
    const { status, statusText, headers } = this.#answer;
    const head = `HTTP/1.1 ${status} ${statusText}\r\n${linesOf(headers, framing)}${length}`;
    this.#socket.write(`${head}Connection: close\r\n\r\n`, "latin1");
  }
}

/**
 * Adds the gate's headers to the answer that the application will write on the socket, whatever writes it: behind the
 * first line, when that passes by. Afterwards the socket is as it was.
 */
export function addToHead(socket: Duplex, headers: Headers): void {
  const lines = linesOf(headers, framing, others);
  if (lines === "") return;
  // Both are put back as they were: most sockets have them from their class.
  const own = { write: ownOf(socket, "write"), end: ownOf(socket, "end") };
  const write = socket.write as Write;
  const end = socket.end as Write;
  let isFirst = true;

  function passed(chunk: unknown): unknown {
    const place = lineEnd(chunk);
    const isHead = !isFirst || startsAnswer(chunk);
    isFirst = false;
    if (place === -1 && isHead) return chunk;
    restore(socket, "write", own.write);
    restore(socket, "end", own.end);
    return isHead ? inserted(chunk, place, lines) : chunk;
  }

  Object.assign(socket, {
    write: (chunk: unknown, ...rest: unknown[]) => write.call(socket, passed(chunk), ...rest),
    end: (...args: unknown[]) => {
      const [chunk, ...rest] = args;
      const isText = typeof chunk === "string" || chunk instanceof Uint8Array;
      return end.call(socket, ...(isText ? [passed(chunk), ...rest] : args));
    },
  });
}

type Write = (this: Duplex, ...args: unknown[]) => unknown;

function ownOf(socket: Duplex, name: "write" | "end"): PropertyDescriptor | undefined {
  return Object.getOwnPropertyDescriptor(socket, name);
}

function restore(socket: Duplex, name: "write" | "end", own: PropertyDescriptor | undefined): void {
  if (own === undefined) Reflect.deleteProperty(socket, name);
  else Object.defineProperty(socket, name, own);
}

/** Header lines, those of which the name is skipped left out; each cookie has a line of its own. */
function linesOf(headers: Headers, ...skipped: readonly RegExp[]): string {
  const kept = [...headers].filter(([name]) => !skipped.some((pattern) => pattern.test(name)));
  return kept.map(([name, value]) => `${name}: ${value}\r\n`).join("");
}

/** The place behind the first line, or -1. */
function lineEnd(chunk: unknown): number {
  if (typeof chunk === "string") return chunk.indexOf("\n") + 1 || -1;
  return chunk instanceof Uint8Array ? chunk.indexOf(10) + 1 || -1 : -1;
}

function startsAnswer(chunk: unknown): boolean {
  return typeof chunk === "string" ? chunk.startsWith("H") : chunk instanceof Uint8Array && chunk[0] === 72;
}

function inserted(chunk: unknown, place: number, lines: string): unknown {
  if (typeof chunk === "string") return chunk.slice(0, place) + lines + chunk.slice(place);
  if (!(chunk instanceof Uint8Array)) return chunk;
  const whole = new Uint8Array(chunk.length + lines.length);
  whole.set(chunk.subarray(0, place));
  whole.set(Uint8Array.from(lines, (char) => char.charCodeAt(0)), place);
  whole.set(chunk.subarray(place), place + lines.length);
  return whole;
}

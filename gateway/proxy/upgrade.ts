import type { IncomingMessage } from "node:http";
import { type Duplex, Transform } from "node:stream";
import { webHeaders } from "../../adapters/web-headers.ts";
import type { Passage } from "../../src/begun.ts";
import { headersTo } from "./answer.ts";
import type { OriginFault, ProxyOptions } from "./options.ts";
import { codedForUs, faultOf } from "./pass.ts";
import type { Pool } from "./pool.ts";
import { hasOddCoding } from "./raw-headers.ts";

/** An upgrade on its way to the origin. */
export interface UpgradeExchange {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  /** What the visitor sent behind the head. */
  readonly early: Uint8Array;
  readonly path: string;
  readonly headers: readonly string[];
  readonly passage: Passage;
}

/** Hands the opening of a WebSocket on, and then what passes through it. `opened` is told of the two ends. */
export function passUpgrade(
  options: ProxyOptions,
  pool: Pool,
  { incoming, socket, early, path, headers, passage }: UpgradeExchange,
  opened: (end: Duplex) => void,
): void {
  // It never goes back to the others, and one that was used may be closed.
  const sent = pool.open({ method: "GET", path, headers }, "fresh");
  let isOver = false;
  const timer = setTimeout(() => fail("timeout", "no answer in time"), options.answerTimeoutMs);
  const left = () => {
    if (begin()) passage.left();
    sent.destroy();
  };
  socket.once("close", left);

  /** Whether this is the first that becomes of it. */
  function begin(): boolean {
    if (isOver) return false;
    clearTimeout(timer);
    return isOver = true;
  }

  function fail(fault: OriginFault, why: string): void {
    if (!begin()) return;
    sent.destroy();
    options.onEvent({ is: "failed", fault, why });
    passage.failed();
    const answer = options.faultAnswer(fault, incoming);
    const changes = passage.finish(answer.status, answer.headers);
    void answerOnSocket(socket, answer, changes);
  }

  sent.on("error", (error: Error & { readonly code?: string }) => fail(faultOf(error), error.message));
  sent.once("close", () => fail("unreachable", "the connection ended without an answer"));
  sent.once("upgrade", (response: IncomingMessage, origin: Duplex, first: Uint8Array) => {
    origin.on("error", () => {});
    if (response.headers.upgrade?.trim().toLowerCase() !== "websocket") {
      origin.destroy();
      return fail("malformed", "the connection was not changed to the WebSocket that was asked for");
    }
    if (!begin()) return void origin.destroy();
    socket.removeListener("close", left);
    if (socket.destroyed) return void origin.destroy();
    const { statusMessage = "", rawHeaders } = response;
    const changes = passage.finish(101, () => webHeaders(rawHeaders)).filter(([name]) =>
      name === "set-cookie"
    );
    const head = headersTo(rawHeaders, changes, { hasLength: false, mayTrail: false });
    head.push("Connection", "Upgrade", "Upgrade", "websocket");
    socket.write(headText(101, statusMessage, head), "latin1");
    if (first.length > 0) socket.write(first);
    if (early.length > 0) origin.write(early);
    opened(socket);
    tunnel(socket, origin, options);
  });
  sent.once("response", (response) => {
    if (response.statusCode === 101) return fail("malformed", "a 101 did not say what the connection became");
    const { statusCode: status = 502, statusMessage = "", rawHeaders } = response;
    if (hasOddCoding(rawHeaders)) return fail("malformed", codedForUs);
    if (!begin()) return;
    const changes = passage.finish(status, () => webHeaders(rawHeaders));
    const hasLength = status !== 204 && status !== 304;
    const head = headersTo(rawHeaders, changes, { hasLength, mayTrail: false });
    // Without a length or pieces nobody could tell a body that broke off from a whole one.
    const isChunked = hasLength && incoming.httpVersion === "1.1" &&
      response.headers["content-length"] === undefined;
    if (isChunked) head.push("Transfer-Encoding", "chunked");
    head.push("Connection", "close");
    socket.write(headText(status, statusMessage, head), "latin1");
    // What the visitor goes on to send is thrown away: left unread, it would break the connection before the answer is there.
    socket.resume();
    response.on("error", () => socket.destroy());
    response.once("aborted", () => socket.destroy());
    socket.once("finish", () => socket.destroy());
    if (isChunked) response.pipe(inPieces()).pipe(socket);
    else response.pipe(socket);
  });
  sent.end();
}

/** Frames what passes through as a body in pieces (RFC 9112, section 7.1). Only an end in order has the last one. */
function inPieces(): Transform {
  return new Transform({
    transform(piece: Uint8Array, _, done) {
      this.push(`${piece.length.toString(16)}\r\n`, "latin1");
      this.push(piece);
      done(null, "\r\n");
    },
    flush: (done) => done(null, "0\r\n\r\n"),
  });
}

/** Writes an answer on the socket of an upgrade, and ends the connection. */
export async function answerOnSocket(
  socket: Duplex,
  answer: Response,
  changes: readonly (readonly [string, string])[] = [],
): Promise<void> {
  try {
    const body = new Uint8Array(await answer.arrayBuffer());
    const head = headersTo([...answer.headers].flat(), changes, { hasLength: false, mayTrail: false });
    // RFC 9110, section 8.6: where there can be no body, there is no length.
    if (answer.status !== 204) head.push("Content-Length", String(body.length));
    head.push("Connection", "close");
    socket.resume();
    socket.once("finish", () => socket.destroy());
    socket.write(headText(answer.status, answer.statusText, head), "latin1");
    socket.end(body);
  } catch {
    socket.destroy();
  }
}

/** The head of an answer. What would begin another line is none of it. */
function headText(status: number, reason: string, headers: readonly string[]): string {
  let text = `HTTP/1.1 ${status} ${reason}\r\n`;
  for (let at = 0; at + 1 < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return `${text}\r\n`;
}

/** Lets bytes pass both ways, until either side is done or nothing has passed for too long. */
function tunnel(visitor: Duplex, origin: Duplex, { tunnelIdleMs, onEvent }: ProxyOptions): void {
  onEvent({ is: "tunnel-opened" });
  let isOpen = true;
  const idle = setTimeout(() => close(), tunnelIdleMs);
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    clearTimeout(idle);
    onEvent({ is: "tunnel-closed" });
    visitor.destroy();
    origin.destroy();
  };
  for (const [from, to] of [[visitor, origin], [origin, visitor]] as const) {
    from.on("data", () => idle.refresh());
    from.on("error", close);
    from.once("close", close);
    // What one side said last arrives before its end does.
    from.once("end", () => to.end(close));
    from.pipe(to, { end: false });
  }
}

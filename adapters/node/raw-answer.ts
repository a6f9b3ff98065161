import type { Duplex } from "node:stream";

/** What says how the answer is framed, which is not for the gate to say. */
const framing = /^(?:connection|content-length|keep-alive|transfer-encoding|upgrade)$/;
/** What means nothing on an answer that switches protocols, or is the application's alone. */
const others = /^(?:cache-control|content-.*|sec-websocket-.*)$/;

/** Writes an answer on the socket and ends the connection. */
export async function answerOn(socket: Duplex, answer: Response, method: string | undefined): Promise<void> {
  let body: ArrayBuffer;
  try {
    body = await answer.arrayBuffer();
  } catch {
    // Half an answer must not look like a whole one.
    socket.destroy();
    return;
  }
  const { status, statusText } = answer;
  const isEmpty = status === 204 || status === 304;
  const length = isEmpty ? "" : `Content-Length: ${body.byteLength}\r\n`;
  const head = `HTTP/1.1 ${status} ${statusText}\r\n${
    linesOf(answer.headers, framing)
  }${length}Connection: close\r\n\r\n`;
  // What the client goes on to send is thrown away: left unread, it would break the connection before the answer is there.
  socket.resume();
  socket.once("finish", () => socket.destroy());
  socket.write(head, "latin1");
  socket.end(method === "HEAD" || isEmpty ? undefined : new Uint8Array(body));
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

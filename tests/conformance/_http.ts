/** A client that sends exactly what it is told, and sees exactly what comes back: one connection for each request. */

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";

/** What is sent. */
export interface Sent {
  /** @default {"GET"} */
  readonly method?: string;
  /** The request's target, as it stands on the wire. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with its length, unless the headers name another: what is missing of a longer one is held back. */
  readonly body?: string | Uint8Array;
  /** Sends the body in these pieces, in chunked coding. */
  readonly chunks?: readonly string[];
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A connection on which one request is under way. */
export interface Exchange {
  /** Waits until what came back contains a text, and gives all of it. */
  until(text: string): Promise<string>;
  /** Writes further bytes. */
  write(data: string | Uint8Array): void;
  /** Waits for the end of the answer. */
  end(): Promise<Answer>;
  /** Hangs up. */
  abort(): void;
}

/** The host that all requests name, unless they name another. */
export const shop = "shop.example.com";

const patienceMs = 20_000;

/** Sends a request and waits for the whole answer. A connection that breaks off is an error. */
export function send(port: number, sent: Sent): Promise<Answer> {
  return open(port, sent).end();
}

/** Sends a request. */
export function open(port: number, sent: Sent): Exchange {
  const { method = "GET", path } = sent;
  const received: Buffer[] = [];
  const waiting = new Set<() => void>();
  let ended = false;
  let failure: Error | undefined;
  const socket: Socket = connect(port, "127.0.0.1", () => writeRequest(socket, sent));
  const wake = () => [...waiting].forEach((look) => look());
  socket.setTimeout(patienceMs, () => socket.destroy(new Error(`${method} ${path} was not answered`)));
  socket.on("data", (data) => (received.push(Buffer.from(data)), wake()));
  socket.on("error", (error) => (failure = error, ended = true, wake()));
  socket.on("close", () => (ended = true, wake()));
  const all = () => Buffer.concat(received);

  function when<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const tryAgain = () => {
        const found = look();
        if (found === undefined && !ended) return;
        waiting.delete(tryAgain);
        if (found !== undefined) return resolve(found);
        reject(
          failure ??
            new Error(
              `${method} ${path}: the connection was closed after "${all().toString().slice(0, 300)}"`,
            ),
        );
      };
      waiting.add(tryAgain);
      tryAgain();
    });
  }

  return {
    until: (text) => when(() => all().includes(text) ? all().toString("latin1") : undefined),
    write: (data) => void socket.write(data),
    async end() {
      const answer = await when(() => parse(all(), method, ended && failure === undefined));
      socket.destroy();
      return answer;
    },
    // A reset is noticed by every server, also by one that would still answer who only sends nothing more.
    abort: () => void socket.resetAndDestroy(),
  };
}

function writeRequest(socket: Socket, { method = "GET", path, headers, body, chunks }: Sent): void {
  const all: Record<string, string> = {
    host: shop,
    connection: "close",
    "user-agent": "conformance",
    ...headers,
  };
  const content = body === undefined ? undefined : Buffer.from(body);
  if (content !== undefined) all["content-length"] ??= String(content.length);
  if (chunks !== undefined) all["transfer-encoding"] = "chunked";
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  if (content !== undefined) socket.write(content);
  for (const chunk of chunks ?? []) socket.write(`${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`);
  if (chunks !== undefined) socket.write("0\r\n\r\n");
}

/** Reads an answer once it is complete. */
function parse(data: Buffer, method: string, closed: boolean): Answer | undefined {
  const split = data.indexOf("\r\n\r\n");
  if (split === -1) return undefined;
  const [first = "", ...lines] = data.subarray(0, split).toString("latin1").split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]);
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  const rest = data.subarray(split + 4);
  const done = (body: Buffer): Answer => ({ status, headers, text: body.toString("utf8") });
  if (method === "HEAD" || status === 204 || status === 304) return done(Buffer.alloc(0));
  if (headers.get("transfer-encoding") === "chunked") {
    const body = dechunked(rest);
    return body && done(body);
  }
  const length = headers.get("content-length");
  if (length !== null) return rest.length >= Number(length) ? done(rest) : undefined;
  return closed ? done(rest) : undefined;
}

function dechunked(data: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0;;) {
    const line = data.indexOf("\r\n", at);
    if (line === -1) return undefined;
    const size = parseInt(data.subarray(at, line).toString("latin1"), 16);
    const end = line + 2 + size;
    if (data.length < end + 2) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(data.subarray(line + 2, end));
    at = end + 2;
  }
}

/** A browser's cookies. */
export interface Jar {
  /** The `Cookie` header, for the next request; empty without cookies. */
  header(): Readonly<Record<string, string>>;
  /** Takes the cookies of an answer. */
  take(answer: Answer): Answer;
  get(name: string): string | undefined;
}

/** Makes an empty jar. */
export function jar(): Jar {
  const cookies = new Map<string, string>();
  return {
    header: (): Readonly<Record<string, string>> =>
      cookies.size === 0 ? {} : { cookie: [...cookies].map((pair) => pair.join("=")).join("; ") },
    take(answer) {
      for (const line of answer.headers.getSetCookie()) {
        const [pair = "", ...attributes] = line.split("; ");
        const equals = pair.indexOf("=");
        const gone = attributes.some((text) =>
          text === "Max-Age=0" || text.startsWith("Expires=Thu, 01 Jan 1970")
        );
        if (gone) cookies.delete(pair.slice(0, equals));
        else cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
      }
      return answer;
    },
    get: (name) => cookies.get(name),
  };
}

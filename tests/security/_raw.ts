/** What `fetch` would tidy up, sent as it is written here. */

import { Buffer } from "node:buffer";
import { connect } from "node:net";

/** As much of an answer as the tests look at. */
export interface RawAnswer {
  /** 0 when the server closed the connection without a word. */
  readonly status: number;
  /** The head, with the status line. */
  readonly head: string;
  readonly body: string;
}

/** Sends bytes and gives what comes back until the server closes, or until `waitMs` have passed. */
export function sendRaw(port: number, message: string | Uint8Array, waitMs = 4000): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(message));
    const timer = setTimeout(() => socket.destroy(), waitMs);
    socket.setEncoding("latin1").on("data", (more) => text += more);
    // Who is sent too much may be cut off: what came before counts.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(readAnswer(text));
    });
  });
}

/** A request for a target, with a Host and further lines, in bytes of UTF-8. */
export function message(
  target: string,
  host: string | undefined = "shop.example.com",
  lines: readonly string[] = [],
  method = "GET",
): Uint8Array {
  const head = [
    `${method} ${target} HTTP/1.1`,
    ...(host === undefined ? [] : [`Host: ${host}`]),
    "User-Agent: security tests",
    ...lines,
    "Connection: close",
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "utf8");
}

function readAnswer(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const head = end === -1 ? text : text.slice(0, end);
  const body = end === -1 ? "" : text.slice(end + 4);
  return { status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0), head, body };
}

/** The values of a header. */
export function valuesOf({ head }: RawAnswer, name: string): string[] {
  return head.split("\r\n").slice(1).filter((line) => line.toLowerCase().startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).trim());
}

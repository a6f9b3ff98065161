/** Raw sockets: what a server sends, byte for byte. */

import { connect } from "node:net";

/** What came over the wire: the head's lines, and all that stood behind it. */
export interface Wire {
  readonly status: string;
  readonly headers: readonly string[];
  readonly body: string;
}

/** Requests that follow each other on one connection, which the last one closes. */
export function exchange(
  port: number,
  targets: readonly { readonly method: string; readonly path: string }[],
  version = "1.1",
): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(port, "127.0.0.1");
    socket.setEncoding("latin1").setTimeout(20_000, () => socket.destroy(new Error("no answer")));
    socket.on("data", (data) => received += data).on("error", reject).on("close", () => resolve(received));
    socket.write(
      targets.map(({ method, path }, at) =>
        [
          `${method} ${path} HTTP/${version}`,
          "Host: shop.example.com",
          "Accept-Encoding: gzip",
          `Connection: ${at === targets.length - 1 ? "close" : "keep-alive"}`,
          "\r\n",
        ].join("\r\n")
      ).join(""),
    );
  });
}

export function parse(text: string): Wire {
  const split = text.indexOf("\r\n\r\n");
  const [status = "", ...lines] = text.slice(0, split).split("\r\n");
  const headers = lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()))
    .filter((line) => !/^(?:date|connection|keep-alive):/.test(line)).sort();
  return { status, headers, body: text.slice(split + 4) };
}

/** Boundaries of forms are random, and pieces of a stream arrive together or apart. */
export function comparable({ status, headers, body }: Wire): Wire {
  const boundary = headers.map((line) => /boundary="?([^";]+)/.exec(line)?.[1]).find((text) =>
    text !== undefined
  );
  const plain = (text: string) => boundary === undefined ? text : text.replaceAll(boundary, "boundary");
  const whole = headers.includes("transfer-encoding: chunked") ? dechunked(body) : body;
  return { status, headers: headers.map(plain), body: plain(whole) };
}

function dechunked(body: string): string {
  let whole = "";
  for (let at = 0; at < body.length;) {
    const line = body.indexOf("\r\n", at);
    const size = parseInt(body.slice(at, line), 16);
    whole += body.slice(line + 2, line + 2 + size);
    at = line + 4 + size;
  }
  return whole;
}

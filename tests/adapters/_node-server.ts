/** A server of Node and raw sockets, alike on every runtime that has them. */

import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** Serves a listener while something is done with its port. */
export async function withListener(
  listener: RequestListener,
  use: (port: number, server: Server) => Promise<void>,
): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    // A server that listens on a port has an address of this form.
    await use((server.address() as AddressInfo).port, server);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Opens a connection, and keeps what comes back. */
export function open(port: number): Promise<{ readonly socket: Socket; readonly ended: Promise<string> }> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1");
    const ended = new Promise<string>((done) => socket.on("close", () => done(answer)));
    socket.setEncoding("latin1").on("data", (more) => answer += more);
    socket.on("error", reject).on("connect", () => resolve({ socket, ended }));
  });
}

/** Sends a text, and gives all that comes back until the server ends the connection. */
export async function exchange(port: number, text: string): Promise<string> {
  const { socket, ended } = await open(port);
  socket.write(text, "latin1");
  return await ended;
}

/** The text of a request, after whose answer the connection ends. */
export function requestText(
  target: string,
  { method = "GET", host = "Host: shop.example\r\n", more = "", body = "" }: {
    readonly method?: string;
    readonly host?: string;
    readonly more?: string;
    readonly body?: string;
  } = {},
): string {
  return `${method} ${target} HTTP/1.1\r\n${host}Connection: close\r\n${more}\r\n${body}`;
}

/** An answer of HTTP, taken apart. */
export interface Received {
  readonly status: number;
  readonly line: string;
  /** Names in lower case, in the order in which they came; without the date. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** As it came, in chunks if so. */
  readonly body: string;
}

/** Takes an answer apart; of several heads, the last. */
export function received(text: string): Received {
  const [head = "", ...rest] = text.replace(/^(?:HTTP\/1\.1 1\d\d [\s\S]*?\r\n\r\n)+/, "").split("\r\n\r\n");
  const [line = "", ...lines] = head.split("\r\n");
  const headers = lines.map((each) => {
    const colon = each.indexOf(":");
    return [each.slice(0, colon).toLowerCase(), each.slice(colon + 1).trim()] as const;
  }).filter(([name]) => name !== "date");
  return { status: Number(line.split(" ")[1]), line, headers, body: rest.join("\r\n\r\n") };
}

/** Asks for something and takes the answer apart. */
export async function ask(
  port: number,
  target: string,
  options?: Parameters<typeof requestText>[1],
): Promise<Received> {
  return received(await exchange(port, requestText(target, options)));
}

/** All values of a header. */
export function valuesOf({ headers }: Received, name: string): readonly string[] {
  return headers.filter(([each]) => each === name).map(([, value]) => value);
}

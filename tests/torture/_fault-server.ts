/** A service on a bare socket that can break HTTP in every way that a network or a server in trouble does. */

import { Buffer } from "node:buffer";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** What becomes of an answer. */
export type WireFault =
  | "none"
  | "hang"
  | "reset"
  | "close"
  | "half-open"
  | "drip"
  | "promises-more"
  | "promises-less"
  | "no-http"
  | "endless-head"
  | "interim-only"
  | "status-500"
  | "status-503"
  | "status-401"
  | "status-403"
  | "status-404"
  | "status-429"
  | "redirect"
  | "html"
  | "empty"
  | "truncated"
  | "oversized"
  | "endless-body"
  | "not-gzip"
  | "null"
  | "list"
  | "wrong-types";

/** All of them but `none`. */
export const wireFaults: readonly WireFault[] = [
  "hang",
  "reset",
  "close",
  "half-open",
  "drip",
  "promises-more",
  "promises-less",
  "no-http",
  "endless-head",
  "interim-only",
  "status-500",
  "status-503",
  "status-401",
  "status-403",
  "status-404",
  "status-429",
  "redirect",
  "html",
  "empty",
  "truncated",
  "oversized",
  "endless-body",
  "not-gzip",
  "null",
  "list",
  "wrong-types",
];

/** A service under way. */
export interface FaultServer {
  readonly url: string;
  /** How many requests came. */
  readonly requests: number;
  /** How many connections wait for the rest of an answer. */
  readonly unanswered: number;
  set(fault: WireFault): void;
  close(): Promise<void>;
}

/** Starts a service. `answer` gives the JSON of a good answer, by path. */
export async function startFaultServer(answer: (path: string) => unknown): Promise<FaultServer> {
  // The part counts the timers of the gate, not these.
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const sockets = new Set<Socket>();
  const unanswered = new Set<Socket>();
  let fault: WireFault = "none";
  let requests = 0;
  // More than anybody reads, also of a rooms feed.
  const padding = `,"padding":"${"x".repeat(4_500_000)}"}`;

  const server = createServer((socket) => {
    let text = "";
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      unanswered.delete(socket);
    });
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      for (;;) {
        const end = text.indexOf("\r\n\r\n");
        if (end === -1) return;
        const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
        if (text.length < end + 4 + length) return;
        const path = text.split(" ", 2)[1] ?? "/";
        text = text.slice(end + 4 + length);
        requests++;
        reply(socket, path);
      }
    });
  });

  function reply(socket: Socket, path: string): void {
    const body = JSON.stringify(answer(path));
    const whole = (content: string, status = "200 OK", more = "") =>
      `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${
        Buffer.byteLength(content)
      }\r\n${more}\r\n${content}`;
    const repeat = (write: () => void, ms: number) => {
      const timer = setInterval(write, ms);
      socket.on("close", () => clearInterval(timer));
    };
    switch (fault) {
      case "none":
        return void socket.write(whole(body));
      case "hang":
        return void unanswered.add(socket);
      case "reset":
        return void socket.resetAndDestroy?.();
      case "close":
        return void socket.end();
      case "half-open":
        unanswered.add(socket);
        return void socket.write(whole(body).slice(0, -5));
      case "drip": {
        unanswered.add(socket);
        const bytes = whole(body);
        let at = 0;
        return repeat(() => at < bytes.length && socket.write(bytes.charAt(at++)), 20);
      }
      case "promises-more":
        return void socket.end(whole(body).replace(/content-length: \d+/, "content-length: 9000"));
      case "promises-less":
        return void socket.end(whole(body).replace(/content-length: \d+/, "content-length: 20"));
      case "no-http":
        return void socket.end("SSH-2.0-OpenSSH_9.9\r\n");
      case "endless-head":
        unanswered.add(socket);
        socket.write("HTTP/1.1 200 OK\r\n");
        return repeat(() => socket.write(`x-filler: ${"x".repeat(8000)}\r\n`), 10);
      case "interim-only":
        unanswered.add(socket);
        return repeat(() => socket.write("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"), 20);
      case "status-500":
        return void socket.write(whole(body, "500 Internal Server Error"));
      case "status-503":
        return void socket.write(whole(body, "503 Service Unavailable", "retry-after: 1\r\n"));
      case "status-401":
        return void socket.write(whole(body, "401 Unauthorized"));
      case "status-403":
        return void socket.write(whole(body, "403 Forbidden"));
      case "status-404":
        return void socket.write(whole(body, "404 Not Found"));
      case "status-429":
        return void socket.write(whole(body, "429 Too Many Requests", "retry-after: 1\r\n"));
      case "redirect":
        return void socket.write(whole(body, "302 Found", "location: /elsewhere\r\n"));
      case "html":
        return void socket.write(whole("<!doctype html><title>Bad gateway</title>"));
      case "empty":
        return void socket.write(whole(""));
      case "truncated":
        return void socket.write(whole(body.slice(0, -3)));
      case "oversized":
        return void socket.write(
          whole(body.slice(0, -1) + padding),
        );
      case "endless-body":
        unanswered.add(socket);
        socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        return repeat(() => socket.write(`2000\r\n${"x".repeat(0x2000)}\r\n`), 1);
      case "not-gzip":
        return void socket.write(whole(body, "200 OK", "content-encoding: gzip\r\n"));
      case "null":
        return void socket.write(whole("null"));
      case "list":
        return void socket.write(whole("[]"));
      case "wrong-types":
        return void socket.write(whole('{"result":{"promoted":"yes","status":{},"token":7,"slug":[]}}'));
    }
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    get unanswered() {
      return unanswered.size;
    },
    set(next) {
      fault = next;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
  };
}

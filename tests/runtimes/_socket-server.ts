/** As much of a WebSocket server as `@hono/node-server` asks for: short texts, both ways. */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

const magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Makes the server, in the shape of the one from the package `ws`. */
export function createSocketServer(): EventEmitter {
  const server = new EventEmitter();

  function handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    _head: Buffer,
    done: (socket: EventEmitter) => void,
  ): void {
    const key = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${magic}`).digest("base64");
    const lines = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${key}`];
    server.emit("headers", lines, request);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
    done(connection(socket));
  }

  return Object.assign(server, { options: { noServer: true }, handleUpgrade, close() {} });
}

function connection(socket: Duplex): EventEmitter {
  const events = new EventEmitter();
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (data: Buffer) => {
    rest = Buffer.concat([rest, data]);
    for (
      let size = (rest[1] ?? 0) & 127;
      rest.length >= 6 + size && rest.length >= 6;
      size = (rest[1] ?? 0) & 127
    ) {
      const mask = rest.subarray(2, 6);
      const text = rest.subarray(6, 6 + size).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
      const code = (rest[0] ?? 0) & 15;
      rest = rest.subarray(6 + size);
      if (code === 1) events.emit("message", Buffer.from(text), false);
      if (code === 8) socket.end(Buffer.from([0x88, 0]));
    }
  });
  socket.on("close", () => events.emit("close", 1000, Buffer.alloc(0)));
  socket.on("error", () => socket.destroy());
  const send = (text: string) =>
    socket.write(Buffer.concat([Buffer.from([0x81, Buffer.byteLength(text)]), Buffer.from(text)]));
  return Object.assign(events, { protocol: "", readyState: 1, send, close: () => socket.end() });
}

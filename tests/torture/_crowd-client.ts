/**
 * A part of a crowd in a process of its own: `<port> <from> <count> <patience ms>`. It opens all its connections at once, one
 * for each visitor, and prints what became of them: JSON of the statuses in their order, 0 for no answer.
 */

import { connect } from "node:net";
import process from "node:process";

const [port = 0, from = 0, count = 0, patienceMs = 0] = process.argv.slice(2).map(Number);

const statuses = await Promise.all(Array.from({ length: count }, (_, at) => visit(from + at)));
console.log(JSON.stringify(statuses));
process.exit(0);

function visit(number: number): Promise<number> {
  return new Promise((resolve) => {
    let head = "";
    const socket = connect({ port, host: "127.0.0.1" });
    const end = (status: number) => (socket.destroy(), resolve(status));
    socket.setTimeout(patienceMs, () => end(0));
    socket.on("error", () => end(0)).on("close", () => end(0));
    socket.setEncoding("latin1").on("data", (text) => {
      head += text;
      const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
      if (status !== undefined) end(Number(status));
    });
    socket.write([
      "GET /tickets HTTP/1.1",
      "Host: shop.example.com",
      "User-Agent: crowd",
      `Cookie: crowdhandler=tok${String(number).padStart(8, "0")}`,
      "Connection: close",
      "\r\n",
    ].join("\r\n"));
  });
}

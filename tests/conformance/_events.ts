/** What a room's stream of events keeps to, over a socket. */

import assert from "node:assert/strict";
import { connect } from "node:net";

/** A stream is told at once, keeps its place alone, and gives it back when its reader goes. There is room for one. */
export async function eventsKeepTheirPlace(port: number): Promise<void> {
  const first = await listen(port, /data: \{.*\}/);
  assert.match(first.text, /^HTTP\/1\.1 200 /);
  assert.match(first.text, /content-type: text\/event-stream/i);
  assert.match(first.text, /retry: \d+/);
  const second = await listen(port, /As many listen as may/);
  assert.match(second.text, /^HTTP\/1\.1 503 /);
  second.leave();
  first.leave();
  // Some platforms notice only when there is something to say.
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const next = await listen(port, /data: \{.*\}|As many listen as may/);
    next.leave();
    if (next.text.startsWith("HTTP/1.1 200 ")) break;
  }
}

/** Listens over a socket; tells the head of the answer and what came with it, once there is so much. */
function listen(port: number, until: RegExp): Promise<{ readonly text: string; readonly leave: () => void }> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      port,
      "127.0.0.1",
      () =>
        socket.write(
          "GET /.stanchion/main/events HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n",
        ),
    );
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (more: string) => {
      text += more;
      if (until.test(text)) resolve({ text, leave: () => void socket.destroy() });
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`the connection was closed after: ${text}`)));
  });
}

import type { Writable } from "node:stream";
import type { NodeRequest } from "./target.ts";
import { type NodeResponse, put } from "./change-head.ts";

/**
 * Sends an answer of the gate. Headers that were set before stay, such as those of CORS; where both have the same one, the gate's counts.
 * A body that is there at once is sent with its length, any other as it comes; one that breaks off breaks the connection.
 *
 * @returns A promise that is fulfilled once all of it was handed over, or the visitor has gone.
 */
export async function sendAnswer(
  incoming: NodeRequest,
  outgoing: NodeResponse,
  answer: Response,
): Promise<void> {
  // Somebody has answered, or the visitor has gone: nothing can be said any more, and the application is not called.
  if (outgoing.headersSent || outgoing.destroyed) return leave(answer.body);
  for (const header of answer.headers) put(outgoing, header);
  outgoing.statusCode = answer.status;
  // HTTP/2 has no reason phrase.
  if (incoming.httpVersionMajor < 2 && answer.statusText !== "") outgoing.statusMessage = answer.statusText;
  const { body, status } = answer;
  if (body === null || incoming.method === "HEAD" || status === 204 || status === 304) {
    outgoing.end();
    return leave(body);
  }
  // Both servers' responses are streams, of which this is the common form.
  await sendBody(outgoing as Writable, body.getReader());
}

async function sendBody(outgoing: Writable, reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const closed = new Promise<undefined>((resolve) => outgoing.once("close", () => resolve(undefined)));
  try {
    const first = await Promise.race([reader.read(), closed]);
    const next = reader.read();
    const soon = await Promise.race([next, turn()]);
    if (first?.value !== undefined && soon?.done === true) return void outgoing.end(first.value);
    if (first?.value !== undefined) outgoing.write(first.value);
    let piece = await Promise.race([next, closed]);
    while (piece?.done === false) {
      const hasRoom = outgoing.write(piece.value);
      if (!hasRoom) await Promise.race([new Promise((go) => outgoing.once("drain", go)), closed]);
      piece = await Promise.race([reader.read(), closed]);
    }
    outgoing.end();
  } catch {
    // Half an answer must not look like a whole one.
    outgoing.destroy();
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Until everything has happened that needs nobody from outside. */
function turn(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(() => resolve(undefined)));
}

function leave(body: ReadableStream | null): void {
  body?.cancel().catch(() => {});
}

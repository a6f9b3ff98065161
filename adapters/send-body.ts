import { breakOff, onceClosed, type Turned } from "./turn.ts";

/** What a body is written to: a response of Node's server, or what frames one on a socket. */
export interface BodySink extends Turned {
  /** Takes a piece, and tells whether there is room for more. */
  write(piece: Uint8Array): boolean;
  /** Ends it; with the whole body where nothing was written before. */
  end(whole?: Uint8Array): unknown;
  once(event: "close" | "drain" | "socket", listener: () => void): unknown;
}

/**
 * Sends a body: at once and whole where it is there, as it comes where it is not. Nothing is read any more once the visitor has gone. Where it
 * breaks off, so does the connection: half an answer must not look like a whole one.
 */
export async function sendBody(
  sink: BodySink,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<void> {
  // It comes first in each race: a body that is there all along must not go on for a visitor who has gone.
  const closed = new Promise<undefined>((resolve) => onceClosed(sink, () => resolve(undefined)));
  try {
    const first = await Promise.race([closed, reader.read()]);
    const next = reader.read();
    const soon = await Promise.race([next, turn()]);
    if (first?.value !== undefined && soon?.done === true) return void sink.end(first.value);
    if (first?.value !== undefined) sink.write(first.value);
    let piece = await Promise.race([closed, next]);
    while (piece?.done === false) {
      const hasRoom = sink.write(piece.value);
      // A body that is there all along would keep the loop from sending it, and so never meet a visitor who is slower.
      const hasTaken = hasRoom ? turn() : new Promise<void>((go) => sink.once("drain", go));
      await Promise.race([closed, hasTaken]);
      piece = await Promise.race([closed, reader.read()]);
    }
    sink.end();
  } catch {
    breakOff(sink);
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Until everything has happened that needs nobody from outside. */
function turn(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(() => resolve(undefined)));
}

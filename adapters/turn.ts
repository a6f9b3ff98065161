/**
 * The answers on a connection go in turn, and a visitor may ask for several at once. Runtimes hold back what is written of an answer whose turn has
 * not come; but not all of them let it break off, and words before its head would land within it.
 */

/** As much of a connection as is used here. */
interface Connection {
  /** What Nitro makes of requests has sockets that are none. */
  setMaxListeners?(most: number): unknown;
  once(event: "close", listener: () => void): unknown;
  removeListener(event: "close", listener: () => void): unknown;
  destroy(): unknown;
  /** Not every runtime's sockets have it, and encrypted ones refuse. */
  resetAndDestroy?(): unknown;
}

/** As much of a response of Node's server as is used here. */
export interface Turned {
  /** `null` before its turn, and after it. */
  readonly socket?: Pick<Connection, "destroy" | "resetAndDestroy"> | null;
  /** What it answers. */
  readonly req?: { readonly socket: Connection; readonly httpVersion?: string };
  /** What HTTP/2 has in the place of a connection for each answer. */
  readonly stream?: unknown;
  once(event: "close" | "socket", listener: () => void): unknown;
  destroy(error?: Error): unknown;
}

/** One before whose head something can be said, as often as one likes. */
export interface Foretold extends Turned {
  setMaxListeners(most: number): unknown;
}

/** Whether there are answers before this one, which is not sent yet, on its connection. */
export function isQueued(outgoing: Turned): boolean {
  return outgoing.socket === null;
}

/** Does something when an answer has its turn, before anything of it is sent. */
export function inTurn(outgoing: Foretold, act: () => void): void {
  if (!isQueued(outgoing)) return act();
  outgoing.setMaxListeners(0);
  outgoing.once("socket", act);
}

/**
 * Ends the connection of an answer of which no more comes, once those before it are sent: half of it must not look like a whole one. A stream of
 * HTTP/2 needs a reason for it, without which it is reset with the code that says that nothing is wrong. HTTP/1.0 has no pieces, so the end of the
 * connection is that of the answer, and only a reset is another end.
 */
export function breakOff(outgoing: Turned): void {
  if (outgoing.stream !== undefined) return void outgoing.destroy(new Error("The answer broke off"));
  if (isQueued(outgoing)) outgoing.once("socket", () => outgoing.socket?.destroy());
  if (outgoing.req?.httpVersion === "1.0") reset(outgoing.socket);
  outgoing.destroy();
}

function reset(socket: Turned["socket"]): void {
  try {
    socket?.resetAndDestroy?.();
  } catch {
    // It is encrypted, or has gone: it is destroyed as any other.
  }
}

/**
 * Tells, once, that nothing of an answer arrives any more. Not every runtime tells one whose turn has not come that its visitor went.
 *
 * @returns What lets nobody be told.
 */
export function onceClosed(outgoing: Turned, tell: () => void): () => void {
  const given = isQueued(outgoing) ? outgoing.req?.socket : undefined;
  const socket = given?.setMaxListeners === undefined ? undefined : given;
  let isOver = false;
  const closed = () => {
    if (isOver) return;
    stop();
    tell();
  };
  const stop = () => {
    isOver = true;
    socket?.removeListener("close", closed);
  };
  outgoing.once("close", closed);
  if (socket !== undefined) {
    socket.setMaxListeners?.(0);
    socket.once("close", closed);
    outgoing.once("socket", () => socket.removeListener("close", closed));
  }
  return stop;
}

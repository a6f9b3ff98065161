/**
 * The answers on a connection go in turn, and a visitor may ask for several at once. Runtimes hold back what is written of an answer whose turn has
 * not come; but not all of them let it break off, and words before its head would land within it.
 */

/** As much of a response of Node's server as is used here. */
export interface Turned {
  /** `null` before its turn. */
  readonly socket?: { destroy(): unknown } | null;
  readonly writableFinished?: boolean;
  once(event: "socket", listener: () => void): unknown;
  destroy(): unknown;
}

/** Whether there are answers before this one on its connection. */
export function isQueued(outgoing: Turned): boolean {
  return outgoing.socket === null && !outgoing.writableFinished;
}

/** Does something when an answer has its turn, before anything of it is sent. */
export function inTurn(outgoing: Turned, act: () => void): void {
  if (isQueued(outgoing)) outgoing.once("socket", act);
  else act();
}

/** Ends the connection of an answer of which no more comes, once those before it are sent: half of it must not look like a whole one. */
export function breakOff(outgoing: Turned): void {
  if (isQueued(outgoing)) outgoing.once("socket", () => outgoing.socket?.destroy());
  outgoing.destroy();
}

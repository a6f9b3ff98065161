import { Buffer } from "node:buffer";
import type { NodeRequest } from "./target.ts";

/**
 * Looks at the beginning of a request's body and leaves all of it to the application, which reads the stream as if nobody had looked.
 *
 * Whatever reads a stream of Node takes from it, and a piece that is put back after the end was told comes too late. So nobody reads here:
 * what the parser pushes into the stream is noted on its way. Only where the stream is full, so that nothing more would come, it is emptied,
 * and what was taken is put back before its end is pushed, or when nobody looks any more.
 */
export class BodyPeek {
  readonly #incoming: NodeRequest;
  /** All that came, from the beginning. */
  #pieces: Uint8Array[] = [];
  /** What was taken out of the stream, and has to be put back. */
  #taken: Uint8Array[] = [];
  #end: "open" | "whole" | "broken" = "open";
  #waiting: (() => void)[] = [];
  #watchers = 0;
  /** Whether something was ever taken, for then the stream says that it was read. */
  #hasTaken = false;
  #stop = () => {};

  constructor(incoming: NodeRequest) {
    this.#incoming = incoming;
  }

  /** Whether somebody else reads, or has read, so that the beginning is gone. */
  get isUsed(): boolean {
    const { readableFlowing, readableEnded, readableDidRead } = this.#incoming;
    // To read by a listener sets the stream going; it is `null` before.
    return typeof readableFlowing === "boolean" || readableEnded || (readableDidRead && !this.#hasTaken);
  }

  /** The body from its beginning. Nothing is looked at before somebody reads, and nothing any more once that is cancelled. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    let at = 0;
    let isWatching = false;
    const leave = () => {
      if (isWatching) this.#leave();
      isWatching = false;
    };
    return new ReadableStream({
      pull: async (controller) => {
        if (!isWatching) this.#watch();
        isWatching = true;
        while (at >= this.#pieces.length && this.#end === "open") await this.#more();
        const piece = this.#pieces[at++];
        // A copy: the application gets the same bytes, and whoever looks must not change them.
        if (piece !== undefined) return controller.enqueue(new Uint8Array(piece));
        leave();
        if (this.#end === "whole") controller.close();
        else controller.error(new Error("The request ended before its body did"));
      },
      cancel: leave,
    }, { highWaterMark: 0 });
  }

  /** Begins to look with what the stream holds already, from which nothing was taken before. */
  #watch(): void {
    if (this.#watchers++ > 0) return;
    const incoming = this.#incoming;
    this.#end = incoming.destroyed ? "broken" : "open";
    this.#pieces = [...this.#take()];
    if (incoming.complete) {
      this.#end = "whole";
      this.#giveBack();
    }
    if (this.#end !== "open") return;
    const own = Object.getOwnPropertyDescriptor(incoming, "push");
    const push = incoming.push;
    incoming.push = (piece: unknown, encoding?: BufferEncoding) => {
      this.#note(piece, encoding);
      return push.call(incoming, piece, encoding);
    };
    const gone = () => this.#ended("broken");
    incoming.once("close", gone);
    this.#stop = () => {
      incoming.removeListener("close", gone);
      if (own === undefined) Reflect.deleteProperty(incoming, "push");
      else Object.defineProperty(incoming, "push", own);
    };
  }

  #leave(): void {
    if (--this.#watchers > 0) return;
    this.#stop();
    this.#stop = () => {};
    this.#giveBack();
    this.#pieces = [];
  }

  #note(piece: unknown, encoding: BufferEncoding | undefined): void {
    if (piece === null) return this.#ended("whole");
    const bytes = typeof piece === "string" ? Buffer.from(piece, encoding) : piece;
    if (bytes instanceof Uint8Array) this.#pieces.push(bytes);
    this.#wake();
  }

  #ended(end: "whole" | "broken"): void {
    if (this.#end === "open") this.#end = end;
    this.#giveBack();
    this.#wake();
  }

  #wake(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Waits until something was pushed. A stream that is full gets nothing more, and one that nobody has asked may not have begun. */
  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      const incoming = this.#incoming;
      if (incoming.readableLength >= incoming.readableHighWaterMark) this.#take();
      incoming.read(0);
    });
  }

  /** Takes all that the stream holds; one read may give a part of it. */
  #take(): readonly Uint8Array[] {
    const taken: Uint8Array[] = [];
    while (this.#incoming.readableLength > 0) {
      const piece: unknown = this.#incoming.read();
      if (!(piece instanceof Uint8Array)) break;
      taken.push(piece);
    }
    this.#hasTaken ||= taken.length > 0;
    this.#taken.push(...taken);
    return taken;
  }

  #giveBack(): void {
    if (this.#taken.length === 0) return;
    this.#incoming.unshift(Buffer.concat(this.#taken.splice(0)));
  }
}

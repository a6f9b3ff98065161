import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { type BodySink, sendBody } from "../../adapters/send-body.ts";
import { breakOff } from "../../adapters/turn.ts";
import { endWith, wholeOf } from "../../adapters/whole-text.ts";
import type { HeaderChange } from "../../src/decision.ts";
import type { AnswerParts } from "../../src/pipeline/held-answer.ts";
import { isAdded } from "../../src/http/header-changes.ts";
import { eachHeader, hopsOf, type RawHeaders, valuesOf } from "./raw-headers.ts";

/** What the framing of an answer says, which we say anew where there is no body. */
const lengthName = "content-length";

/**
 * The headers of the origin as the visitor gets them: in their order and spelling, without what is between neighbours, and with the changes of
 * the gate.
 *
 * @param hasLength Whether a length may be told, which 204 and 304 have none of.
 * @param mayTrail Whether trailers can follow.
 */
export function headersTo(
  raw: RawHeaders,
  changes: readonly HeaderChange[],
  { hasLength, mayTrail }: { readonly hasLength: boolean; readonly mayTrail: boolean },
): string[] {
  const isHop = hopsOf(raw);
  const replaced = changes.length === 0 ? [] : changes.map(([name]) => name).filter((name) => !isAdded(name));
  const sent: string[] = [];
  eachHeader(raw, (name, written, value) => {
    const isLeft = isHop(name) || replaced.includes(name) || (name === lengthName && !hasLength) ||
      (name === "trailer" && !mayTrail);
    if (!isLeft) sent.push(written, value);
  });
  for (const [name, value] of changes) sent.push(name, value);
  return sent;
}

/** Writes the head of an answer. The connection ends after it where `closes`, and goes on where `keeps`, whatever the server makes of the request. */
export function writeHead(
  outgoing: ServerResponse,
  { status, reason, headers, closes, keeps = false }: {
    readonly status: number;
    readonly reason: string;
    readonly headers: string[];
    readonly closes: boolean;
    readonly keeps?: boolean;
  },
): void {
  // What the origin did not say of the time, nobody says.
  outgoing.sendDate = false;
  const connection = closes ? ["Connection", "close"] : keeps ? ["Connection", "keep-alive"] : [];
  outgoing.writeHead(status, reason, [...headers, ...connection]);
}

/** Whether nobody wants a connection to end. Not every runtime tells a response what its visitor said of it. */
export function mayStay(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
  return incoming.httpVersion === "1.1" && outgoing.shouldKeepAlive &&
    !valuesOf(incoming.rawHeaders, "connection").some((value) => /\bclose\b/i.test(value));
}

/**
 * Sends an answer of the gate, or of ours, with its length where that is known. Whoever takes nothing of it for `mostMs` is left. A body that breaks off
 * breaks the connection: half an answer must not look like a whole one.
 */
export async function sendAnswer(
  outgoing: ServerResponse,
  answer: Response | AnswerParts,
  changes: readonly HeaderChange[],
  { isHead, closes, mostMs }: {
    readonly isHead: boolean;
    readonly closes: boolean;
    /** In milliseconds. */
    readonly mostMs: number;
  },
): Promise<void> {
  const { status } = answer;
  const { reason, fields, text, body } = "list" in answer
    ? { reason: "", fields: answer.list, text: answer.content, body: null }
    : { reason: answer.statusText, fields: [...answer.headers], text: null, body: answer.body };
  const isBodiless = status === 204 || status === 304;

  function begin(length: number | undefined): void {
    // What an answer says by itself counts of a body that is not sent; of one that comes in pieces it may be that of another coding.
    const hasLength = length === undefined && status !== 204 && (isHead || status === 304);
    const headers = headersTo(fields.flat(), changes, { hasLength, mayTrail: false });
    if (length !== undefined && !isBodiless) headers.push("Content-Length", `${length}`);
    writeHead(outgoing, { status, reason: reason || (STATUS_CODES[status] ?? ""), headers, closes });
  }

  const sink = new BoundSink(outgoing, mostMs, begin);
  try {
    if (isHead || isBodiless) {
      body?.cancel().catch(() => {});
      // An answer to HEAD has mostly no text, where one to GET has.
      begin(text === null ? undefined : wholeOf(text).length);
      sink.end();
    } else if (body === null) sink.end(wholeOf(text ?? ""));
    else await sendBody(sink, body.getReader());
  } catch {
    breakOff(outgoing);
  }
}

/**
 * Watches a visitor who takes nothing of an answer any more, and so holds a connection that others wait for.
 *
 * @returns What is to be called after each piece, and after the end.
 */
export function watchStandstill(outgoing: ServerResponse, mostMs: number, end: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isHeld = () =>
    !outgoing.destroyed &&
    (outgoing.writableNeedDrain || (outgoing.writableEnded && !outgoing.writableFinished));
  const isOver = () => {
    timer = undefined;
    // What was taken since then is looked for here, once, and not at each of the pieces that go on at once.
    if (isHeld()) end();
  };
  return () => {
    if (!isHeld()) return;
    if (timer !== undefined) return void timer.refresh();
    timer = setTimeout(isOver, mostMs);
    outgoing.once("close", () => clearTimeout(timer));
  };
}

/**
 * A response that begins with its first piece, and does not wait for its visitor for ever. It is of a class: of an object with an accessor of its own engines make a hidden class, which
 * keeps all that the accessor knows until the old part of the heap is collected, and so every answer.
 */
class BoundSink implements BodySink {
  readonly #outgoing: ServerResponse;
  readonly #look: () => void;
  readonly #begin: (length: number | undefined) => void;

  constructor(outgoing: ServerResponse, mostMs: number, begin: (length: number | undefined) => void) {
    this.#outgoing = outgoing;
    this.#begin = begin;
    this.#look = watchStandstill(outgoing, mostMs, () => breakOff(outgoing));
  }

  get req(): ServerResponse["req"] {
    return this.#outgoing.req;
  }

  get socket(): ServerResponse["socket"] {
    return this.#outgoing.socket;
  }

  write(piece: Uint8Array): boolean {
    if (!this.#outgoing.headersSent) this.#begin(undefined);
    const hasRoom = this.#outgoing.write(piece);
    this.#look();
    return hasRoom;
  }

  end(whole: Uint8Array | string = ""): void {
    if (!this.#outgoing.headersSent) this.#begin(whole.length);
    endWith(this.#outgoing, whole);
    this.#look();
  }

  destroy(): void {
    this.#outgoing.destroy();
  }

  once(event: "close" | "drain" | "socket", listener: () => void): void {
    this.#outgoing.once(event, listener);
  }
}

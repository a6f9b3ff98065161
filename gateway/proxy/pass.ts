import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { breakOff, inTurn, onceClosed } from "../../adapters/turn.ts";
import { webHeaders } from "../../adapters/web-headers.ts";
import type { Passage } from "../../src/begun.ts";
import { headersTo, mayStay, sendAnswer, watchStandstill, writeHead } from "./answer.ts";
import type { OriginFault, ProxyOptions } from "./options.ts";
import { endAfterBody, type Pool } from "./pool.ts";
import { eachHeader, hasOddCoding, hopsOf, isFramed, trailersOf, valuesOf } from "./raw-headers.ts";

/** One request on its way to the origin. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Path and query, byte for byte. */
  readonly path: string;
  /** The headers that the origin gets. */
  readonly headers: readonly string[];
  readonly hasBody: boolean;
  /** Whether the visitor waits for a word of the origin before the body is sent. */
  readonly expects: boolean;
  readonly passage: Passage;
}

/** Methods that do no more when they are done twice (RFC 9110, section 9.2.2). */
const repeatable = /^(?:GET|HEAD|OPTIONS|PUT|DELETE)$/;

/** For so long a body may come as it likes, in milliseconds; then so many bytes a millisecond must have come on average. */
const patienceMs = 30_000;
const leastBytesPerMs = 0.1;

/** Why an answer is no proper one whose body is coded for the gateway. */
export const codedForUs = "the body of its answer has a transfer coding that nobody asked for";

/** Hands a request on to the origin, and its answer back. */
export function pass(options: ProxyOptions, pool: Pool, exchange: Exchange): void {
  new Transfer(options, pool, exchange, true);
}

/** One try to hand a request on. */
class Transfer {
  readonly #options: ProxyOptions;
  readonly #pool: Pool;
  readonly #exchange: Exchange;
  readonly #mayRepeat: boolean;
  readonly #method: string;
  readonly #sent: ClientRequest;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #began: number;
  readonly #unwatch: () => void;
  #phase: "asked" | "answered" | "over" = "asked";
  #isUsed = false;
  #isToldToGoOn = false;
  /** Whether the answer has no body, and so nothing of it can be missing. */
  #isWhole = false;

  constructor(options: ProxyOptions, pool: Pool, exchange: Exchange, mayRepeat: boolean) {
    this.#options = options;
    this.#pool = pool;
    this.#exchange = exchange;
    this.#mayRepeat = mayRepeat;
    this.#method = exchange.incoming.method ?? "GET";
    this.#began = options.now();
    const { path, headers } = exchange;
    this.#sent = pool.open({ method: this.#method, path, headers }, mayRepeat ? "kept" : "fresh");
    this.#timer = setTimeout(
      () => this.#late(`nothing came for ${options.answerTimeoutMs} ms`),
      options.answerTimeoutMs,
    );
    this.#unwatch = onceClosed(exchange.outgoing, () => this.#left());
    this.#listen();
    this.#send();
  }

  /** Whether the visitor has not sent all of the body. */
  get #isSending(): boolean {
    return this.#exchange.hasBody && !this.#exchange.incoming.complete;
  }

  /** A body that does not come holds a connection to the origin, whether that has begun to answer or not. */
  #late(why: string): void {
    this.#fail(this.#isSending ? "unsent" : "timeout", why);
    if (this.#isSending) this.#broke();
  }

  #left(): void {
    const isDone = this.#exchange.outgoing.writableFinished && this.#phase === "answered";
    this.#stop();
    if (isDone) return;
    this.#exchange.passage.left();
    this.#sent.destroy();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#unwatch();
    this.#phase = "over";
  }

  #listen(): void {
    const { incoming, outgoing, expects } = this.#exchange;
    const sent = this.#sent;
    const mayHint = incoming.httpVersion === "1.1";
    sent.once("socket", () => {
      this.#isUsed = sent.reusedSocket;
      // Deno would send again by itself what must not be sent twice, by this.
      sent.reusedSocket = false;
    });
    sent.on("error", (error: Error & { readonly code?: string }) => {
      if (this.#phase === "asked") this.#fail(faultOf(error), error.message);
      else if (!this.#isWhole) this.#broke();
    });
    sent.once("close", () => this.#fail("unreachable", "the connection ended without an answer"));
    if (expects && mayHint) {
      sent.on("continue", () => {
        inTurn(outgoing, () => {
          if (this.#phase !== "asked") return;
          this.#isToldToGoOn = true;
          outgoing.writeContinue();
        });
      });
    }
    if (mayHint) {
      sent.on("information", ({ statusCode, rawHeaders }) => {
        if (statusCode !== 103) return;
        inTurn(outgoing, () => this.#phase === "asked" && hint(outgoing, rawHeaders));
      });
    }
    sent.once("response", (response) => {
      if (this.#phase !== "asked") return;
      if (hasOddCoding(response.rawHeaders)) return this.#fail("malformed", codedForUs);
      if (!this.#isSending) clearTimeout(this.#timer);
      this.#phase = "answered";
      const ms = this.#options.now() - this.#began;
      this.#options.onEvent({ is: "answered", status: response.statusCode ?? 0, ms });
      this.#answer(response);
    });
  }

  #send(): void {
    const { incoming, hasBody } = this.#exchange;
    if (!hasBody) return void this.#sent.end();
    const pace = createPace(this.#began);
    sendBody(incoming, this.#sent, (bytes) => {
      this.#timer.refresh();
      if (pace(bytes, this.#options.now())) this.#late("the body came too slowly");
    });
  }

  #fail(fault: OriginFault, why: string): void {
    if (this.#phase !== "asked") return;
    this.#stop();
    this.#sent.destroy();
    const { incoming, outgoing, expects, hasBody, passage } = this.#exchange;
    const isStale = fault === "unreachable" && this.#isUsed && repeatable.test(this.#method) && !hasBody;
    if (isStale && this.#mayRepeat && !outgoing.destroyed) {
      this.#options.onEvent({ is: "retried" });
      new Transfer(this.#options, this.#pool, this.#exchange, false);
      return;
    }
    this.#options.onEvent({ is: "failed", fault, why });
    if (fault === "unsent") passage.left();
    else passage.failed();
    const answer = this.#options.faultAnswer(fault, incoming);
    const changes = passage.finish(answer.status, answer.headers);
    void sendAnswer(outgoing, answer, changes, {
      isHead: this.#method === "HEAD",
      closes: this.#isSending && (fault === "unsent" || expects),
      mostMs: this.#options.answerTimeoutMs,
    });
  }

  readonly #broke = () => {
    if (this.#phase !== "answered") return;
    this.#stop();
    this.#options.onEvent({ is: "broken" });
    breakOff(this.#exchange.outgoing);
    this.#sent.destroy();
  };

  #answer(response: IncomingMessage): void {
    const { incoming, outgoing, expects, passage } = this.#exchange;
    const { statusCode: status = 502, statusMessage: reason = "", rawHeaders } = response;
    const changes = passage.finish(status, () => webHeaders(rawHeaders));
    const hasLength = status !== 204 && status !== 304;
    const carries = hasLength && this.#method !== "HEAD";
    const mayTrail = carries && incoming.httpVersion === "1.1" &&
      valuesOf(rawHeaders, "content-length").length === 0;
    // The rest of a body that the origin did not wait for would be read as the next request.
    const closes = expects && !incoming.complete;
    // Node ends the connection of whoever was not told to go on, though all is here, and with it the answers behind this one.
    const keeps = expects && !closes && !this.#isToldToGoOn && mayStay(incoming, outgoing);
    const broke = () => this.#isWhole || this.#broke();
    response.on("error", broke);
    response.once("aborted", broke);
    response.once("end", () => endAfterBody(this.#sent));
    try {
      const headers = headersTo(rawHeaders, changes, { hasLength, mayTrail });
      writeHead(outgoing, { status, reason, headers, closes, keeps });
    } catch {
      this.#phase = "asked";
      return this.#fail("malformed", "the head of the answer cannot be handed on");
    }
    const look = watchStandstill(outgoing, this.#options.answerTimeoutMs, this.#broke);
    if (!carries) {
      // The answer is whole with its head. What an origin sends behind it all the same is no part of it, and not of the next one either.
      this.#isWhole = true;
      response.resume();
      outgoing.end();
      return look();
    }
    let hasBegun = false;
    const goOn = () => response.resume();
    response.on("data", (piece: Uint8Array) => {
      hasBegun = true;
      // As a pipe would do it, which adds and takes away listeners by the dozen for each answer.
      if (!outgoing.write(piece)) {
        response.pause();
        outgoing.once("drain", goOn);
      }
      look();
    });
    response.once("end", () => {
      if (this.#phase !== "answered") return;
      if (this.#pool.isTorn(this.#sent) && !isFramed(rawHeaders)) return this.#broke();
      // All of it is here: an origin that goes now takes nothing of it away.
      this.#isWhole = true;
      const trailers = mayTrail ? trailersOf(response.rawTrailers) : [];
      if (trailers.length > 0) outgoing.addTrailers(trailers);
      outgoing.end();
      look();
    });
    // A head without a body yet goes alone: somebody may wait for it.
    setImmediate(() =>
      hasBegun || outgoing.destroyed || outgoing.writableEnded || sendHead(outgoing, rawHeaders, reason)
    );
  }
}

/** Sends the body as it comes. What the visitor no longer sends ends the request. */
function sendBody(incoming: IncomingMessage, sent: ClientRequest, moved: (bytes: number) => void): void {
  // The origin may answer it alone.
  sendHead(sent, incoming.rawHeaders);
  incoming.on("data", (piece: Uint8Array) => moved(piece.length));
  // Of a request that has its answer nobody is told that the visitor went; the origin would wait for the rest for ever.
  const cut = () => sent.destroy();
  const { socket } = incoming;
  socket.once("close", cut);
  incoming.once("end", () => {
    socket.removeListener("close", cut);
    const trailers = trailersOf(incoming.rawTrailers);
    if (trailers.length > 0) sent.addTrailers(trailers);
    sent.end();
  });
  incoming.on("error", cut);
  // Whoever reads no answer before all is sent would never get there if nobody took the rest.
  sent.once("close", () => incoming.unpipe(sent).resume());
  incoming.pipe(sent, { end: false });
}

/** Sends a head before there is a body. Heads are Latin-1, which `flushHeaders` does not know; but an empty piece is not the end of a head to Bun. */
function sendHead(message: ClientRequest | ServerResponse, headers: readonly string[], reason = ""): void {
  const isAscii = (text: string) => /^[\t -~]*$/.test(text);
  if (isAscii(reason) && headers.every(isAscii)) message.flushHeaders();
  else message.write("", "latin1");
}

/** Watches how fast a body comes: a body of drops holds a connection for nothing. */
function createPace(began: number): (bytes: number, now: number) => boolean {
  let all = 0;
  return (bytes, now) => {
    all += bytes;
    return now - began > patienceMs && all / (now - began) < leastBytesPerMs;
  };
}

/** Tells what the page is going to need (RFC 8297). */
function hint(outgoing: ServerResponse, raw: readonly string[]): void {
  const hints: Record<string, string | string[]> = {};
  const isHop = hopsOf(raw);
  eachHeader(raw, (name, _, value) => {
    if (!isHop(name) && name !== "content-length") hints[name] = [...[hints[name] ?? []].flat(), value];
  });
  if (hints["link"] === undefined) return;
  try {
    outgoing.writeEarlyHints(hints);
  } catch {
    // It was a hint, and what cannot be written is none.
  }
}

/** What an error of a connection means. */
export function faultOf({ code = "", message }: Error & { readonly code?: string }): OriginFault {
  return code.startsWith("HPE_") || /^Parse Error/.test(message) ? "malformed" : "unreachable";
}

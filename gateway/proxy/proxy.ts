import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { chain } from "../../src/async/maybe-promise.ts";
import type { Passage } from "../../src/begun.ts";
import { parseAddress, spell } from "../../src/url/ip-address.ts";
import { type AnswerParts, partsIn } from "../../src/pipeline/held-answer.ts";
import { sendAnswer } from "./answer.ts";
import { createHeadersFor, type Handing, type HeadersFor, type Visitor } from "./forwarded.ts";
import type { ProxyOptions } from "./options.ts";
import { pass } from "./pass.ts";
import { createPool, type Pool } from "./pool.ts";
import { readTarget, type Refusal, type Target } from "./target.ts";
import { answerOnSocket, passUpgrade } from "./upgrade.ts";

/** A reverse proxy to one origin, as the listeners of a server. */
export interface Proxy {
  /** Takes a request. `expects` where the visitor waits for a word before the body is sent. */
  readonly take: (incoming: IncomingMessage, outgoing: ServerResponse, expects: boolean) => void;
  /** Takes the opening of a WebSocket. */
  readonly upgrade: (incoming: IncomingMessage, socket: Duplex, early: Uint8Array) => void;
  /** The connections of visitors that are WebSockets now. */
  readonly tunnels: ReadonlySet<Duplex>;
  /** Closes the connections to the origin. */
  readonly close: () => void;
}

/** Whether the visitor wants a WebSocket: everything else that a connection could become is not done. */
export function wantsWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers.upgrade?.trim().toLowerCase() === "websocket";
}

/** What the runtime refuses to write ends this request, and not the process with all others. */
const unwritable: Refusal = { status: 400, why: "it cannot be handed on" };

/** What every request needs on its way. */
interface Desk {
  readonly options: ProxyOptions;
  readonly pool: Pool;
  readonly headersFor: HeadersFor;
  readonly tunnels: Set<Duplex>;
  /** Who is at the other end of connections on which somebody asked already. */
  readonly peers: WeakMap<Duplex, Peer>;
}

/** The other end of a connection. */
interface Peer {
  /** Its address; `undefined` where nobody knows it. */
  readonly address: string | undefined;
  readonly isTrusted: boolean;
}

/** Makes the proxy. */
export function createProxy(options: ProxyOptions): Proxy {
  const pool = createPool(options);
  const tunnels = new Set<Duplex>();
  const headersFor = createHeadersFor(options.keepHeaders);
  const desk: Desk = { options, pool, headersFor, tunnels, peers: new WeakMap() };
  return {
    tunnels,
    take: (incoming, outgoing, expects) => take(desk, incoming, outgoing, expects),
    upgrade: (incoming, socket, early) => upgrade(desk, incoming, socket, early),
    close: () => pool.close(),
  };
}

function take(desk: Desk, incoming: IncomingMessage, outgoing: ServerResponse, expects: boolean): void {
  // Whatever goes wrong with a connection is told by its end.
  outgoing.on("error", ignore);
  incoming.on("error", ignore);
  const isHead = incoming.method === "HEAD";
  const mostMs = desk.options.answerTimeoutMs;
  const target = readTarget(incoming);
  const length = incoming.headers["content-length"];
  const isChunked = incoming.headers["transfer-encoding"] !== undefined;
  // Of what is refused nobody knows how long it is.
  const hasBody = isChunked || "status" in target || Number(length ?? 0) > 0;
  if (hasBody) outgoing.once("finish", () => endLateBody(incoming, mostMs));
  if ("status" in target) {
    return void sendAnswer(outgoing, refuse(desk, target), [], { isHead, closes: true, mostMs });
  }
  if (target.path === "*") return answerForAll(outgoing);
  const tellsNothing = !isChunked && length === undefined &&
    /^(?:POST|PUT|PATCH)$/.test(incoming.method ?? "");
  chain(desk.options.door.begin(incoming, outgoing, target), (begun) => {
    const refused = (answer: Response | AnswerParts) =>
      void sendAnswer(outgoing, answer, [], { isHead, closes: expects && !incoming.complete, mostMs });
    const parts = partsIn(begun);
    if (parts !== undefined) return refused(parts);
    if (begun.answer !== undefined) return refused(begun.answer);
    if (outgoing.destroyed) return begun.left();
    try {
      const to = handed(desk, incoming, target, begun, { isChunked, tellsNothing, upgrades: false });
      pass(desk.options, desk.pool, { incoming, outgoing, ...to, hasBody, expects, passage: begun });
    } catch {
      begun.left();
      void sendAnswer(outgoing, refuse(desk, unwritable), [], { isHead, closes: true, mostMs });
    }
  });
}

function upgrade(desk: Desk, incoming: IncomingMessage, socket: Duplex, early: Uint8Array): void {
  // Node has let go of the socket: an error that nobody listens to would end the process.
  socket.on("error", ignore);
  const target = readTarget(incoming);
  if ("status" in target) return void answerOnSocket(socket, refuse(desk, target));
  const { headers } = incoming;
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  if (!wantsWebSocket(incoming) || hasBody) {
    return void answerOnSocket(socket, refuse(desk, { status: 501, why: "only WebSockets are opened" }));
  }
  chain(desk.options.door.begin(incoming, socket, target), (begun) => {
    if (begun.answer !== undefined) return void answerOnSocket(socket, begun.answer);
    if (socket.destroyed) return begun.left();
    const handing = { isChunked: false, tellsNothing: false, upgrades: true };
    const opened = (end: Duplex) => {
      desk.tunnels.add(end);
      end.once("close", () => desk.tunnels.delete(end));
    };
    try {
      const to = handed(desk, incoming, target, begun, handing);
      passUpgrade(desk.options, desk.pool, { incoming, socket, early, ...to, passage: begun }, opened);
    } catch {
      begun.left();
      void answerOnSocket(socket, refuse(desk, unwritable));
    }
  });
}

/** What the origin gets of a request. */
function handed(
  desk: Desk,
  incoming: IncomingMessage,
  { host: asked, path }: Target,
  { ctx }: Passage,
  handing: Omit<Handing, "host">,
): { readonly path: string; readonly headers: readonly string[] } {
  const { options, headersFor } = desk;
  const { address: peer, isTrusted } = peerOf(desk, incoming);
  const host = asked ?? options.origin.host;
  const visitor: Visitor = { peer, address: ctx?.address, isTrusted, host };
  const sentHost = options.host === "visitor" ? host : options.origin.host;
  return { path, headers: headersFor(incoming.rawHeaders, visitor, { host: sentHost, ...handing }) };
}

/** Finds out once for a connection who is at its other end. */
function peerOf({ options, peers }: Desk, { socket }: IncomingMessage): Peer {
  const known = peers.get(socket);
  if (known !== undefined) return known;
  const { remoteAddress } = socket;
  const address = remoteAddress === undefined ? undefined : parseAddress(remoteAddress);
  const peer = {
    address: address === undefined ? undefined : spell(address),
    isTrusted: options.trusts(address),
  };
  peers.set(socket, peer);
  return peer;
}

function refuse({ options }: Desk, refusal: Refusal): Response {
  options.onEvent({ is: "refused", ...refusal });
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return new Response(`This request was refused: ${refusal.why}.\n`, { status: refusal.status, headers });
}

/** What is asked of the server as a whole is answered here: it is no page, and so nobody's place. */
function answerForAll(outgoing: ServerResponse): void {
  outgoing.writeHead(204, { "cache-control": "no-store" }).end();
}

/** Whoever has the answer may send the rest of a body, which nobody waits for, but not for ever: it holds connections, that to the origin too. */
function endLateBody(incoming: IncomingMessage, mostMs: number): void {
  if (incoming.complete) return;
  const { socket } = incoming;
  const timer = setTimeout(() => incoming.complete || socket.destroy(), mostMs);
  const isOver = () => {
    clearTimeout(timer);
    socket.removeListener("close", isOver);
  };
  socket.once("close", isOver);
  incoming.once("end", isOver);
}

function ignore(): void {}

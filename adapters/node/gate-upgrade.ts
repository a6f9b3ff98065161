/**
 * The gate in front of listeners for the event `upgrade`.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { isPromise } from "../../src/async/maybe-promise.ts";
import type { Gate } from "../../src/gate.ts";
import { show } from "../../src/options/check.ts";
import { requestOf } from "./message-request.ts";
import { addToHead, answerOn } from "./raw-answer.ts";
import { upgradeRequest } from "./upgrade-request.ts";

/** A listener for the event `upgrade` of Node's servers. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A listener behind the gate, which also takes what `platform()` made, as its last argument. */
export type GatedUpgradeListener = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  ...platform: readonly unknown[]
) => void;

/**
 * Puts the gate in front of a listener for the event `upgrade`. Node emits it in place of a request, so that
 * `gate.wrap` and the middlewares of frameworks never see a WebSocket that is opened.
 *
 * Whoever is admitted is handed over to the listener with the socket and the first bytes as they came, once, and its
 * answer gets the gate's cookies, whatever library writes it. Whoever is refused gets the gate's answer on the socket,
 * which is then closed: a browser tells its page no more than that the connection failed. An upgrade whose `Host` is
 * none, or whose target is spelled otherwise than the URL that it stands for or begins with `//`, is answered 400: who
 * composes a URL of it would read another page than the gate. While the gate is off, all of them are handed over.
 *
 * @param gate The gate.
 * @param listener Answers the upgrade, with `ws` for instance by `handleUpgrade`.
 * @returns The listener to register with the server. Where you know more of the connection than its socket tells, call it with
 * `platform()` as the last argument.
 * @throws {TypeError} When the listener is no function.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createGate, failOpen } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
 * import { gateUpgrade } from "stanchion/node";
 * import { WebSocketServer } from "ws";
 *
 * const gate = createGate({ plugins: [failOpen(), crowdhandler({ publicKey: "your-public-key" })] });
 * const sockets = new WebSocketServer({ noServer: true });
 * const server = createServer();
 * server.on(
 *   "upgrade",
 *   gateUpgrade(gate, (request, socket, head) => {
 *     sockets.handleUpgrade(request, socket, head, (client) => client.send("welcome"));
 *   }),
 * );
 * ```
 */
export function gateUpgrade(gate: Gate, listener: UpgradeListener): GatedUpgradeListener {
  if (typeof listener !== "function") {
    throw new TypeError(`Cannot gate upgrades: the listener must be a function, received ${show(listener)}`);
  }
  return (incoming, socket, head, ...platform) => {
    const leaving = new AbortController();
    const leave = () => leaving.abort();
    // Node has let go of the socket: an error that nobody listens to would end the process.
    socket.on("error", ignore);
    socket.once("close", leave);
    const request = upgradeRequest(incoming, leaving.signal);
    const switched = switching();
    // There is a context unless the gate is off, and then it is as if it were not there.
    const said = request === undefined
      ? gate(
        requestOf(incoming, socket, ""),
        (ctx) => ctx === undefined ? switched : unreadable(),
        ...platform,
      )
      : gate(request, () => switched, { incoming }, ...platform);
    if (isPromise(said)) void said.then(decided);
    else decided(said);

    function decided(answer: Response): void {
      if (answer !== switched) return refuse(answer);
      socket.removeListener("close", leave);
      if (socket.destroyed) return;
      addToHead(socket, switched.headers);
      try {
        listener(incoming, socket, head);
      } finally {
        socket.removeListener("error", ignore);
      }
    }

    function refuse(answer: Response): void {
      socket.removeListener("close", leave);
      void answerOn(socket, answer, incoming);
    }
  };
}

/**
 * Puts the gate in front of all listeners for the event `upgrade` of a server, those that libraries register themselves
 * included, before or after this call: `new WebSocketServer({ server })`, Socket.IO, adapters of frameworks. It replaces
 * the server's `emit` by one that asks the gate first; where you register the listener yourself,
 * {@linkcode gateUpgrade} does with less. Call it once for a server.
 *
 * @param gate The gate.
 * @param server The server, of `node:http` or `node:https`.
 * @throws {TypeError} When the server emits no events.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createGate, failOpen } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
 * import { gateUpgradesOf } from "stanchion/node";
 * import { WebSocketServer } from "ws";
 *
 * const gate = createGate({ plugins: [failOpen(), crowdhandler({ publicKey: "your-public-key" })] });
 * const server = createServer();
 * gateUpgradesOf(gate, server);
 * new WebSocketServer({ server }).on("connection", (client) => client.send("welcome"));
 * ```
 */
export function gateUpgradesOf(gate: Gate, server: EventEmitter): void {
  if (typeof server?.emit !== "function") {
    throw new TypeError(`Cannot gate upgrades: the server must be one of Node, received ${show(server)}`);
  }
  const emit = server.emit.bind(server);
  const listener = gateUpgrade(gate, (...upgrade) => void emit("upgrade", ...upgrade));
  server.emit = (event, ...args) => {
    if (event !== "upgrade") return emit(event, ...args);
    // What Node's servers emit under that name.
    listener(...args as Parameters<GatedUpgradeListener>);
    return true;
  };
}

/** Stands for the application's answer to an upgrade. `Response` makes none of that status, but the gate knows it. */
function switching(): Response {
  return Object.defineProperty(new Response(null), "status", { value: 101 });
}

/** RFC 9112, section 3.2: the answer to a request whose host is none. */
function unreadable(): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return new Response("This request was refused.\n", { status: 400, headers });
}

function ignore(): void {}

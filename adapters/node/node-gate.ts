/**
 * The gate in front of listeners and middlewares of Node's own server.
 *
 * @module
 */

import { isPromise } from "../../src/async/maybe-promise.ts";
import type { Gate } from "../../src/gate.ts";
import { type StanchionVisit, Visit } from "../visit.ts";
import type { NodeResponse } from "./change-head.ts";
import { checkNodeGate, enter, visitIn } from "./enter.ts";
import type { NodeRequest } from "./target.ts";

/** A middleware of Express, Connect and NestJS, which also takes what `platform()` made, as its last argument. */
export type NodeMiddleware = (
  incoming: NodeRequest,
  outgoing: NodeResponse,
  next: () => unknown,
  ...platform: readonly unknown[]
) => void;

/** What of a request and a reply of Fastify is used here. */
export interface FastifyMessage<T> {
  /** The message of Node's server. */
  readonly raw: T;
}

/** A hook of Fastify for `onRequest`. */
export type FastifyGate = (
  request: FastifyMessage<NodeRequest>,
  reply: FastifyMessage<NodeResponse> & {
    hijack(): unknown;
    getHeaders?(): Readonly<Record<string, unknown>>;
  },
  done: () => void,
) => void;

/** A middleware of Koa. */
export type KoaGate = (
  ctx: {
    readonly req: NodeRequest;
    readonly res: NodeResponse;
    readonly originalUrl?: string;
    respond?: boolean;
  },
  next: () => Promise<unknown>,
) => Promise<void>;

/**
 * Makes a middleware for servers of Node that hand on `(request, response, next)`: Express, Connect, NestJS on Express, and a listener of
 * `node:http` or the compatible interface of `node:http2`. Put it before everything that answers. Whoever is refused is answered at once; for
 * everybody else the application runs, and the gate's headers are put into the head when that is written, whatever writes it. What plugins
 * read of the body stays in the stream for the application.
 *
 * Headers that were set before stay on the gate's own answers; where both set the same one, the gate's counts. Behind a mounted path the gate
 * sees the whole URL, by `originalUrl`. A gate that is met twice by a request runs once.
 *
 * @param gate The gate.
 * @returns The middleware.
 * @throws {TypeError} When it is handed no gate.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createGate, failOpen } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
 * import { nodeGate } from "stanchion/node";
 *
 * const gate = createGate({ plugins: [failOpen(), crowdhandler({ publicKey: "your-public-key" })] });
 * const gated = nodeGate(gate); // Express: app.use(nodeGate(gate))
 * const server = createServer((incoming, outgoing) => {
 *   gated(incoming, outgoing, () => outgoing.end("Welcome"));
 * });
 * ```
 */
export function nodeGate(gate: Gate): NodeMiddleware {
  checkNodeGate(gate);
  return (incoming, outgoing, next, ...platform) => {
    enter(gate, incoming, outgoing, [incoming, ...platform], (passage) => {
      if (passage === undefined) return void next();
      try {
        const result = next();
        if (isPromise(result)) void result.then(undefined, failed);
      } catch (error) {
        failed(error);
      }

      /** The error is nobody's but the application's, and goes on as without a gate. */
      function failed(error: unknown): never {
        passage?.failed();
        throw error;
      }
    }, (send) => void send());
  };
}

/**
 * Makes a hook of Fastify for `onRequest`, which runs before a body is parsed. Add it to the root instance, so that it counts for all routes,
 * those of plugins and unknown ones included. NestJS on Fastify takes it by its adapter's instance. What hooks before it set, such as the headers
 * of CORS, stays on the gate's own answers.
 *
 * @param gate The gate.
 * @returns The hook.
 * @throws {TypeError} When it is handed no gate.
 *
 * @example
 * ```ts
 * import { createGate, failOpen } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
 * import { type FastifyGate, fastifyGate } from "stanchion/node";
 *
 * const gate = createGate({ plugins: [failOpen(), crowdhandler({ publicKey: "your-public-key" })] });
 *
 * export function protect(app: { addHook(name: "onRequest", hook: FastifyGate): unknown }) {
 *   app.addHook("onRequest", fastifyGate(gate));
 * }
 * ```
 */
export function fastifyGate(gate: Gate): FastifyGate {
  checkNodeGate(gate);
  return (request, reply, done) => {
    enter(gate, request.raw, reply.raw, [request.raw], () => done(), (send) => {
      // Fastify leaves the rest to us, and with it what hooks before this one set, which it keeps by itself until it answers.
      reply.hijack();
      setAll(reply.raw, reply.getHeaders?.() ?? {});
      void send();
    });
  };
}

function setAll(outgoing: NodeResponse, headers: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      // Node takes numbers and lists too, and refuses what is neither.
      if (value !== undefined) outgoing.setHeader(name, value as string);
    } catch {
      // Somebody has answered, or it is none that can be sent.
    }
  }
}

/**
 * Makes a middleware of Koa. Put it first. Behind a mounted path the gate sees the whole URL, by `ctx.originalUrl`. Errors of the application go on to Koa as they are.
 *
 * @param gate The gate.
 * @returns The middleware.
 * @throws {TypeError} When it is handed no gate.
 *
 * @example
 * ```ts
 * import { createGate, failOpen } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
 * import { type KoaGate, koaGate } from "stanchion/node";
 *
 * const gate = createGate({ plugins: [failOpen(), crowdhandler({ publicKey: "your-public-key" })] });
 *
 * export function protect(app: { use(middleware: KoaGate): unknown }) {
 *   app.use(koaGate(gate));
 * }
 * ```
 */
export function koaGate(gate: Gate): KoaGate {
  checkNodeGate(gate);
  return (ctx, next) =>
    new Promise((resolve, reject) => {
      enter(gate, ctx.req, ctx.res, [ctx.req], (passage) => {
        next().then(() => resolve(), (error: unknown) => {
          passage?.failed();
          reject(error);
        });
      }, (send) => {
        // Koa would answer 404 in our place.
        ctx.respond = false;
        void send().then(resolve);
      }, ctx.originalUrl);
    });
}

/**
 * Tells handlers what the gate found out about a request and decided.
 *
 * @param incoming The request of Node's server: `request` in Express, `request.raw` in Fastify, `ctx.req` in Koa.
 * @returns The visit; `undefined` for a request that met no gate.
 *
 * @example
 * ```ts
 * import type { IncomingMessage } from "node:http";
 * import { visitOf } from "stanchion/node";
 *
 * export function nameOf(incoming: IncomingMessage): string {
 *   return visitOf(incoming)?.visitor ?? "stranger";
 * }
 * ```
 */
export function visitOf(incoming: NodeRequest): StanchionVisit | undefined {
  const visit = visitIn(incoming);
  return visit instanceof Visit ? visit : undefined;
}

/**
 * The gate as a Hono middleware.
 *
 * @module
 */

import type { Context } from "hono";
import type { Gate } from "../../src/gate.ts";
import { applyChanges } from "../../src/http/header-changes.ts";
import { SaidPlatform } from "../../src/pipeline/said-platform.ts";
import { Visit } from "../visit.ts";

/** Hono's `MiddlewareHandler` that sets {@linkcode StanchionVariables}. */
export type HonoGate = (typeof import("./types.ts"))["gateMiddleware"];

/**
 * Makes a Hono middleware of a gate, for all routes or for some. Whoever is refused is answered at once; for everybody
 * else the handlers run, and find in `c.get("stanchion")` what the gate knows.
 *
 * What handlers throw goes to Hono's `onError` and is no failure of the gate. Headers that earlier middlewares set, such
 * as those of `cors()`, stay on the gate's own answers; where both set the same one, the gate's counts. Register it on
 * the app that sees the whole URL: an app behind `mount()` sees a part of it, and visitors would return to a wrong
 * address. A gate that is registered twice for a route runs once.
 *
 * What `platform()` made is found where it was handed to the app: as the bindings (`app.fetch(request, platform({ … }))`), or
 * as `platform` or `server` among them.
 *
 * @param gate The gate.
 * @returns The middleware.
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { clientIp, cookieTokens, createGate, failOpen } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
 * import { honoGate } from "stanchion/hono";
 *
 * const gate = createGate({
 *   plugins: [clientIp(), cookieTokens(), failOpen(), crowdhandler({ publicKey: "your-public-key" })],
 * });
 * const app = new Hono()
 *   .get("/about", (c) => c.text("Open to everybody"))
 *   .use("/tickets/*", honoGate(gate))
 *   .get("/tickets/:id", (c) => c.text(`Welcome, ${c.get("stanchion").address ?? "stranger"}`));
 *
 * export default app;
 * ```
 */
export function honoGate(gate: Gate): HonoGate {
  return async function stanchion(c, next): Promise<Response | void> {
    if (Visit.hasPassed(gate, c.get("stanchion"))) return await next();
    // Where the server does not resolve dot segments, Hono has routed by them, and the gate would look at another page.
    if (dotted.test(c.req.raw.url)) return c.text("This request was refused.\n", 400);
    const answer = await gate(
      c.req.raw,
      async (ctx, decision) => {
        c.set("stanchion", new Visit(ctx, decision, gate));
        await next();
        return pageOf(c);
      },
      serverOf(c.env),
      new Execution(c),
    );
    if (answer === pageOf(c)) return;
    // Hono would merge the two, by which our cookies were lost and an earlier `Cache-Control` won.
    const response = answer === undefined || c.finalized ? answer : onto(c.res.headers, answer);
    c.res = undefined;
    c.res = response;
    return response;
  };
}

/** A path with `.` or `..` as one of its segments, or with backslashes, as nobody sends it who parses URLs. */
const dotted = /^[^?#]*(?:\/(?:\.|%2e){1,2}(?:[/?#]|$)|\\)/i;

/** What the handlers answered. Asking for a response that is not there yet would make an empty one. */
function pageOf(c: Context): Response | undefined {
  return c.finalized ? c.res : undefined;
}

/** The gate's own answer with what earlier middlewares put on the response. */
function onto(earlier: Headers, answer: Response): Response {
  // Those of the gate are gone through once for each cookie.
  const headers = applyChanges(new Headers(earlier), answer.headers);
  const { body, status, statusText } = answer;
  return new Response(body, { status, statusText, headers });
}

/** What the server handed over beside the request, which some put under a name of its own. */
function serverOf(env: unknown): unknown {
  if (typeof env !== "object" || env === null || !("server" in env)) return env;
  if ("platform" in env && SaidPlatform.is(env.platform)) return env;
  const { server } = env;
  return typeof server === "object" && server !== null ? server : env;
}

/**
 * The execution context, of which Hono throws when it is asked where there is none: it is asked only when needed. It is of a class, as an object with
 * accessors of its own would keep the whole request until the old part of the heap is collected.
 */
class Execution {
  readonly #c: Context;

  constructor(c: Context) {
    this.#c = c;
  }

  get platform(): Context["executionCtx"] | undefined {
    try {
      return this.#c.executionCtx;
    } catch {
      return undefined;
    }
  }

  get waitUntil(): ((promise: Promise<unknown>) => void) | undefined {
    const { platform } = this;
    return platform?.waitUntil && ((promise) => platform.waitUntil(promise));
  }

  get passThroughOnException(): (() => void) | undefined {
    const { platform } = this;
    return platform?.passThroughOnException && (() => platform.passThroughOnException());
  }
}

/**
 * Lets CORS preflights bypass the gate.
 *
 * @module
 */

import type { Context } from "../src/context.ts";
import type { Helper } from "../src/plugin.ts";

/**
 * Lets CORS preflights bypass the gate: browsers send them without cookies and follow no redirect, so one that is queued
 * breaks the call that it asks about. Put it first.
 *
 * A preflight is an OPTIONS request with `Origin` and `Access-Control-Request-Method`. One that carries cookies, an
 * authorisation or a body, that asks for another protocol by `Upgrade`, or that a browser opens in a tab, is none, and is
 * protected as every other request.
 *
 * Protocol: https://fetch.spec.whatwg.org/#cors-preflight-fetch
 *
 * @returns The plugin.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen, preflight, staticFiles } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
 *
 * const gate = createGate({
 *   plugins: [
 *     preflight(),
 *     staticFiles({ roots: ["/assets"] }),
 *     cookieTokens(),
 *     failOpen(),
 *     crowdhandler({ publicKey: "your-public-key" }),
 *   ],
 * });
 * ```
 */
export function preflight(): Helper {
  return {
    name: "preflight",
    match(ctx) {
      if (!isPreflight(ctx)) return true;
      ctx.note?.("a CORS preflight");
      return false;
    },
  };
}

function isPreflight({ request }: Context): boolean {
  // Some platforms make an object of the headers when they are asked for.
  if (request.method !== "OPTIONS") return false;
  const { headers } = request;
  if (!headers.get("origin")) return false;
  const asked = headers.get("access-control-request-method");
  if (asked === null || !/^[!#$%&'*+.^_`|~\w-]+$/.test(asked)) return false;
  if ((headers.get("sec-fetch-mode") ?? "cors") !== "cors") return false;
  // Where a handler upgrades, a server may do so whatever the method is.
  return !headers.has("upgrade") && !headers.has("cookie") && !headers.has("authorization") &&
    !headers.has("transfer-encoding") &&
    (headers.get("content-length") ?? "0") === "0";
}

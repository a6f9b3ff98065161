/**
 * The gate as a middleware of React Router.
 *
 * @module
 */

import type { Gate } from "../../src/gate.ts";
import { checkBoolean, checkFunction, checkRules } from "../../src/options/check.ts";
import { checkFrameworkGate } from "../check-gate.ts";
import { callOf, headersFor, leaveOf } from "../router-call.ts";

/** As much of what React Router hands to a middleware as is used here. */
export interface ReactRouterArgs {
  /** The request, whose URL is that of the data where the router in the browser asks for some. */
  readonly request: Request;
  /** The URL of the page. */
  readonly url: URL;
}

/** A middleware of a route on the server. */
export type ReactRouterMiddleware<A extends ReactRouterArgs = ReactRouterArgs> = (
  args: A,
  next: () => Promise<Response>,
) => Promise<Response>;

/** The options of {@linkcode reactRouterGate}. */
export interface ReactRouterGateOptions<A extends ReactRouterArgs = ReactRouterArgs> {
  /**
   * Whether pages are prerendered, as `process.env.IS_RR_BUILD_REQUEST === "yes"` says it. Then the gate is not asked, because nobody visits them.
   *
   * @default {false}
   */
  readonly building?: boolean;
  /**
   * Gives what the gate is told of the connection, such as `platform()` makes, of the arguments of the middleware.
   *
   * @default {nothing is known}
   */
  readonly platformOf?: (args: A) => unknown;
}

/**
 * Makes a middleware of a gate. Put it first in `middleware` of the root route. React Router calls middlewares for its routes only: a room of
 * `waitingRoom()` needs one for its addresses, such as `route("*", "not-found.tsx")`.
 *
 * Data requests of the router in the browser and its forms count as the page that they belong to. Where the visitor has to wait, they are answered
 * with a redirect that the browser follows by opening the page anew.
 *
 * React Router does not tell the address of the visitor. Hand over what your own server knows by `platformOf`, or let a proxy in front write it.
 *
 * @param gate The gate.
 * @param options What React Router does not tell.
 * @returns The middleware.
 * @throws {TypeError} When it is handed no gate, or an option has the wrong shape.
 *
 * @example
 * ```ts
 * // app/root.tsx
 * import { clientIp, createGate, failClosed } from "stanchion";
 * import { reactRouterGate } from "stanchion/react-router";
 * import { waitingRoom } from "stanchion/waiting-room";
 *
 * const gate = createGate({
 *   publicHosts: ["shop.example.com"],
 *   plugins: [clientIp({ trustedProxies: 1 }), failClosed(), waitingRoom({ match: { path: "/tickets" }, admitPerMinute: 60 })],
 * });
 *
 * // In a server of Node: { building: process.env.IS_RR_BUILD_REQUEST === "yes" }
 * export const middleware = [reactRouterGate(gate, { building: false })];
 * ```
 */
export function reactRouterGate<A extends ReactRouterArgs = ReactRouterArgs>(
  gate: Gate,
  options: ReactRouterGateOptions<A> = {},
): ReactRouterMiddleware<A> {
  checkFrameworkGate("React Router", gate);
  checkRules("gate of React Router", options, { building: checkBoolean, platformOf: checkFunction });
  const { building = false, platformOf = () => undefined } = options;
  return async (args, next) => {
    if (building) return await next();
    const { request, url } = args;
    if (!isCall(request.url)) return await gate(request, () => next(), platformOf(args));
    let isServed = false;
    const answer = await gate(callOf(request, url.href), () => {
      isServed = true;
      return next();
    }, platformOf(args));
    const leave = isServed ? undefined : await leaveOf(answer);
    if (leave === undefined) return answer;
    const words = { location: leave.location, "x-remix-reload-document": "true" };
    return new Response(null, { status: 302, headers: headersFor(answer, words) });
  };
}

/** Whether data are asked for: React Router looks at the end of the path. */
function isCall(url: string): boolean {
  return new URL(url).pathname.endsWith(".data");
}

/**
 * The gate as the `proxy.ts` of Next.js.
 *
 * @module
 */

import type { HeaderChange } from "../../src/decision.ts";
import type { Gate } from "../../src/gate.ts";
import { applyChanges } from "../../src/http/header-changes.ts";
import { isHostField } from "../../src/url/public-hosts.ts";
import { originOf } from "../../src/url/origin.ts";
import { checkFrameworkGate } from "../check-gate.ts";
import { callOf, leaveOf, nextActionRedirect, viewOf } from "../router-call.ts";

/** The function that `proxy.ts` exports under the name `proxy`. */
export type NextProxy = (request: Request, event?: unknown) => Promise<Response>;

/**
 * Makes the function of a `proxy.ts` (before version 16 `middleware.ts`) of a gate.
 *
 * Next hands over pages only, data requests of its router among them; the router opens the page itself where it is answered with none. A server action of a
 * visitor who has to wait is answered in the router's own words: the browser leaves for the room.
 *
 * Next does not tell the address of the visitor, nor what the page answers: let a proxy in front write the address, and read it by `clientIp()`; the status
 * of every visit counts as 200, and the time that the application takes as none. Its URL names the server and not the site, so the host is that
 * of `Host`, or of `publicHosts`. Pages on which the gate sets a cookie are stored nowhere, as Next says it of every page that is made for
 * one visitor.
 *
 * @param gate The gate.
 * @returns The function to export.
 * @throws {TypeError} When it is handed no gate.
 *
 * @example
 * ```ts
 * // proxy.ts
 * import { clientIp, createGate, failClosed } from "stanchion";
 * import { nextGate } from "stanchion/next";
 * import { waitingRoom } from "stanchion/waiting-room";
 *
 * const gate = createGate({
 *   publicHosts: ["shop.example.com"],
 *   plugins: [clientIp({ trustedProxies: 1 }), failClosed(), waitingRoom({ match: { path: "/tickets" }, admitPerMinute: 60 })],
 * });
 *
 * export const proxy = nextGate(gate);
 *
 * export const config = { matcher: "/((?!_next/static|_next/image|favicon.ico).*)" };
 * ```
 */
export function nextGate(gate: Gate): NextProxy {
  checkFrameworkGate("Next.js", gate);
  return async (request, event) => {
    const url = urlOf(request);
    if (url === undefined) return refused();
    const isAction = request.method === "POST" && request.headers.has("next-action");
    const begun = await gate.begin(isAction ? callOf(request, url) : viewOf(request, { url }), event);
    if (begun.answer === undefined) return goOn(begun.finish(200, noHeaders));
    const { answer } = begun;
    const leave = isAction ? await leaveOf(answer) : undefined;
    return leave === undefined ? absolute(answer, request.url) : nextActionRedirect(answer, leave);
  };
}

/** Next fails with a redirect that has no host, and takes off again the one that it knows itself by. */
function absolute(answer: Response, own: string): Response {
  const location = answer.headers.get("location");
  if (location === null || URL.canParse(location) || !URL.canParse(location, own)) return answer;
  const headers = new Headers(answer.headers);
  headers.set("location", new URL(location, own).href);
  return new Response(answer.body, { status: answer.status, headers });
}

/** The URL with the host that the visitor named; `undefined` where it names none. */
function urlOf({ url, headers }: Request): string | undefined {
  const host = headers.get("host");
  if (host === null) return url;
  const origin = `${url.slice(0, url.indexOf("//"))}//${host}`;
  return isHostField(host) && URL.canParse(origin) ? origin + url.slice(originOf(url).length) : undefined;
}

/** RFC 9112, section 3.2: the answer to a request whose host is none. */
function refused(): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return new Response("This request was refused.\n", { status: 400, headers });
}

/** Lets Next answer, as `NextResponse.next()` does. What is set here replaces what the page says. */
function goOn(changes: readonly HeaderChange[]): Response {
  const headers = applyChanges(new Headers({ "x-middleware-next": "1" }), changes);
  // The page may be a file that every cache keeps, or forbid what the gate would allow.
  const isOwn = changes.some(([name]) => name === "set-cookie" || name === "cache-control");
  if (isOwn) headers.set("cache-control", "private, no-cache, no-store, max-age=0, must-revalidate");
  return new Response(null, { headers });
}

function noHeaders(): Headers {
  return new Headers();
}

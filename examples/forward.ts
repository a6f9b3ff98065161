/**
 * Forwards requests to another server, for `examples/reverse-proxy.ts`.
 *
 * What visitors could claim about themselves in headers is removed: the origin hears it from this proxy alone. A method
 * that is claimed within the request, in a field of a form or in a parameter such as `_method`, arrives as it was sent.
 *
 * @module
 */

import { isClaim } from "./claimed-headers.ts";

/** What is between two neighbours and never handed on (RFC 9110, 7.6.1). */
const hopByHop =
  "connection keep-alive http2-settings proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade";
/** What `fetch` writes itself. */
const framing = "host content-length expect accept-encoding";
const patienceMs = 30_000;

/** Makes a function that forwards to one origin and to no other, whatever a request says. */
export function forwardTo(origin: string): (request: Request, address: string) => Promise<Response> {
  return async (request, address) => {
    const { method, headers, body } = request;
    // Two lengths that disagree are how requests are smuggled; whoever sends both gets no chance.
    if (headers.has("transfer-encoding") && headers.has("content-length")) return say(400, "Bad request");
    if (headers.has("upgrade")) return say(501, "Not implemented");
    if (/^(?:CONNECT|TRACE|TRACK)$/i.test(method)) return say(405, "Method not allowed");
    const { host, protocol, pathname, search } = new URL(request.url);
    const sent = without(headers, `${hopByHop} ${framing}`);
    for (const name of [...sent.keys()]) if (isClaim(name)) sent.delete(name);
    sent.set("x-forwarded-for", address);
    sent.set("x-forwarded-host", host);
    sent.set("x-forwarded-proto", protocol.slice(0, -1));
    sent.set("x-real-ip", address);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), patienceMs);
    const signal = AbortSignal.any([request.signal, late.signal]);
    try {
      // Put together as text: resolved, a path such as `//evil.example` would be another host.
      const url = origin + pathname + search;
      // The body is handed on as it arrives, in a framing that `fetch` makes anew.
      const stream = body === null ? {} : { body, duplex: "half" };
      return answer(
        await fetch(url, { method, headers: sent, redirect: "manual", signal, ...stream }),
        origin,
      );
    } catch {
      return late.signal.aborted ? say(504, "No answer in time") : say(502, "The site cannot be reached");
    } finally {
      // What came in time may take its time to arrive.
      clearTimeout(timer);
    }
  };
}

function answer({ status, statusText, headers, body }: Response, origin: string): Response {
  const kept = without(headers, hopByHop);
  // `fetch` asks for what it can decompress, and has done so.
  if (kept.has("content-encoding")) {
    ["content-encoding", "content-length"].forEach((name) => kept.delete(name));
  }
  const location = kept.get("location");
  if (location?.startsWith(`${origin}/`)) kept.set("location", location.slice(origin.length));
  return new Response(body, { status, statusText, headers: kept });
}

/** A copy without the named headers and those that `Connection` names. */
function without(headers: Headers, names: string): Headers {
  const kept = new Headers(headers);
  const more = headers.get("connection")?.split(/[\s,]+/) ?? [];
  for (const name of [...names.split(" "), ...more]) if (/^[\w-]+$/.test(name)) kept.delete(name);
  return kept;
}

function say(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { "cache-control": "no-store" } });
}

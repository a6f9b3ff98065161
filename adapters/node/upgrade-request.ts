import type { IncomingMessage } from "node:http";
import { webHeaders } from "../web-headers.ts";
import { targetOf } from "./target.ts";

/**
 * Makes the request of an upgrade: its method, its URL and its headers, pair by pair; it has no body.
 *
 * @returns The request, or `undefined` where there is none: the `Host` is missing, doubled or no host, or programs read
 * the target in several ways. The application reads it as it was sent, as a text or as a URL that it composes of it, so the gate must
 * not decide by another.
 */
export function upgradeRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = "GET" } = incoming;
  try {
    const headers = webHeaders(incoming.rawHeaders);
    const url = urlOf(incoming, headers.get("host") ?? "");
    return url === undefined ? undefined : new Request(url, { method, headers, signal });
  } catch {
    // No method or no header that a request can have: what cannot be read is turned down.
    return undefined;
  }
}

function urlOf(incoming: IncomingMessage, host: string): string | undefined {
  const { url: sent = "" } = incoming;
  const target = targetOf(incoming, sent, host);
  if (target === undefined) return undefined;
  const { origin, path } = target;
  const { pathname, search } = new URL(origin + path);
  const composed = new URL(sent, origin);
  const isOne = composed.pathname === pathname && composed.search === search;
  return isOne && pathname === path.split("?", 1)[0] ? origin + path : undefined;
}

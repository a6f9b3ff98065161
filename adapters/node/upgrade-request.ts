import type { IncomingMessage } from "node:http";

/** A host as it stands in a URL, and nothing that would reach out of its place there. */
const hostPattern = /^(?:(?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/i;

/**
 * The two forms of a target (RFC 9112, section 3.2): with scheme and host before the path, or the path alone. Node's lenient
 * parser lets more through than visible ASCII, which some drop and some encode.
 */
const targetPattern = /^(?:(?:http|ws)s?:\/\/([^/?#]*))?((?:\/|$|(?=\?))[!"$-~]*)$/i;

/**
 * Makes the request of an upgrade: its method, its URL and its headers, pair by pair; it has no body.
 *
 * @returns The request, or `undefined` where there is none: the `Host` is missing, doubled or no host, or programs read
 * the target in several ways. The application reads it as it was sent, as a text or as a URL that it composes of it, so the gate must
 * not decide by another.
 */
export function upgradeRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = "GET", rawHeaders } = incoming;
  try {
    const headers = new Headers();
    for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
      headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
    }
    const url = urlOf(incoming, headers.get("host") ?? "");
    return url === undefined ? undefined : new Request(url, { method, headers, signal });
  } catch {
    // No method or no header that a request can have: what cannot be read is turned down.
    return undefined;
  }
}

function urlOf({ url: target = "", socket }: IncomingMessage, host: string): string | undefined {
  const [, named, rest] = targetPattern.exec(target) ?? [];
  if (rest === undefined || (named === undefined && !rest.startsWith("/"))) return undefined;
  const authority = named ?? host;
  if (!hostPattern.test(host) || !hostPattern.test(authority)) return undefined;
  const [path = ""] = rest.split("?", 1);
  const scheme = "encrypted" in socket && socket.encrypted === true ? "https" : "http";
  const origin = `${scheme}://${authority}`;
  const url = `${origin}${path === "" ? `/${rest}` : rest}`;
  if (!URL.canParse(url) || !URL.canParse(target, origin)) return undefined;
  const { pathname, search, host: place } = new URL(url);
  // What most listeners read: of `//x/live`, the host `x` and the path `/live`.
  const composed = new URL(target, origin);
  const isOne = composed.pathname === pathname && composed.search === search &&
    (named !== undefined || composed.host === place);
  return isOne && pathname === (path || "/") ? url : undefined;
}

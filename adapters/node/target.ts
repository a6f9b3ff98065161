/** The URL of a request of Node's server, which hands over target and `Host` as they were sent. */

import type { Http2ServerRequest } from "node:http2";
import type { IncomingMessage } from "node:http";
import { isPlainHost } from "../../src/url/plain-host.ts";

/** A request of Node's own servers. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** A host as it stands in a URL, and nothing that would reach out of its place there. */
const hostPattern = /^(?:(?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/i;

/**
 * The two forms of a target (RFC 9112, section 3.2): with scheme and host before the path, or the path alone. Node's lenient
 * parser lets more through than visible ASCII, which some drop and some encode.
 */
const targetPattern = /^(?:(?:http|ws)s?:\/\/([^/?#]*))?((?:\/|$|(?=\?))[!"$-~]*)$/i;

/** A target and where it was asked for, of which a URL can be put together. */
export interface Target {
  /** `http://` or `https://` with the host. */
  readonly origin: string;
  /** Path and query, byte for byte. */
  readonly path: string;
}

/**
 * Reads the target of a request and its host.
 *
 * @param target The target, as the server hands it over.
 * @param host What `Host` says, several lines joined.
 * @returns `undefined` where there is no host, or none, or where programs would read another host out of the target, or out of `Host`.
 */
export function targetOf(incoming: NodeRequest, target: string, host: string): Target | undefined {
  const [, named, rest] = targetPattern.exec(target) ?? [];
  if (rest === undefined || (named === undefined && !rest.startsWith("/"))) return undefined;
  // What most programs read: of `//x/live`, the host `x` and the path `/live`, be that another host or the same.
  if (named === undefined && /^\/[/\\]/.test(rest)) return undefined;
  const authority = named ?? host;
  const { socket } = incoming;
  const scheme = "encrypted" in socket && socket.encrypted === true ? "https" : "http";
  const origin = `${scheme}://${authority}`;
  if (authority !== host || !isPlainHost(host)) {
    if (!hostPattern.test(host) || !hostPattern.test(authority)) return undefined;
    if (!URL.canParse(origin) || !URL.canParse(target, origin)) return undefined;
  }
  // The target's host counts (RFC 9112, section 3.2.2), but most applications read `Host`.
  if (named !== undefined && !isSameHost(origin, `${scheme}://${host}`)) return undefined;
  return { origin, path: rest.startsWith("/") ? rest : `/${rest}` };
}

function isSameHost(origin: string, other: string): boolean {
  return URL.canParse(other) && new URL(origin).host === new URL(other).host;
}

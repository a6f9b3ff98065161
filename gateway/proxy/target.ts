import type { IncomingMessage } from "node:http";
import { isPlainHost } from "../../src/url/plain-host.ts";
import { valuesOf } from "./raw-headers.ts";

/** What a request asks for, and where. */
export interface Target {
  /** The host as it was sent; `undefined` where HTTP/1.0 names none. */
  readonly host: string | undefined;
  /** Path and query, byte for byte. */
  readonly path: string;
}

/** Why a request is not taken: it is answered with this status, and its connection is closed. */
export interface Refusal {
  readonly status: 400 | 405 | 413 | 431 | 501;
  readonly why: string;
}

/** A host as it stands in a URL, and nothing that would reach out of its place there. */
const hostPattern = /^(?:(?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/i;

/** The forms of a target (RFC 9112, section 3.2) that name a page: with scheme and host before the path, or the path alone. */
const targetPattern = /^(?:(?:http|ws)s?:\/\/([^/?#]*))?((?:\/|$|(?=\?))[!"$-~]*)$/i;

/** More headers are no browser's. */
const mostHeaders = 200;

/**
 * Looks at the head of a request. Node's parser has refused what is no HTTP; here is refused what servers read in several ways, so that nobody
 * behind sees another request than the gate.
 */
export function readTarget(
  { method = "", url = "", rawHeaders, httpVersion }: IncomingMessage,
): Target | Refusal {
  if (/^(?:CONNECT|TRACE|TRACK)$/i.test(method)) return { status: 405, why: "the method is never handed on" };
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return { status: 400, why: "the version is unknown" };
  if (rawHeaders.length > 2 * mostHeaders) {
    return { status: 431, why: `there are more than ${mostHeaders} headers` };
  }
  return framingFault(rawHeaders, httpVersion) ?? targetOf(method, url, rawHeaders, httpVersion);
}

/** What could be read as another length than we read, which is how requests are smuggled (RFC 9112, section 6.3). */
function framingFault(rawHeaders: readonly string[], httpVersion: string): Refusal | undefined {
  const lengths = valuesOf(rawHeaders, "content-length");
  const encodings = valuesOf(rawHeaders, "transfer-encoding");
  if (lengths.length + encodings.length > 1) return { status: 400, why: "the length is told twice" };
  const [length] = lengths;
  if (length !== undefined && !/^[0-9]{1,15}$/.test(length)) {
    return { status: 400, why: "the length is no number" };
  }
  const [encoding] = encodings;
  if (encoding === undefined) return undefined;
  if (encoding.toLowerCase() !== "chunked") return { status: 501, why: "the encoding is not chunked" };
  return httpVersion === "1.0" ? { status: 400, why: "HTTP/1.0 has no encoding" } : undefined;
}

function targetOf(
  method: string,
  url: string,
  rawHeaders: readonly string[],
  httpVersion: string,
): Target | Refusal {
  const hosts = valuesOf(rawHeaders, "host");
  const [host] = hosts;
  const isOne = hosts.length === 1 || (hosts.length === 0 && httpVersion === "1.0");
  if (!isOne || (host !== undefined && !isHost(host))) return { status: 400, why: "Host is not one host" };
  if (url === "*" && method === "OPTIONS") return { host, path: "*" };
  const [, named, rest] = targetPattern.exec(url) ?? [];
  const isPath = rest !== undefined && (named !== undefined || rest.startsWith("/"));
  // `//x/y` is a path for some and another host for others.
  if (!isPath || (named === undefined && rest.startsWith("//"))) {
    return { status: 400, why: "the target is no path" };
  }
  if (named !== undefined && !isHost(named)) return { status: 400, why: "the target names no host" };
  return { host: named ?? host, path: rest.startsWith("/") ? rest : `/${rest}` };
}

function isHost(host: string): boolean {
  if (host.length > 300) return false;
  return isPlainHost(host) || (hostPattern.test(host) && URL.canParse(`http://${host}`));
}

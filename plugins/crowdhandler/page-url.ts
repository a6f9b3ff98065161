import { isToken } from "./values.ts";
import type { PublicHost } from "../../src/url/public-hosts.ts";

/** The page that a visitor asked for, without the parameters that CrowdHandler adds to URLs. */
export interface PageUrl {
  /** The absolute return URL: accepted host, path and query, without the six reserved parameters. */
  readonly url: string;
  /** The query part of `url` with its question mark, or nothing. */
  readonly query: string;
  /** The host part of `url`, in canonical form. */
  readonly host: string;
  /** A well-formed token from the URL. */
  readonly token: string | undefined;
  /** The visitor's priority code. */
  readonly code: string | undefined;
  /** The signature of a fresh link, percent-decoded, whatever it is. */
  readonly signature: string | undefined;
  /** The time of a fresh link, percent-decoded, whatever it is. */
  readonly requested: string | undefined;
  /** Whether the page was reached by a clean redirect with the loop guard. */
  readonly fresh: boolean;
}

const reserved: ReadonlySet<string> = new Set([
  "ch-code",
  "ch-fresh",
  "ch-id",
  "ch-id-signature",
  "ch-public-key",
  "ch-requested",
]);
/** A code that is longer in its encoded form is none. */
const maxCode = 256;

/**
 * Reads the page from the request's URL, keeping every byte of the query but the reserved parameters. The query
 * begins at the first `?`; names are compared on the raw text, whatever their case.
 *
 * @param publicHostOf Tells what stands before the path, from what stands there in the request's URL.
 */
export function readPageUrl(requestUrl: string, publicHostOf: (base: string) => PublicHost): PageUrl {
  const authority = requestUrl.indexOf("//") + 2;
  let end = authority;
  while (end < requestUrl.length && !isEnd(requestUrl.charCodeAt(end))) end++;
  const { origin, host } = publicHostOf(requestUrl.slice(0, end));
  const hash = requestUrl.indexOf("#", end);
  const raw = asciiOnly(requestUrl.slice(end, hash === -1 ? undefined : hash));
  const mark = raw.indexOf("?");
  const path = (mark === -1 ? raw : raw.slice(0, mark)) || "/";
  // A query that is or becomes empty disappears with its question mark.
  if (mark === -1 || mark === raw.length - 1) return plainPage(origin, path, "", host);
  if (!/[?&]ch-/i.test(raw)) return plainPage(origin, path, raw.slice(mark), host);
  const kept: string[] = [];
  const found: { -readonly [K in keyof PageUrl]?: PageUrl[K] } = {};
  for (const pair of raw.slice(mark + 1).split("&")) {
    const equals = pair.indexOf("=");
    const name = (equals === -1 ? pair : pair.slice(0, equals)).toLowerCase();
    if (!reserved.has(name)) {
      kept.push(pair);
      continue;
    }
    const value = decoded(equals === -1 ? "" : pair.slice(equals + 1));
    switch (name) {
      case "ch-id":
        if (found.token === undefined && isToken(value)) found.token = value;
        break;
      case "ch-code":
        if (found.code === undefined && isCode(value)) found.code = value;
        break;
      case "ch-id-signature":
        found.signature ??= value;
        break;
      case "ch-requested":
        found.requested ??= value;
        break;
      case "ch-fresh":
        found.fresh = true;
        break;
    }
  }
  const rest = kept.join("&");
  const query = rest === "" ? "" : `?${rest}`;
  return { ...plainPage(origin, path, query, host), ...found };
}

function isEnd(code: number): boolean {
  return code === 47 /* / */ || code === 63 /* ? */ || code === 35 /* # */;
}

/** A page whose URL has none of the parameters. Spelled out, because engines copy properties slowly. */
function plainPage(origin: string, path: string, query: string, host: string): PageUrl {
  return {
    url: origin + path + query,
    query,
    host,
    token: undefined,
    code: undefined,
    signature: undefined,
    requested: undefined,
    fresh: false,
  };
}

function isCode(value: string): boolean {
  // A code is compared by the service; control characters are none of it.
  return value !== "" && value !== "undefined" && value !== "null" && !/\p{Cc}/u.test(value) &&
    encodeURIComponent(value).length <= maxCode;
}

function decoded(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** Encodes what only occurs when a server hands over a decoded URL. */
function asciiOnly(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, (part) => encodeURIComponent(part.toWellFormed()));
}

/**
 * Decodes the percent-escapes of a path where they can be decoded, so that no spelling of a path escapes its room.
 */
export function decodedPath(path: string): string {
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

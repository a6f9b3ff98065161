import { isToken } from "./values.ts";
import { originOf } from "../../src/url/origin.ts";
import { readPublicHost } from "../../src/url/public-hosts.ts";
import { canonicalUrl } from "../../src/url/readings.ts";

/** The page that a visitor asked for, without the parameters that CrowdHandler adds to URLs. */
export interface PageUrl {
  /** The absolute return URL: accepted host, path and query, without the six reserved parameters. */
  readonly url: string;
  /** The path and query of `url`. */
  readonly text: string;
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

/** The parameters that CrowdHandler adds to URLs. */
export const reservedParameters: readonly string[] = [
  "ch-code",
  "ch-fresh",
  "ch-id",
  "ch-id-signature",
  "ch-public-key",
  "ch-requested",
];
const reserved: ReadonlySet<string> = new Set(reservedParameters);
/** A code that is longer in its encoded form is none. */
const maxCode = 256;

/**
 * Reads the page from a URL, keeping every byte of the query but the reserved parameters. The query begins at the first
 * `?`; names are compared on the raw text, whatever their case.
 *
 * @param url An absolute URL whose scheme and host are in canonical form.
 */
export function readPageUrl(url: string): PageUrl {
  const authority = url.indexOf("//") + 2;
  let end = authority;
  while (end < url.length && !isEnd(url.charCodeAt(end))) end++;
  const origin = url.slice(0, end);
  const host = url.slice(authority, end);
  const hash = url.indexOf("#", end);
  const raw = asciiOnly(url.slice(end, hash === -1 ? undefined : hash));
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
    text: path + query,
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

/** Encodes what only occurs when a server hands over a decoded URL, or in the pattern of a room. */
export function asciiOnly(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, (part) => encodeURIComponent(part.toWellFormed()));
}

/**
 * The paths with query, without the reserved parameters, by which a page may be known to the application: the canonical one
 * first.
 *
 * @param readings All readings of the page's URL.
 */
export function textsOf({ url, text }: PageUrl, readings: readonly string[]): readonly string[] {
  if (readings.length === 1) return [text];
  const canonical = canonicalUrl(url).slice(url.length - text.length);
  return [...new Set([canonical, ...readings.map((reading) => readPageUrl(reading).text), text])];
}

/** Gives a page an address that the service takes, where nobody vouches for the host that the visitor named: by https. */
export function withUnvouchedHost(url: string): string {
  const own = originOf(url);
  const host = own.slice(own.indexOf("//") + 2);
  const { origin } = readPublicHost(host) ?? { origin: "https://localhost" };
  return origin + url.slice(own.length);
}

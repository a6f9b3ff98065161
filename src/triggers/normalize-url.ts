/**
 * The normalisation that integrations ask for with `IsNormalizationEnabled`.
 *
 * @module
 */

/**
 * Brings a URL into the form against which integrations with `IsNormalizationEnabled` are matched: slashes instead
 * of backslashes and none of them twice, percent-encoding only where it is needed and in upper case, no dot segments,
 * `+` for encoded blanks in the query. The case of the host and default ports are left alone.
 *
 * It follows the default pipeline of the Queue-it connectors, version 5, to the letter: a text that cannot be
 * percent-encoded code unit by code unit (a lone surrogate, and also any pair of them) is returned as it is. The time
 * it takes grows with the length of the URL and no faster.
 *
 * @param url A URL, or any other text; `null` counts as empty.
 * @returns The normalised URL; `undefined` for `undefined`.
 *
 * @example
 * ```ts
 * import { normalizeUrl } from "stanchion/triggers";
 *
 * normalizeUrl("https://shop.test//a/./b/../event%31?x=a%20b"); // "https://shop.test/a/event1?x=a+b"
 * ```
 */
export function normalizeUrl(url: string | null): string;
/**
 * Leaves `undefined` as it is.
 *
 * @param url No URL.
 * @returns `undefined`.
 */
export function normalizeUrl(url: undefined): undefined;
export function normalizeUrl(url: string | null | undefined): string | undefined {
  if (url === undefined) return undefined;
  const text = (url ?? "").trim();
  if (surrogate.test(text)) return url ?? "";
  return withPluses(withoutDotSegments(
    text.replaceAll("\\", "/")
      .replace(/:?\/{2,}/g, (run) => run.startsWith(":") ? "://" : "/")
      .replace(/%[0-9A-Fa-f]{2}/g, decodedIfUnreserved)
      .replace(/[^A-Za-z0-9\-._~:/?#%[\]@!$&'()*+,;=]/g, encodeURIComponent)
      .replace(/%[0-9a-f]{2}/g, (octet) => octet.toUpperCase()),
  ));
}

const surrogate = /[\ud800-\udfff]/;

const unreserved = /[A-Za-z0-9\-._~]/;

function decodedIfUnreserved(octet: string): string {
  const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16));
  return unreserved.test(character) ? character : octet;
}

/** Applies RFC 3986, 5.2.4, to the path and to nothing else. */
function withoutDotSegments(url: string): string {
  const rest = url.search(/[?#]/);
  const main = rest === -1 ? url : url.slice(0, rest);
  const tail = rest === -1 ? "" : url.slice(rest);
  const start = pathStart(main);
  const path = start === main.length && start > 0 ? "/" : main.slice(start);
  return main.slice(0, start) + mergeDots(path) + tail;
}

/** Where the path begins: behind `http(s)://authority` or behind a bare host, otherwise at once. */
function pathStart(main: string): number {
  const origin = /^https?:\/\/[^/]+/.exec(main);
  if (origin !== null) return origin[0].length;
  const slash = main.indexOf("/");
  const end = slash === -1 ? main.length : slash;
  const dot = main.indexOf(".", 1);
  return dot !== -1 && dot < end - 1 ? end : 0;
}

function mergeDots(path: string): string {
  let at = 0;
  for (;;) {
    if (path.startsWith("../", at)) at += 3;
    else if (path.startsWith("./", at)) at += 2;
    else break;
  }
  const segments = path.slice(at).split("/");
  // What stands before the first slash; a lone dot or two mean nothing.
  const head = segments[0] ?? "";
  if (segments.length === 1) return head === "." || head === ".." ? "" : head;
  const kept = [head];
  for (let index = 1; index < segments.length; index++) {
    const segment = segments[index] ?? "";
    const dots = segment === "." || segment === "..";
    if (segment === "..") kept.pop();
    if (!dots) kept.push(`/${segment}`);
    else if (index === segments.length - 1) kept.push("/");
  }
  return kept.join("");
}

function withPluses(url: string): string {
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query) + url.slice(query).replaceAll("%20", "+");
}

/**
 * The forms in which programs behind the gate may know one URL.
 *
 * A router may decode escapes before it compares, resolve dot segments or not, take `\` for `/`, merge slashes, drop what
 * follows `;`, or serve a page with and without a slash at its end. Which of them the application does is not known, so
 * what protects holds by any of these forms, and what exempts only by all.
 */

import { pagesOfData, pathsOfData } from "./data-pages.ts";
import { withoutPort } from "./host-name.ts";
import { withoutSlash } from "./without-slash.ts";

/**
 * The pattern of a path and query that everybody reads alike: no escapes, no empty or dot segments, no slash at the end, nothing
 * odd.
 */
export const plainTail = "(?:/|(?:/(?!\\.{1,2}(?:[/?#]|$))[\\w.~!$&'()*+,=:@-]+)+)(?:\\?[!\"$&-~]*)?$";
const plain = new RegExp(`^https?://[a-z0-9._-]+${plainTail}`);
/** The same at a port, which some leave out before they compare: it has two readings, and is canonical all the same. */
const plainAtPort = new RegExp(`^https?://[a-z0-9._-]+(?::[0-9]+)?${plainTail}`);

/** Escapes are undone at most so often: who escapes a path more often than proxies decode it reaches nothing. */
const maxRounds = 3;

/**
 * Tells all forms of a URL.
 *
 * @param url An absolute http or https URL, as a server has it.
 * @returns The canonical form first and what was given last, without its fragment; each form once. Nearly always there is one. Where it is
 * the data of a page that is asked for, the page is among them.
 */
export function readingsOf(url: string): readonly string[] {
  if (plain.test(url)) return plainReadings(url);
  const fragment = fragmentOf(url);
  const given = fragment === "" ? url : url.slice(0, -fragment.length);
  // Whoever parses a URL drops these first.
  const forms = formsOf(given.replace(/[\t\n\r]/g, "").trimEnd());
  if (fragment.length > 1) { for (const form of formsOf(readOn(given, fragment))) forms.add(form); }
  // As it was written it comes last: it is compared for those who wrote their rules to the byte.
  forms.delete(given);
  return [...forms, given];
}

/** All forms of a URL that everybody reads alike: itself, behind the page whose data it may be. */
export function plainReadings(url: string): readonly string[] {
  const pages = pagesOfData(url);
  return pages.length === 0 ? [url] : [...pages, url];
}

/** The fragment of a URL with its `#`, or nothing. No browser sends one, but servers hand over what they are sent. */
export function fragmentOf(url: string): string {
  const hash = url.indexOf("#");
  return hash === -1 ? "" : url.slice(hash);
}

/** What a router reads that begins a query at `#`, or continues one. */
function readOn(given: string, fragment: string): string {
  return given + (given.includes("?") ? "&" : "?") + fragment.slice(1).replaceAll("#", "&");
}

function formsOf(given: string): Set<string> {
  const { base, path, query } = divide(given);
  const bare = withoutPort(base);
  const once = decodeAll(path);
  const paths = new Set([
    withoutDots(decodeUnreserved(path)),
    withoutDots(path),
    once,
    withoutDots(once),
    tidy(decodeAll(withoutParameters(path))),
    loosest(path),
    // Some begin a query at the first one.
    loosest(path.split(";", 1)[0] ?? ""),
    path,
  ]);
  for (const one of [...paths]) paths.add(withoutSlash(one));
  for (const one of [...paths]) for (const page of pathsOfData(one)) paths.add(page);
  const queries = new Set([decodeUnreserved(query), decodeAll(query.replaceAll("+", " ")), query]);
  const forms = new Set<string>();
  for (const one of paths) {
    for (const mark of queries) forms.add(base + one + mark);
  }
  if (bare !== base) { for (const form of [...forms]) forms.add(bare + form.slice(base.length)); }
  return forms;
}

/**
 * Gives the canonical form of a URL: escapes of characters that need none decoded, the others in upper case, and dot segments
 * resolved in every spelling.
 *
 * @param url An absolute URL whose scheme and host are canonical.
 * @returns The canonical URL; the same text where it is canonical already.
 */
export function canonicalUrl(url: string): string {
  if (plainAtPort.test(url)) return url;
  const { base, path, query } = divide(url);
  return base + withoutDots(decodeUnreserved(path)) + decodeUnreserved(query);
}

/**
 * Gives the forms that the most obliging of all programs makes of a URL, for a service that compares it by itself: without
 * and, where it has one, with the slash at its end; and decoded only, where that is another.
 *
 * @param url An absolute URL whose scheme and host are canonical.
 * @param ignoreCase Whether the path is wanted in lower case.
 */
export function plainestUrls(url: string, ignoreCase: boolean): readonly string[] {
  const { base, path, query } = divide(url);
  const isPlain = plain.test(url);
  const words = query.includes("%") ? decodeAll(query) : query;
  const loose = isPlain ? path : loosest(path);
  const paths = isPlain ? [path] : [withoutSlash(loose), loose, decodeAll(path)];
  const forms = paths.map((one) => base + lower(one, ignoreCase) + words);
  // Escapes as they are, for patterns that have some, and blanks of the query in the form that forms give them.
  if (path.includes("%")) forms.push(base + lower(path, ignoreCase) + query);
  if (/%20|\+/.test(query)) {
    forms.push(base + lower(withoutSlash(loose), ignoreCase) + words.replaceAll(" ", "+"));
  }
  return [...new Set(forms)];
}

/**
 * Tells whether a path has dot segments that only some programs see: behind an encoded slash, before parameters, or escaped
 * more than once. Nobody asks for a page in that way who does not want two programs to see two pages.
 *
 * @param url A canonical URL.
 */
export function hidesDots(url: string): boolean {
  // Most URLs have none of these anywhere.
  if (!/[%;\\]/.test(url)) return false;
  const { path } = divide(url);
  if (!/[%;\\]/.test(path)) return false;
  let text = path;
  for (let round = 0; round <= maxRounds; round++) {
    if (/(?:^|[/\\])\.{1,2}(?:[/\\;\0]|$)/.test(text)) return true;
    const next = decodeAll(text);
    if (next === text) return false;
    text = next;
  }
  return false;
}

/** Decodes the escapes of characters that need none, RFC 3986 section 2.3, and writes the others in upper case. */
export function decodeUnreserved(text: string): string {
  if (!text.includes("%")) return text;
  return text.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const char = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(char) ? char : escape.toUpperCase();
  });
}

/** A text in lower case, but for the digits of its escapes. */
function lower(text: string, ignoreCase: boolean): string {
  return ignoreCase ? text.toLowerCase().replace(/%[0-9a-f]{2}/g, (escape) => escape.toUpperCase()) : text;
}

/** Decodes every escape that can be decoded; what is no UTF-8 stays. */
export function decodeAll(text: string): string {
  if (!text.includes("%")) return text;
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      // What stands beside an escape that is broken is decoded all the same.
      return escapes.replace(/%[0-7][0-9a-f]/gi, (one) => decodeURIComponent(one));
    }
  });
}

function divide(url: string): { readonly base: string; readonly path: string; readonly query: string } {
  const authority = url.indexOf("//") + 2;
  const rest = url.slice(authority);
  const end = rest.search(/[/?#\\]/);
  const start = end === -1 ? url.length : authority + end;
  const mark = url.indexOf("?", start);
  const path = mark === -1 ? url.slice(start) : url.slice(start, mark);
  return { base: url.slice(0, start), path: path || "/", query: mark === -1 ? "" : url.slice(mark) };
}

/** Resolves dot segments, RFC 3986 section 5.2.4, also those whose dots are escaped. */
function withoutDots(path: string): string {
  if (!/\/(?:\.|%2e)/i.test(path)) return path;
  const kept: string[] = [];
  const segments = path.split("/");
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    const dots = segment.length <= 6 ? segment.replace(/%2e/gi, ".") : segment;
    if (dots === "..") {
      if (kept.length > 1) kept.pop();
      if (isLast) kept.push("");
    } else if (dots === ".") {
      if (isLast) kept.push("");
    } else kept.push(segment);
  }
  return kept.join("/");
}

/** What the most obliging of all programs makes of a path. */
function loosest(path: string): string {
  let text = path;
  for (let round = 0; round < maxRounds; round++) {
    const next = decodeAll(text);
    if (next === text) break;
    text = next;
  }
  return tidy(text);
}

function withoutParameters(path: string): string {
  return path.replace(/;[^/]*/g, "");
}

/** A decoded path in which `\` is a slash, NUL is the end, and there are neither parameters nor doubled slashes. */
function tidy(text: string): string {
  const bare = withoutParameters(text.replaceAll("\\", "/")).split("\0", 1)[0] ?? "";
  const path = withoutDots(bare.replace(/\/{2,}/g, "/")) || "/";
  // In lower case some letters are those of ASCII, such as the sign of Kelvin; in upper case they stay what they are.
  return path.replace(/[^\0-\x7f]+/g, (letters) => letters.toLowerCase());
}

import { decoded } from "./encode.ts";

/** A URL without its tokens, and the first of them. */
export interface TokenInUrl {
  /** The URL without `queueittoken` parameters, every other byte as it was. */
  readonly url: string;
  /** The first token, percent-decoded; `""` if there is none, or if it cannot be decoded. */
  readonly token: string;
}

const name = "queueittoken";

/** Takes the token out of a URL. A URL without one is given back as it is. */
export function takeToken(url: string): TokenInUrl {
  const mark = url.indexOf("?");
  if (mark === -1) return { url, token: "" };
  const hash = url.indexOf("#");
  if (hash !== -1 && hash < mark) return { url, token: "" };
  const end = hash === -1 ? url.length : hash;
  let token: string | undefined;
  let kept = "";
  let separator = "";
  let start = mark + 1;
  // Everything up to here is kept as it stands, and copied in one piece.
  let copied = start;
  while (start <= end) {
    const ampersand = url.indexOf("&", start);
    const next = ampersand === -1 || ampersand > end ? end : ampersand;
    if (isToken(url, start, next)) {
      const value = start + name.length + 1;
      token ??= value <= next ? decoded(url.slice(value, next)) ?? "" : "";
      if (start > copied) {
        kept += separator + url.slice(copied, start - 1);
        separator = "&";
      }
      copied = next + 1;
    }
    start = next + 1;
  }
  if (token === undefined) return { url, token: "" };
  if (copied <= end) kept += separator + url.slice(copied, end);
  return { url: url.slice(0, kept === "" ? mark : mark + 1) + kept + url.slice(end), token };
}

/** Tells whether a pair of the query has the token's name, in whatever case. */
function isToken(url: string, start: number, end: number): boolean {
  // Compared in short first: this is asked of every parameter of every request.
  if ((url.charCodeAt(start) | 32) !== 113 /* q */ || end - start < name.length) return false;
  if (end - start > name.length && url.charCodeAt(start + name.length) !== 61 /* = */) return false;
  return url.slice(start, start + name.length).toLowerCase() === name;
}

import { decoded } from "./encode.ts";

/** A URL without its tokens, and the first of them. */
export interface TokenInUrl {
  /** The URL without `queueittoken` parameters, every other byte as it was. */
  readonly url: string;
  /** The first token, percent-decoded; `""` if there is none, or if it cannot be decoded. */
  readonly token: string;
}

const name = "queueittoken";
/** The parameters that Queue-it adds to URLs. */
export const addedParameters: readonly string[] = [name];

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
    const nameEnd = endOfName(url, start, next);
    if (nameEnd !== -1) {
      token ??= nameEnd < next ? decoded(url.slice(nameEnd + 1, next)) ?? "" : "";
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

/** As {@linkcode takeToken}, and knows a URL without a token that was looked through just before, as a crowd asks for one page. */
export function createTokenTaker(): (url: string) => TokenInUrl {
  let last: TokenInUrl = { url: "", token: "" };
  return (url) => {
    if (url === last.url) return last;
    const taken = takeToken(url);
    if (taken.url === url) last = taken;
    return taken;
  };
}

/** Where the name of a pair ends, if it is the token's, in whatever case and escapes; otherwise -1. */
function endOfName(url: string, start: number, end: number): number {
  let at = start;
  for (let place = 0; place < name.length; place++) {
    let code = at < end ? url.charCodeAt(at++) : 0;
    if (code === 37 /* % */) {
      code = Number.parseInt(url.slice(at, at + 2), 16);
      at += 2;
    }
    // All of them are letters. This is asked of every parameter of every request, and nearly always ends here at once.
    if ((code | 32) !== name.charCodeAt(place)) return -1;
  }
  return at === end || url.charCodeAt(at) === 61 /* = */ ? at : -1;
}

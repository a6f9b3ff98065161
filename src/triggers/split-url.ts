/** The places at which the generic pattern of RFC 3986, appendix B, takes a URL apart. */
export interface UrlParts {
  /** The authority as it stands there, with user info and port; `""` if there is none. */
  readonly host: string;
  /** The path as it stands there; `""` if there is none. */
  readonly path: string;
}

/** Takes a URL, or any other text, apart. It never fails, and it looks at each character once or twice. */
export function splitUrl(url: string): UrlParts {
  // What nearly all are, without a look at each character.
  let at = url.startsWith("https://") ? 6 : 0;
  const colon = at === 0 ? endOf(url, 0, true) : 0;
  if (colon > 0 && url.charCodeAt(colon) === 58 /* : */) at = colon + 1;
  let host = "";
  if (url.charCodeAt(at) === 47 /* / */ && url.charCodeAt(at + 1) === 47) {
    const end = endOf(url, at + 2, false);
    host = url.slice(at + 2, end);
    at = end;
  }
  const mark = url.indexOf("?", at);
  const hash = url.indexOf("#", at);
  const end = mark === -1 || (hash !== -1 && hash < mark) ? hash : mark;
  return { host, path: end === -1 ? url.slice(at) : url.slice(at, end) };
}

/** An authority without user info and port. The brackets of an IPv6 address stay. */
export function hostnameOf(authority: string): string {
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  if (host.startsWith("[")) {
    const bracket = host.indexOf("]");
    return bracket === -1 ? host : host.slice(0, bracket + 1);
  }
  const colon = host.indexOf(":");
  return colon === -1 ? host : host.slice(0, colon);
}

/** The first `/`, `?` or `#` from `at` on, or `:` if asked for, or the end. */
function endOf(url: string, at: number, colon: boolean): number {
  for (; at < url.length; at++) {
    const code = url.charCodeAt(at);
    if (code === 47 || code === 63 || code === 35 || (colon && code === 58)) return at;
  }
  return at;
}

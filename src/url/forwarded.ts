import { type Address, parseAddress } from "./ip-address.ts";

/** How a header tells the addresses through which a request came. */
export interface ForwardedFormat {
  /**
   * The entries from the right, where the nearest proxy writes. What a visitor put at the left is not touched before
   * it is needed, however long or broken it is.
   */
  readonly entries: (value: string) => Iterable<string>;
  /** Parses an entry. */
  readonly parse: (entry: string) => Address | undefined;
}

/** The format of a header, by its name in lower case. */
export function forwardedFormat(header: string): ForwardedFormat {
  switch (header) {
    case "x-forwarded-for":
      return { entries: (value) => fromRight(value, lastComma), parse: parseEntry };
    case "forwarded":
      return { entries: (value) => fromRight(value, lastUnquotedComma), parse: parseElement };
    case "cloudfront-viewer-address":
      return { entries: onlyOne, parse: (entry) => parseUnbracketed(entry) ?? parseEntry(entry) };
    default:
      return { entries: onlyOne, parse: (entry) => parseEntry(entry) ?? parseUnbracketed(entry) };
  }
}

/** Longer entries are garbage; an address with its port, or an element of `Forwarded`, is far shorter. */
const maxEntryLength = 512;

function* fromRight(value: string, commaBefore: (value: string, end: number) => number): Iterable<string> {
  if (value.trim() === "") return;
  for (let end = value.length; end !== -1;) {
    const comma = commaBefore(value, end);
    yield end - comma > maxEntryLength ? "" : value.slice(comma + 1, end).trim();
    end = comma;
  }
}

function onlyOne(value: string): Iterable<string> {
  return [value.trim()];
}

function lastComma(value: string, end: number): number {
  return end === 0 ? -1 : value.lastIndexOf(",", end - 1);
}

/** A comma in a quoted string divides nothing. The string opens with the nearest quote that is not escaped. */
function lastUnquotedComma(value: string, end: number): number {
  for (let at = end - 1; at >= 0; at--) {
    const char = value[at];
    if (char === ",") return at;
    if (char === '"') at = openingQuote(value, at);
  }
  return -1;
}

function openingQuote(value: string, close: number): number {
  for (let at = close - 1; at >= 0; at--) {
    if (value[at] !== '"') continue;
    let slashes = 0;
    while (value[at - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return at;
    at -= slashes;
  }
  return -1;
}

/** An entry of `X-Forwarded-For`, or of a header that has one address: `a`, `a:port`, `[a]`, `[a]:port`. */
function parseEntry(entry: string): Address | undefined {
  if (entry.startsWith("[")) return parseBracketed(entry, /^(?::\d{1,5})?$/);
  const colon = entry.indexOf(":");
  // A single colon divides an IPv4 address from its port; more of them are an IPv6 address without a port.
  if (colon === -1 || colon !== entry.lastIndexOf(":")) return parseAddress(entry);
  return /^\d{1,5}$/.test(entry.slice(colon + 1)) ? parseAddress(entry.slice(0, colon)) : undefined;
}

/**
 * IPv6 with a port and without brackets, `2001:db8::1:46532`, as Amazon CloudFront writes it, and nginx where it is told
 * `$remote_addr:$remote_port`. What may be an address as a whole is one (RFC 5952, section 6), but where the header is known to
 * have a port always.
 */
function parseUnbracketed(entry: string): Address | undefined {
  const colon = entry.lastIndexOf(":");
  const address = entry.slice(0, Math.max(colon, 0));
  return address.includes(":") && /^\d{1,5}$/.test(entry.slice(colon + 1))
    ? parseAddress(address)
    : undefined;
}

/**
 * An element of `Forwarded` by the grammar of RFC 7239, section 4: pairs between semicolons, each name at most once.
 * Blanks around semicolons are accepted. Without `for` there is no address.
 */
function parseElement(element: string): Address | undefined {
  const pair = /[\t ]*(?:([\w!#$%&'*+.^`|~-]+)=(?:([\w!#$%&'*+.^`|~-]+)|"((?:[^"\\]|\\.)*)"))?[\t ]*(;|$)/y;
  const names = new Set<string>();
  let node: string | undefined;
  for (let more = true; more;) {
    const found = pair.exec(element);
    if (found === null) return undefined;
    const [, name, token, quoted, end] = found;
    more = end === ";";
    if (name === undefined) continue;
    const key = name.toLowerCase();
    if (names.has(key)) return undefined;
    names.add(key);
    if (key === "for") node = token ?? quoted?.replace(/\\(.)/g, "$1");
  }
  return node === undefined ? undefined : parseNode(node);
}

/**
 * A node of RFC 7239, section 6: `IPv4` or `[IPv6]`, each with a port that may be obfuscated as `_name`. `unknown` and
 * obfuscated nodes are no addresses.
 */
function parseNode(node: string): Address | undefined {
  if (node.startsWith("[")) return parseBracketed(node, /^(?::(?:\d{1,5}|_[\w.-]+))?$/);
  const [, address, port] = /^([\d.]+)(:.*)?$/.exec(node) ?? [];
  if (address === undefined || (port !== undefined && !/^:(?:\d{1,5}|_[\w.-]+)$/.test(port))) {
    return undefined;
  }
  return parseAddress(address);
}

function parseBracketed(text: string, port: RegExp): Address | undefined {
  const end = text.indexOf("]");
  const inside = text.slice(1, end);
  return end !== -1 && inside.includes(":") && port.test(text.slice(end + 1))
    ? parseAddress(inside)
    : undefined;
}

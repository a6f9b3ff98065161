/** Headers as Node hands them over and takes them: names and values in turns, as they were sent. */

/** Names and values in turns. */
export type RawHeaders = readonly string[];

/** What is between two neighbours and never handed on (RFC 9110, section 7.6.1), and what would begin a framing of its own. */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** What most messages have of a header, and name as what goes no further. */
const nothing: readonly string[] = [];
const none: ReadonlySet<string> = new Set();

/** Goes through the headers: each with its name in lower case, its name as it was sent, and its value. */
export function eachHeader(
  raw: RawHeaders,
  look: (name: string, written: string, value: string) => void,
): void {
  for (let at = 0; at + 1 < raw.length; at += 2) {
    // Both are there, as the length says.
    const written = raw[at] as string;
    look(written.toLowerCase(), written, raw[at + 1] as string);
  }
}

/** All values of a header, whose name is given in lower case. */
export function valuesOf(raw: RawHeaders, wanted: string): readonly string[] {
  const { length } = wanted;
  let values: string[] | undefined;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const written = raw[at] ?? "";
    // Most names are of another length, and need not be written in lower case.
    if (written.length !== length || written.toLowerCase() !== wanted) continue;
    (values ??= []).push(raw[at + 1] ?? "");
  }
  return values ?? nothing;
}

/** Tells whether a header goes no further than to this neighbour. The length is no such thing, whatever `Connection` says: without it the body would be read as the next request. */
export function hopsOf(raw: RawHeaders): (name: string) => boolean {
  let named = none;
  for (const value of valuesOf(raw, "connection")) {
    // What most say names nothing more.
    if (hopByHop.has(value.toLowerCase())) continue;
    const words = value.toLowerCase().split(",").map((word) => word.trim());
    named = new Set([...named, ...words]);
  }
  return named.size === 0 ? isHop : (name) => isHop(name) || (named.has(name) && name !== "content-length");
}

/**
 * Whether the body of an answer is coded for this neighbour in a way that nobody undoes here: what says so goes no further, and the visitor would
 * take the coded bytes for the body (RFC 9112, section 6.1).
 */
export function hasOddCoding(raw: RawHeaders): boolean {
  return valuesOf(raw, "transfer-encoding").some((value) => !/^(?:chunked|identity)$/i.test(value.trim()));
}

/** Whether an answer says where its body ends. That of another one ends with its connection, however that ends. */
export function isFramed(raw: RawHeaders): boolean {
  return valuesOf(raw, "content-length").length > 0 ||
    valuesOf(raw, "transfer-encoding").some((value) => /^chunked$/i.test(value.trim()));
}

function isHop(name: string): boolean {
  return hopByHop.has(name);
}

/** The pairs of trailers that may be handed on: none that would change how the message was read (RFC 9110, section 6.5.1). */
export function trailersOf(raw: RawHeaders): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  const isHop = hopsOf(raw);
  eachHeader(raw, (name, written, value) => {
    if (!isHop(name) && !noTrailer.test(name)) pairs.push([written, value]);
  });
  return pairs;
}

const noTrailer =
  /^(?:age|authorization|cache-control|content-(?:encoding|length|range|type)|cookie|date|expect|expires|forwarded|host|location|max-forwards|pragma|range|retry-after|set-cookie|trailer|vary|x-forwarded-.*)$/;

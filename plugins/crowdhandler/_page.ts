/** The page that a visitor asked for, without the parameters that CrowdHandler adds to URLs. */
export interface Page {
  /** The absolute return URL: accepted host, path and query, without the six reserved parameters. */
  readonly url: string;
  /** The path and query part of `url`. */
  readonly target: string;
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

/** Where a page is, and what a visitor is returned to. */
export interface Place {
  /** `https://host` or, for development, `http://host`. */
  readonly origin: string;
  /** The canonical host. */
  readonly host: string;
}

const wellFormedToken = /^tok[A-Za-z0-9_-]{1,124}$/;
const reserved: ReadonlySet<string> = new Set([
  "ch-code",
  "ch-fresh",
  "ch-id",
  "ch-id-signature",
  "ch-public-key",
  "ch-requested",
]);
/** Longer codes are no codes. */
const maxCode = 128;

/** Tells whether a value from wherever is a token. */
export function isToken(value: unknown): value is string {
  return typeof value === "string" && wellFormedToken.test(value);
}

/**
 * Reads the page from the request's URL, keeping every byte of the query but the reserved parameters. The query
 * begins at the first `?`; names are compared on the raw text, whatever their case.
 */
export function readPage(requestUrl: string, place: Place): Page {
  const hash = requestUrl.indexOf("#");
  const whole = hash === -1 ? requestUrl : requestUrl.slice(0, hash);
  const start = whole.indexOf("/", whole.indexOf("//") + 2);
  const raw = start === -1 ? "/" : asciiOnly(whole.slice(start));
  const mark = raw.indexOf("?");
  const { origin, host } = place;
  if (mark === -1 || !/[?&]ch-/i.test(raw)) {
    // A lone "?" is an empty query, which disappears.
    const target = mark === raw.length - 1 && mark !== -1 ? raw.slice(0, -1) : raw;
    return { ...nothing, url: origin + target, target, host };
  }
  const kept: string[] = [];
  const found: { -readonly [K in keyof Page]?: Page[K] } = {};
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
  const query = kept.join("&");
  const target = query === "" ? raw.slice(0, mark) : `${raw.slice(0, mark)}?${query}`;
  return { ...nothing, ...found, url: origin + target, target, host };
}

const nothing = {
  token: undefined,
  code: undefined,
  signature: undefined,
  requested: undefined,
  fresh: false,
};

function isCode(value: string): boolean {
  // A code is compared by the service; control characters are none of it.
  return value !== "" && value !== "undefined" && value !== "null" && value.length <= maxCode &&
    !/\p{Cc}/u.test(value);
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
 * The path and query for comparison with a room's pattern: percent-escapes of the path are decoded where they can
 * be, so that no spelling of a path escapes its room.
 */
export function comparable(target: string): string {
  const mark = target.indexOf("?");
  const path = mark === -1 ? target : target.slice(0, mark);
  if (!path.includes("%")) return target;
  const plain = path.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
  return mark === -1 ? plain : plain + target.slice(mark);
}

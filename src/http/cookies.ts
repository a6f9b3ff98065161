/**
 * Reading one cookie from a request and writing one for a response.
 *
 * Of several cookies of a name the last is the one that counts here, and values may have quotes and commas in them, such as
 * the plain JSON that deployed integrations write.
 *
 * @module
 */

/** The longest life that browsers grant a cookie, in seconds: 400 days. */
export const longestMaxAgeSeconds: number = 400 * 86_400;

/** The attributes of a cookie, resolved: what is left out is not written. */
export interface CookieAttributes {
  /** The path below which the browser sends the cookie. */
  readonly path: string;
  /** The `Domain`; `""` or left out for the host alone. */
  readonly domain?: string | undefined;
  /** Whether the cookie is sent over encrypted connections only. */
  readonly secure?: boolean | undefined;
  /** Whether the cookie is hidden from scripts. */
  readonly httpOnly?: boolean | undefined;
  /** The `SameSite`; `"omit"` leaves the attribute out. */
  readonly sameSite?: "Lax" | "Strict" | "None" | "omit" | undefined;
  /** Whether the browser keeps it for each site that embeds the page apart. */
  readonly partitioned?: boolean | undefined;
  /** How long the browser keeps it, in seconds. `0` or left out, as long as its session. */
  readonly maxAgeSeconds?: number | undefined;
  /** Until when the browser keeps it, in Unix milliseconds. */
  readonly expiresAtMs?: number | undefined;
}

/**
 * Reads a cookie. Of several with the name the last one counts. Double quotes around the value are taken off, and
 * it is percent-decoded unless it cannot be.
 *
 * The time it takes grows with the header's length and no faster, whatever a visitor sends.
 *
 * @param header The `Cookie` header.
 * @param name The cookie's name, in its exact case.
 * @returns The value, or `undefined` when there is no such cookie.
 *
 * @example
 * ```ts
 * import { readCookie } from "./cookies.ts";
 *
 * readCookie("theme=dark; crowdhandler=tok_7pDi5dRB2nUi", "crowdhandler"); // "tok_7pDi5dRB2nUi"
 * ```
 */
export function readCookie(header: string | null, name: string): string | undefined {
  const value = readRawCookie(header, name);
  return value === undefined ? undefined : decodeCookie(value);
}

/** As {@linkcode readCookie}, without percent-decoding. */
export function readRawCookie(header: string | null, name: string): string | undefined {
  if (header === null || name === "") return undefined;
  // A value may look like a cookie ({"a":"name=b"}), but it never contains a semicolon: what begins a cookie stands
  // at the start of the header or behind one.
  // The search goes forward although the last one counts: engines are many times faster in that direction.
  let start = 0;
  for (let at = header.indexOf(name); at !== -1; at = header.indexOf(name, at + 1)) {
    const before = skipBack(header, at);
    if (before !== 0 && header.charCodeAt(before - 1) !== 59 /* ; */) continue;
    const equals = skip(header, at + name.length);
    if (header.charCodeAt(equals) === 61 /* = */) start = equals + 1;
  }
  return start === 0 ? undefined : valueAt(header, start);
}

const none: readonly string[] = [];

/** How many cookies of one name are looked at, from the last on. */
const maxOfAName = 4;

/**
 * Reads all cookies of a name, which a browser sends when it has them for several scopes: of the host and of its domain, or
 * of several paths. Nothing tells which is which, so whoever can check them tries each.
 *
 * @param header The `Cookie` header.
 * @param name The cookies' name, in its exact case.
 * @returns The values, without percent-decoding: the last one first, four at most.
 */
export function readRawCookies(header: string | null, name: string): readonly string[] {
  const values: string[] = [];
  if (header === null || name === "") return values;
  for (let end = header.length; end > 0 && values.length < maxOfAName;) {
    const semicolon = header.lastIndexOf(";", end - 1);
    const start = skip(header, semicolon + 1);
    end = Math.max(semicolon, 0);
    if (!header.startsWith(name, start)) continue;
    const equals = skip(header, start + name.length);
    if (header.charCodeAt(equals) === 61 /* = */) values.push(valueAt(header, equals + 1));
  }
  return values;
}

/** As {@linkcode readRawCookies}, without the last one, which counts. Nearly every visitor has no others, which takes a search to see. */
export function readOlderCookies(header: string | null, name: string): readonly string[] {
  const first = header === null || name === "" ? -1 : header.indexOf(name);
  if (first === -1 || header?.indexOf(name, first + 1) === -1) return none;
  return readRawCookies(header, name).slice(1);
}

/**
 * Writes a cookie as the value of a `Set-Cookie` header.
 *
 * @param name The cookie's name.
 * @param value The value; it is percent-encoded.
 * @param attributes Its attributes.
 * @returns The value of the header.
 * @throws {Error} When the name, an attribute or their combination is none that a browser accepts: `__Host-` and
 * `__Secure-` names demand attributes, and so do `SameSite=None` and `Partitioned`.
 * @throws {URIError} When the value is no well-formed text.
 *
 * @example
 * ```ts
 * import { writeCookie } from "./cookies.ts";
 *
 * writeCookie("crowdhandler", "tok_7pDi5dRB2nUi", { path: "/", secure: true, httpOnly: true, sameSite: "Lax" });
 * // "crowdhandler=tok_7pDi5dRB2nUi; Path=/; Secure; HttpOnly; SameSite=Lax"
 * ```
 */
export function writeCookie(name: string, value: string, attributes: CookieAttributes): string {
  const { path, domain, secure, httpOnly, sameSite, partitioned, maxAgeSeconds, expiresAtMs } = attributes;
  checkCookie(name, attributes);
  let line = `${name}=${encodeURIComponent(value)}`;
  if (domain) line += `; Domain=${domain}`;
  if (path) line += `; Path=${path}`;
  if (secure) line += "; Secure";
  if (httpOnly) line += "; HttpOnly";
  if (sameSite !== undefined && sameSite !== "omit") line += `; SameSite=${sameSite}`;
  if (partitioned) line += "; Partitioned";
  if (maxAgeSeconds !== undefined && maxAgeSeconds > 0) {
    line += `; Max-Age=${Math.min(Math.ceil(maxAgeSeconds), longestMaxAgeSeconds)}`;
  }
  if (expiresAtMs !== undefined) line += `; Expires=${new Date(expiresAtMs).toUTCString()}`;
  if (!printable.test(line)) throw new Error("A cookie must be printable ASCII text");
  return line;
}

/**
 * Writes the `Set-Cookie` header that makes a browser forget a cookie.
 *
 * @param name The cookie's name.
 * @param attributes Its attributes; path and domain must be those with which it was written.
 * @returns The value of the header.
 * @throws {Error} As {@linkcode writeCookie}.
 *
 * @example
 * ```ts
 * import { forgetCookie } from "./cookies.ts";
 *
 * forgetCookie("crowdhandler", { path: "/", secure: true });
 * // "crowdhandler=; Path=/; Secure; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"
 * ```
 */
export function forgetCookie(name: string, attributes: CookieAttributes): string {
  return `${writeCookie(name, "", { ...attributes, maxAgeSeconds: 0, expiresAtMs: 0 })}; Max-Age=0`;
}

const printable = /^[ -~]*$/;
/** A token of RFC 9110, section 5.6.2. */
const token = /^[\w!#$%&'*.^`|~+-]+$/;

/** What RFC 6265bis, section 4.1, demands of a cookie. */
function checkCookie(name: string, { path, domain, secure, sameSite, partitioned }: CookieAttributes): void {
  if (!token.test(name)) throw new Error(`A cookie's name must be a token, received ${JSON.stringify(name)}`);
  for (const text of [path, domain]) {
    if (text?.includes(";")) {
      throw new Error(`A cookie's path and domain have no semicolon, received ${JSON.stringify(text)}`);
    }
  }
  if (!secure && sameSite === "None") throw new Error("A cookie with SameSite=None must be secure");
  if (!secure && partitioned) throw new Error("A cookie that is partitioned must be secure");
  const prefix = /^__(?:secure|host)-/i.exec(name)?.[0].toLowerCase();
  if (prefix === undefined) return;
  if (!secure) throw new Error(`A cookie whose name begins with ${prefix} must be secure, such as "${name}"`);
  if (prefix === "__host-" && (path !== "/" || domain)) {
    throw new Error(
      `A cookie whose name begins with __Host- has the path "/" and no domain, such as "${name}"`,
    );
  }
}

function valueAt(header: string, from: number): string {
  const semicolon = header.indexOf(";", from);
  let start = skip(header, from);
  let end = semicolon === -1 ? header.length : semicolon;
  while (end > start && isSpace(header.charCodeAt(end - 1))) end--;
  if (end - start > 1 && header.charCodeAt(start) === 34 /* " */ && header.charCodeAt(end - 1) === 34) {
    start++;
    end--;
  }
  return header.slice(start, end);
}

/** Percent-decodes the value of a cookie, unless it cannot be. */
export function decodeCookie(value: string): string {
  if (value.indexOf("%") === -1) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** The first place from `at` on that is no blank. */
function skip(text: string, at: number): number {
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** The place behind the last character before `at` that is no blank. */
function skipBack(text: string, at: number): number {
  while (at > 0 && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9;
}

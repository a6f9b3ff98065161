import type { Context } from "../context.ts";
import { detached } from "../crypto/detached.ts";
import { createMemo } from "../crypto/memo.ts";
import type { HeaderChange } from "../decision.ts";
import { GateError } from "../errors.ts";
import type { CookieDefaults } from "../cookie-options.ts";
import { decodeCookie, readOlderCookies, readRawCookie } from "../http/cookies.ts";
import type { TokenOptions, TokenStore } from "../tokens.ts";
import { type CookieLines, createCookieLines } from "./cookie-lines.ts";
import { type CookieWatch, cookieWatch } from "./cookie-watch.ts";

/** How long a `Set-Cookie` value may be unless something else is said, in bytes. */
export const defaultMaxBytes = 4096;

/** Of longer headers nothing is remembered: engines keep the whole of one for the part that is a token, unless that has memory of its own. */
const maxRemembered = 2048;

/** How many decoded tokens are remembered. */
const memoSize = 4096;

/** What the cookies of all requests share. */
interface Cookies {
  readonly lines: CookieLines;
  readonly maxBytes: number;
  /** Decodes the value of a cookie, and remembers what came out. */
  readonly decode: (raw: string) => string;
  readonly watch: CookieWatch;
}

/** A cookie that the response will set. */
interface Pending {
  readonly name: string;
  /** The token, or `undefined` when the cookie is removed. */
  readonly value: string | undefined;
  readonly changes: readonly HeaderChange[];
}

/** Makes the store that keeps each token of a visitor in a cookie of its own. */
export function cookieStore(
  defaults: CookieDefaults,
  maxBytes: number = defaultMaxBytes,
  warn: (message: string) => void = (message) => console.warn(message),
): (ctx: Context) => TokenStore {
  const decoded = createMemo<string>(memoSize);

  /** A session takes longer to decode than to look up, and the text that comes out is the one that is known. */
  function decode(raw: string): string {
    if (raw.indexOf("%") === -1) return raw;
    const known = decoded.get(raw);
    if (known !== undefined) return known;
    const value = decodeCookie(raw);
    decoded.set(raw, value);
    return value;
  }

  const cookies: Cookies = { lines: createCookieLines(defaults), maxBytes, decode, watch: cookieWatch(warn) };
  return (ctx) => new RequestCookies(ctx, cookies);
}

/** The cookies of one request, and those that its response sets. */
class RequestCookies implements TokenStore {
  readonly #ctx: Context;
  readonly #cookies: Cookies;
  #pending: Pending[] | undefined;

  constructor(ctx: Context, cookies: Cookies) {
    this.#ctx = ctx;
    this.#cookies = cookies;
  }

  read(name: string): string | undefined {
    const written = this.#pending?.find((entry) => entry.name === name);
    if (written !== undefined) return written.value;
    const { decode, maxBytes } = this.#cookies;
    const header = this.#ctx.cookieHeader;
    const raw = readRawCookie(header, name);
    if (raw === undefined || raw === "") return undefined;
    const value = header.length <= maxRemembered ? decode(raw) : decodeAlone(raw);
    if (value.length <= maxBytes) return value;
    this.#ctx.note?.(`the cookie "${name}" is too long and counts as absent`);
    return undefined;
  }

  others(name: string): readonly string[] {
    if (this.#pending?.some((entry) => entry.name === name)) return [];
    const { cookieHeader } = this.#ctx;
    const others = readOlderCookies(cookieHeader, name);
    if (others.length === 0) return others;
    const { maxBytes } = this.#cookies;
    const decode = cookieHeader.length <= maxRemembered ? decodeCookie : decodeAlone;
    return others.map(decode).filter((value) => value !== "" && value.length <= maxBytes);
  }

  write(name: string, value: string, options: TokenOptions = none): void {
    const { lines, maxBytes, watch } = this.#cookies;
    if (value === "") throw new GateError("internal", `The token "${name}" is empty; remove it instead`);
    const line = lineOf(name, () => lines.write(name, value, options));
    // The line is ASCII: its length is its number of bytes.
    if (line.length > maxBytes) {
      throw new GateError(
        "internal",
        `The cookie "${name}" would have ${line.length} bytes, ${maxBytes} are allowed`,
      );
    }
    watch(this.#ctx, line);
    const older = this.#linesBefore(name, options);
    const setting: HeaderChange = ["set-cookie", line];
    this.#put(name, value, older === undefined ? [setting] : [...older, setting]);
  }

  remove(name: string, options: TokenOptions = none): void {
    const { lines } = this.#cookies;
    const isOne = readOlderCookies(this.#ctx.cookieHeader, name).length === 0;
    const write = () => isOne ? lines.forget(name, options) : lines.forgetAll(name, options);
    this.#put(name, undefined, lineOf(name, write));
  }

  headers(): readonly HeaderChange[] | undefined {
    const pending = this.#pending;
    return pending?.length === 1 ? pending[0]?.changes : pending?.flatMap((entry) => entry.changes);
  }

  /** What is to be forgotten along with a token that is written: an older cookie of the host beside one of the domain. */
  #linesBefore(name: string, options: TokenOptions): readonly HeaderChange[] | undefined {
    const all = this.#cookies.lines.forgetAll(name, options);
    return all.length > 1 && readOlderCookies(this.#ctx.cookieHeader, name).length > 0
      ? all.slice(1)
      : undefined;
  }

  #put(name: string, value: string | undefined, changes: readonly HeaderChange[]): void {
    const entry: Pending = { name, value, changes };
    if (this.#pending === undefined) {
      this.#pending = [entry];
      return;
    }
    const earlier = this.#pending.findIndex(({ name }) => name === entry.name);
    if (earlier !== -1) this.#pending.splice(earlier, 1);
    this.#pending.push(entry);
  }
}

const none: TokenOptions = {};

/** Decodes the value of a cookie into memory of its own, wherever that says the same: whoever remembers it remembers no more than that. */
function decodeAlone(raw: string): string {
  const value = decodeCookie(raw);
  // What was put together from escapes has it.
  if (value !== raw) return value;
  const alone = detached(raw);
  return alone === raw ? alone : raw;
}

/** What cannot be written is the provider's mistake. The cause may quote the token: it is left out. */
function lineOf<T>(name: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    const detail = cause instanceof URIError
      ? "The token is no well-formed text"
      : cause instanceof Error
      ? cause.message
      : "unknown cause";
    throw new GateError("internal", `The cookie "${name}" cannot be written: ${detail}`);
  }
}

/**
 * Keeps each visitor token in a cookie of its own.
 *
 * @module
 */

import { type CookieOptions, resolveCookie } from "../http/cookie-options.ts";
import { checkNumber } from "../options/check.ts";
import { type Context, type ContextKey, contextKey } from "../context.ts";
import { decodeCookie, readRawCookie } from "../http/cookies.ts";
import { GateError } from "../errors.ts";
import type { HeaderChange } from "../decision.ts";
import type { Helper } from "../plugin.ts";
import { createCookieLines } from "./cookie-lines.ts";
import { createMemo } from "../crypto/memo.ts";
import { type TokenPlace, type TokenStore, tokenStore } from "./store.ts";

/** The options of {@linkcode cookieTokens}. What a provider states about a token goes before them. */
export interface CookieTokensOptions extends CookieOptions {
  /**
   * How long a `Set-Cookie` value may be, name and attributes included, in bytes. Writing a longer one is a
   * fault; a cookie of a visitor whose token alone is longer counts as absent.
   *
   * @default {4096}
   */
  readonly maxBytes?: number;
}

/** Longer headers are not remembered: engines may keep the whole of one for the part that is a token. */
const maxRemembered = 2048;

/** A cookie that the response will set. */
interface Pending {
  readonly name: string;
  /** The token, or `undefined` when the cookie is removed. */
  readonly value: string | undefined;
  readonly change: HeaderChange;
}

/**
 * Keeps each visitor token in a cookie: on the host alone, encrypted connections only, hidden from scripts, for the
 * browser's session.
 *
 * A token is written whole or not at all. A browser would take the half of one for a token of its own.
 *
 * @param options How the cookies are written.
 * @returns The plugin. It fills the slot {@linkcode tokenStore}.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value, such as `sameSite: "None"` with `secure: false`.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen } from "@stanchion/stanchion";
 * import { crowdhandler } from "@stanchion/stanchion/crowdhandler";
 *
 * const gate = createGate({
 *   plugins: [
 *     cookieTokens({ domain: "example.com", maxAgeSeconds: 86_400 }),
 *     failOpen(),
 *     crowdhandler({ publicKey: "your-public-key" }),
 *   ],
 * });
 * ```
 */
export function cookieTokens(options: CookieTokensOptions = {}): Helper {
  const subject = "cookie-tokens plugin";
  const defaults = resolveCookie(subject, options, "", ["maxBytes"]);
  const { maxBytes = 4096 } = options;
  checkNumber(subject, "maxBytes", maxBytes, 1, 65_536);
  const lines = createCookieLines(defaults);
  const decoded = createMemo<string>(4096);
  const slot: ContextKey<Pending[]> = contextKey("pending cookies");

  /** A session takes longer to decode than to look up, and the text that comes out is the one that is known. */
  function decode(raw: string): string {
    if (raw.indexOf("%") === -1) return raw;
    const known = decoded.get(raw);
    if (known !== undefined) return known;
    const value = decodeCookie(raw);
    decoded.set(raw, value);
    return value;
  }

  function put(ctx: Context, entry: Pending): void {
    const pending = ctx.get(slot);
    if (pending === undefined) return ctx.set(slot, [entry]);
    const earlier = pending.findIndex(({ name }) => name === entry.name);
    if (earlier !== -1) pending.splice(earlier, 1);
    pending.push(entry);
  }

  const store: TokenStore = {
    read(ctx, name) {
      const written = ctx.get(slot)?.find((entry) => entry.name === name);
      if (written !== undefined) return written.value;
      const header = ctx.request.headers.get("cookie");
      const raw = readRawCookie(header, name);
      if (raw === undefined || raw === "") return undefined;
      const value = header !== null && header.length <= maxRemembered ? decode(raw) : decodeCookie(raw);
      if (value.length <= maxBytes) return value;
      ctx.note?.(`the cookie "${name}" is too long and counts as absent`);
      return undefined;
    },
    write(ctx, place, value) {
      if (value === "") {
        throw new GateError("internal", `The token "${place.name}" is empty; remove it instead`);
      }
      const line = setCookie(place, () => lines.write(place, value));
      // The line is ASCII: its length is its number of bytes.
      if (line.length > maxBytes) {
        throw new GateError(
          "internal",
          `The cookie "${place.name}" would have ${line.length} bytes, ${maxBytes} are allowed`,
        );
      }
      put(ctx, { name: place.name, value, change: ["set-cookie", line] });
    },
    remove(ctx, place) {
      const line = setCookie(place, () => lines.forget(place));
      put(ctx, { name: place.name, value: undefined, change: ["set-cookie", line] });
    },
  };

  return {
    name: "cookie-tokens",
    provides: [tokenStore],
    prepare(ctx) {
      ctx.set(tokenStore, store);
    },
    headers(ctx) {
      return ctx.get(slot)?.map((entry) => entry.change);
    },
  };
}

/** What cannot be written is the provider's mistake. The cause may quote the token: it is left out. */
function setCookie(place: TokenPlace, write: () => string): string {
  try {
    return write();
  } catch (cause) {
    const detail = cause instanceof URIError ? "The token is no well-formed text" : messageOf(cause);
    throw new GateError("internal", `The cookie "${place.name}" cannot be written: ${detail}`);
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : "unknown cause";
}

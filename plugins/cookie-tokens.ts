/**
 * Keeps each visitor token in a cookie of its own.
 *
 * @module
 */

import { type CookieOptions, resolveCookie } from "../src/cookie-options.ts";
import { checkFunction, checkNumber } from "../src/options/check.ts";
import type { Helper } from "../src/plugin.ts";
import { cookieStore, defaultMaxBytes } from "../src/tokens/cookie-store.ts";

/** The options of {@linkcode cookieTokens}. What a provider states about a token goes before them. */
export interface CookieTokensOptions extends CookieOptions {
  /**
   * How long a `Set-Cookie` value may be, name and attributes included, in bytes. Writing a longer one is a
   * fault; a cookie of a visitor whose token alone is longer counts as absent.
   *
   * @default {4096}
   */
  readonly maxBytes?: number;
  /**
   * Is told once when a cookie does not fit the page that sets it, so that no browser keeps it: its domain is another one, or
   * it is `Secure` and the page is not encrypted.
   *
   * @default {console.warn}
   */
  readonly warn?: (message: string) => void;
}

/**
 * Keeps each visitor token in a cookie: on the host alone, encrypted connections only, hidden from scripts, for the
 * browser's session. A gate without a plugin that keeps tokens does so, too; this one sets how.
 *
 * A token is written whole or not at all. A browser would take the half of one for a token of its own.
 *
 * @param options How the cookies are written.
 * @returns The plugin. It supplies `ctx.tokens`.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value, such as `sameSite: "None"` with `secure: false`.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
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
  const defaults = resolveCookie(subject, options, "", ["maxBytes", "warn"]);
  const { maxBytes = defaultMaxBytes, warn } = options;
  checkNumber(subject, "maxBytes", maxBytes, 1, 65_536);
  if (warn !== undefined) checkFunction(subject, "warn", warn);
  return { name: "cookie-tokens", supplies: { tokens: cookieStore(defaults, maxBytes, warn) } };
}

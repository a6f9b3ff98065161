/**
 * The contract between a provider, which knows what a visitor token means, and whoever keeps it.
 *
 * @module
 */

import type { HeaderChange } from "./decision.ts";

/** How a token is kept. What is left out is the choice of whoever keeps tokens. */
export interface TokenOptions {
  /** How long it is kept, in seconds. `0` or left out, it lasts as long as the browser's session. */
  readonly maxAgeSeconds?: number | undefined;
  /** Until when it is kept, in Unix milliseconds by the gate's clock, for protocols that fix the moment. */
  readonly expiresAtMs?: number | undefined;
  /** The cookie's `Domain`; `""` for the host alone. */
  readonly domain?: string | undefined;
  /** Whether the cookie is sent over encrypted connections only. */
  readonly secure?: boolean | undefined;
  /** Whether the cookie is hidden from scripts. */
  readonly httpOnly?: boolean | undefined;
  /** The cookie's `SameSite`; `"omit"` leaves the attribute out. */
  readonly sameSite?: "Lax" | "Strict" | "None" | "omit" | undefined;
  /**
   * Whether the visitor showed something that nobody can make up, such as a signature. A store may keep a token in the cookie
   * itself, instead of a place of its own, until a visitor has done so or has shown that cookies are kept.
   */
  readonly proven?: boolean | undefined;
}

/**
 * The tokens of one visitor, for one request. What is read comes from the visitor: whoever asks for it checks it.
 *
 * A fault of the store is thrown; a token that is damaged, too long or missing is `undefined`.
 */
export interface Tokens {
  /**
   * Reads a token. After a write or a removal it gives what was written.
   *
   * @param name The token's name; a cookie's name where tokens are kept in cookies.
   * @returns The token, or `undefined`. It may be remembered: one that was cut out of a longer text, such as a header, is best given memory of its own.
   */
  read(name: string): string | undefined | Promise<string | undefined>;

  /**
   * Gives what the visitor brought under the name beside the token that `read` gives, where that is known at once: browsers
   * send several cookies of one name that were set for several scopes. A store that has one token for each name leaves it out.
   *
   * @param name The token's name.
   * @returns At most three further tokens, the last one first; none after a write or a removal.
   */
  others?(name: string): readonly string[];

  /**
   * Keeps a token for the visitor's next requests.
   *
   * @param name The token's name.
   * @param value The token.
   * @param options How it is kept.
   * @returns When it is kept.
   */
  write(name: string, value: string, options?: TokenOptions): void | Promise<void>;

  /**
   * Forgets a token.
   *
   * @param name The token's name.
   * @param options How it was kept.
   * @returns When it is forgotten.
   */
  remove(name: string, options?: TokenOptions): void | Promise<void>;
}

/** The tokens of one request, and what they add to its response. */
export interface TokenStore extends Tokens {
  /**
   * Gives the headers that the response gets for what was written.
   *
   * @returns The changes, or `undefined` where there are none.
   */
  headers(): readonly HeaderChange[] | undefined;
}

/**
 * The contract between a provider, which knows what a visitor token means, and a token store, which keeps it.
 *
 * @module
 */

import { type Context, type ContextKey, contextKey } from "../context.ts";

/** Where a token is kept, and how. What is left out is the store's choice. */
export interface TokenPlace {
  /** The name of the token; a cookie's name where the store keeps it in a cookie. */
  readonly name: string;
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
}

/**
 * Keeps visitor tokens. What a store reads comes from the visitor: whoever asks for it checks it.
 *
 * A fault of the store is thrown; a token that is damaged, too long or missing is `undefined`.
 */
export interface TokenStore {
  /**
   * Reads a token. After a write or a removal for the same request it gives what was written.
   *
   * @param ctx The request.
   * @param name The token's name.
   * @returns The token, or `undefined`.
   */
  read(ctx: Context, name: string): string | undefined | Promise<string | undefined>;

  /**
   * Keeps a token for the visitor's next requests.
   *
   * @param ctx The request.
   * @param place The token's name and how it is kept.
   * @param value The token.
   * @returns When it is kept.
   */
  write(ctx: Context, place: TokenPlace, value: string): void | Promise<void>;

  /**
   * Forgets a token.
   *
   * @param ctx The request.
   * @param place The token's name and how it was kept.
   * @returns When it is forgotten.
   */
  remove(ctx: Context, place: TokenPlace): void | Promise<void>;
}

/** The slot in which a token store offers itself. */
export const tokenStore: ContextKey<TokenStore> = contextKey("token store");

/**
 * The slot in which a provider says, when it fails, where it would send the visitor to wait meanwhile. A failure
 * policy that queues uses it.
 */
export const fallbackLocation: ContextKey<string> = contextKey("fallback location");

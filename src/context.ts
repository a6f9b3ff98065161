/**
 * What a plugin sees of a request.
 *
 * @module
 */

import type { Tokens } from "./tokens.ts";

/** Names a typed slot of the {@linkcode Context}. Make one with {@linkcode contextKey}. */
export interface ContextKey<T> {
  /** For messages only: two keys of the same name are two slots. */
  readonly name: string;
  /** Carries the type of the slot; it exists for the compiler alone. */
  readonly "~slot"?: (value: T) => T;
}

/**
 * Makes a key by which plugins share a value of one request.
 *
 * @param name A name for messages.
 * @returns A new key, equal to no other.
 *
 * @example
 * ```ts
 * import { type ContextKey, contextKey, type Plugin } from "stanchion";
 *
 * export const tenant: ContextKey<string> = contextKey("tenant");
 *
 * export const tenants: Plugin = {
 *   name: "tenants",
 *   prepare(ctx) {
 *     ctx.set(tenant, ctx.path.split("/")[1] ?? "");
 *   },
 * };
 * ```
 */
export function contextKey<T>(name: string): ContextKey<T> {
  return { name };
}

/** What is known of the connection: what `platform()` says, and what the platform hands over, recognised by its shape. */
export interface Platform {
  /** The address of the socket's other end, as the platform spells it; `undefined` where it does not tell. */
  readonly peerAddress: string | undefined;
  /** Keeps the platform alive until the promise is settled, where the platform has such a thing. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/** What could be read of a request's body. */
export interface BodyText {
  /** The text from the beginning, decoded as UTF-8; without a byte-order mark, and without a character cut in two. */
  readonly text: string;
  /**
   * Whether that is all there is. `false` when the body is longer than the limit, took too long, broke off, was read
   * by somebody else before, or is compressed or in an encoding other than UTF-8, as JSON in UTF-16 is.
   */
  readonly complete: boolean;
}

/** One request on its way through the pipeline. What costs something is found out when it is first asked for. */
export interface Context {
  /** The request, as the platform gave it. */
  readonly request: Request;
  /**
   * The canonical URL of the page: on its public host, escapes of characters that need none decoded and the others in upper
   * case, dot segments resolved, without default port. Decide by this one, or by what is made of it here: `request.url` may be
   * spelled in another way, such as `http://SHOP.example.com:80/a/../%74ickets`, and lead to the same page.
   */
  readonly href: string;
  /**
   * All forms in which programs may read the URL, for rules that compare texts: the canonical one first, as it was written
   * last; nearly always there is one. What protects holds by any of them, what exempts only by all.
   */
  readonly readings: readonly string[];
  /** Whether the application tells upper from lower case in URLs, as the option of the gate says. */
  readonly caseSensitive: boolean;
  /** Whether `publicHosts` vouches for the host of the URL; otherwise it is the visitor's word. */
  readonly isPublicHost: boolean;
  /** The URL of the request on its public host, path and query as they were written. */
  readonly returnUrl: string;
  /**
   * Where a visitor comes back to who has to wait: `returnUrl` for GET and HEAD. Browsers come back with GET, so what was sent with
   * another method leads to the page from which it was sent, if `Referer` tells one of the same origin.
   */
  readonly returnPage: string;
  /** The canonical URL, parsed. */
  readonly url: URL;
  /** The path of the canonical URL: still percent-encoded where it must be, without query. */
  readonly path: string;
  /** What the platform told about the connection. */
  readonly platform: Platform;
  /** The `Cookie` header, `""` where there is none: however many look for a cookie in it, the platform is asked once. */
  readonly cookieHeader: string;
  /**
   * The visitor's tokens: in cookies, unless a plugin such as `storageTokens()` keeps them elsewhere. They are written by
   * plugins, before the `headers` hooks run; what is written later, or by the application, need not reach the visitor.
   */
  readonly tokens: Tokens;
  /**
   * The visitor's address, without port, brackets and zone id: the one that `clientIp()` finds, otherwise the socket's;
   * `undefined` where none is known.
   */
  readonly address: string | undefined;
  /**
   * Whether nobody looks at the answer: a browser fetches the page in advance, as `prefetch()` finds out, or what is asked for never
   * comes back from a waiting room, such as a web app manifest, a report or a beacon. A provider checks such a visit as every
   * other, but opens no place in a waiting room for it; it refuses whom it cannot check without.
   */
  readonly passive: boolean;
  /** `true` while the gate explains: a plugin may look, but changes nothing, here or elsewhere. */
  readonly dryRun: boolean;
  /** Takes a remark for {@linkcode Gate.explain}. Absent when nobody listens, so that remarks cost nothing. */
  readonly note: ((remark: string) => void) | undefined;

  /**
   * Reads the beginning of the request's body, once however many ask; the application reads all of it as if nobody had
   * looked. Ask before the application is called.
   *
   * @returns A value at once when there is no body, otherwise a promise that is never rejected. The limits are those of
   * `requestBody()`, otherwise 64 KiB and 2 seconds.
   */
  body(): BodyText | Promise<BodyText>;

  /**
   * Tells the time by the gate's clock.
   *
   * @returns Unix milliseconds.
   */
  now(): number;

  /**
   * Reads a slot.
   *
   * @param key The slot's key.
   * @returns Its value, or `undefined` when no plugin filled it.
   */
  get<T>(key: ContextKey<T>): T | undefined;

  /**
   * Fills a slot, replacing what was there.
   *
   * @param key The slot's key.
   * @param value Its value.
   */
  set<T>(key: ContextKey<T>, value: T): void;
}

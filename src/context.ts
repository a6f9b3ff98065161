/**
 * What a plugin sees of a request.
 *
 * @module
 */

/** A {@linkcode ContextKey} of whatever type. */
export interface Slot {
  /** For messages only: two keys of the same name are two slots. */
  readonly name: string;
}

/** Names a typed slot of the {@linkcode Context}. Make one with {@linkcode contextKey}. */
export interface ContextKey<T> extends Slot {
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
 * import { type ContextKey, contextKey, type Plugin } from "@stanchion/stanchion";
 *
 * export const tenant: ContextKey<string> = contextKey("tenant");
 *
 * export const tenants: Plugin = {
 *   name: "tenants",
 *   prepare(ctx) {
 *     ctx.provide(tenant, () => ctx.path.split("/")[1] ?? "");
 *   },
 * };
 * ```
 */
export function contextKey<T>(name: string): ContextKey<T> {
  return { name };
}

/** What the platform hands over beside the request, recognised by its shape. */
export interface Platform {
  /** The address of the socket's other end, as the platform spells it; `undefined` where it does not tell. */
  readonly peerAddress: string | undefined;
  /** Keeps the platform alive until the promise is settled, where the platform has such a thing. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/** One request on its way through the pipeline. */
export interface Context {
  /** The request, as the platform gave it. */
  readonly request: Request;
  /**
   * The request's URL in the form in which everybody reads it. Some servers leave `request.url` as the visitor wrote it,
   * such as `http://SHOP.example.com:80/a/../tickets`: decide by this one, or by what is made of it here.
   */
  readonly href: string;
  /** The request's URL, parsed when first asked for. */
  readonly url: URL;
  /** The path of the request's URL: still percent-encoded, without query. */
  readonly path: string;
  /** What the platform told about the connection. */
  readonly platform: Platform;
  /** `true` while the gate explains: a plugin may look, but changes nothing, here or elsewhere. */
  readonly dryRun: boolean;
  /** Takes a remark for {@linkcode Gate.explain}. Absent when nobody listens, so that remarks cost nothing. */
  readonly note: ((remark: string) => void) | undefined;

  /**
   * Tells the time by the gate's clock.
   *
   * @returns Unix milliseconds.
   */
  now(): number;

  /**
   * Reads a slot. A lazy one is computed now, once.
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

  /**
   * Fills a slot with something that is computed when first asked for.
   *
   * @param key The slot's key.
   * @param compute Makes the value from this context.
   */
  provide<T>(key: ContextKey<T>, compute: (ctx: Context) => T): void;
}

/**
 * Keeps visitor tokens on the server, in any storage with `getItem`, `setItem` and `removeItem`. The browser holds
 * a random id only.
 *
 * @module
 */

import { chain } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import type { HeaderChange } from "../../src/decision.ts";
import { GateError } from "../../src/errors.ts";
import { readCookie, writeCookie } from "../../src/http/cookies.ts";
import type { Helper } from "../../src/plugin.ts";
import type { TokenOptions, TokenStore } from "../../src/tokens.ts";
import { type Items, itemsOf, longest } from "./items.ts";
import { type Resolved, resolveStorage, type StorageTokensOptions } from "./options.ts";

const idText = /^[A-Za-z0-9_-]{21}[AQgw]$/;
const nameText = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,128}$/;

/**
 * Keeps visitor tokens in a storage, under a random id of 128 bits that the browser holds in a cookie.
 *
 * A token is never kept under an id that somebody else may have chosen: when a visitor brings an id under which
 * nothing is stored, whether forged or forgotten, the first write makes a new one. Whoever plants a cookie in another
 * browser can thus not wait for a token to appear under it. That an attacker's own, valid id is planted can be
 * prevented only by the `__Host-` prefix of the cookie's name, which is therefore the default.
 *
 * @param options The storage and how it is used.
 * @returns The plugin. It supplies `ctx.tokens`.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { createGate, failOpen } from "@stanchion/stanchion";
 * import { storageTokens } from "@stanchion/stanchion/storage-tokens";
 * import { crowdhandler } from "@stanchion/stanchion/crowdhandler";
 * import { createStorage } from "unstorage";
 * import redis from "unstorage/drivers/redis";
 *
 * const storage = createStorage({ driver: redis({ url: "redis://localhost:6379" }) });
 *
 * const gate = createGate({
 *   plugins: [storageTokens({ storage }), failOpen(), crowdhandler({ publicKey: "your-public-key" })],
 * });
 * ```
 */
export function storageTokens(options: StorageTokensOptions): Helper {
  const settings = resolveStorage(options);
  const items = itemsOf(settings);
  return {
    name: "storage-tokens",
    // A provider reads a token, and writes one under an id that is looked up before.
    longestMs: 3 * settings.timeoutMs,
    supplies: { tokens: (ctx) => new StoredTokens(ctx, settings, items) },
  };
}

/** The tokens of one visitor while one request is handled. */
class StoredTokens implements TokenStore {
  readonly #ctx: Context;
  readonly #settings: Resolved;
  readonly #items: Items;
  #id: string | undefined;
  /** Whether the id is of our making; what a cookie says is not, until something is found under it. */
  #proven = false;
  /** The one choice of an id to write under, shared by writes that run at the same time. */
  #chosen: string | Promise<string> | undefined;
  /** Whether the browser does not know the id yet. */
  #fresh = false;
  /** How long the browser shall keep the id, in seconds. */
  #lifeSeconds: number;
  /** Whether a token was kept. */
  #kept = false;
  /** What was written; `undefined` for what was removed. */
  readonly #written = new Map<string, string | undefined>();

  constructor(ctx: Context, settings: Resolved, items: Items) {
    this.#ctx = ctx;
    this.#settings = settings;
    this.#items = items;
    this.#lifeSeconds = settings.cookie.maxAgeSeconds;
    const sent = readCookie(ctx.request.headers.get("cookie"), settings.name);
    this.#id = sent !== undefined && idText.test(sent) ? sent : undefined;
    if (sent !== undefined && this.#id === undefined) {
      ctx.note?.("the id in the cookie is malformed and counts as absent");
    }
  }

  read(name: string): string | undefined | Promise<string | undefined> {
    checkName(name);
    if (this.#written.has(name)) return this.#written.get(name);
    const id = this.#id;
    if (id === undefined) return undefined;
    return chain(this.#items.read(id, name), (found) => {
      if (found !== undefined) this.#proven = true;
      return found;
    });
  }

  write(name: string, value: string, options: TokenOptions = {}): void | Promise<void> {
    checkName(name);
    if (value === "") throw new GateError("internal", `The token "${name}" is empty; remove it instead`);
    if (value.length > longest) {
      throw new GateError("internal", `The token "${name}" has more than ${longest} characters`);
    }
    return chain(this.#idToWriteUnder(), (id) => {
      const stated = secondsOf(options, this.#ctx.now());
      const ttl = Math.max(this.#settings.ttlSeconds, stated);
      const kept = this.#ctx.dryRun ? undefined : this.#items.keep(id, name, value, ttl);
      return chain(kept, () => {
        this.#written.set(name, value);
        this.#lifeSeconds = Math.max(this.#lifeSeconds, stated);
        this.#kept = true;
      });
    });
  }

  remove(name: string): void | Promise<void> {
    checkName(name);
    const id = this.#id;
    const removed = id === undefined || this.#ctx.dryRun ? undefined : this.#items.remove(id, name);
    return chain(removed, () => {
      this.#written.set(name, undefined);
    });
  }

  headers(): readonly HeaderChange[] | undefined {
    if (this.#id === undefined || !this.#kept) return undefined;
    // A cookie that ends with the browser's session need not be repeated.
    if (!this.#fresh && this.#lifeSeconds === 0) return undefined;
    const { name, cookie } = this.#settings;
    const line = writeCookie(name, this.#id, { ...cookie, maxAgeSeconds: this.#lifeSeconds });
    return [["set-cookie", line]];
  }

  #newId(): string {
    this.#id = idFrom(this.#settings.random(16));
    this.#proven = true;
    this.#fresh = true;
    return this.#id;
  }

  #idToWriteUnder(): string | Promise<string> {
    const id = this.#id;
    if (id === undefined) return this.#newId();
    if (this.#proven) return id;
    return this.#chosen ??= chain(this.#items.knows(id), (isKnown) => {
      // A read at the same time may have found something.
      this.#proven ||= isKnown;
      if (this.#proven) return id;
      this.#ctx.note?.("nothing is stored under the id in the cookie; it gets a new one");
      return this.#newId();
    });
  }
}

/** How long a token is to be kept by its provider's wish, in seconds; 0 without one. */
function secondsOf({ maxAgeSeconds = 0, expiresAtMs }: TokenOptions, now: number): number {
  const left = expiresAtMs === undefined ? 0 : (expiresAtMs - now) / 1000;
  return Math.ceil(Math.max(0, maxAgeSeconds, left));
}

/** Names become part of a key. They are the provider's, never a visitor's. */
function checkName(name: string): void {
  if (nameText.test(name)) return;
  throw new GateError("internal", "The name of a token must be 1 to 128 letters, digits, dots, _ and -");
}

function idFrom(bytes: Uint8Array): string {
  if (bytes.length !== 16) {
    throw new GateError("internal", `"random" gave ${bytes.length} bytes instead of 16`);
  }
  return btoa(String.fromCharCode(...bytes)).slice(0, 22).replaceAll("+", "-").replaceAll("/", "_");
}

/**
 * Keeps visitor tokens on the server, in any storage with `getItem`, `setItem` and `removeItem`. The browser holds
 * a random id only.
 *
 * @module
 */

import { chain, isPromise, leave } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import { base64Url } from "../../src/crypto/base64url.ts";
import type { HeaderChange } from "../../src/decision.ts";
import { GateError } from "../../src/errors.ts";
import { decodeCookie, forgetCookie, readRawCookies, writeCookie } from "../../src/http/cookies.ts";
import type { Helper } from "../../src/plugin.ts";
import type { TokenOptions, TokenStore } from "../../src/tokens.ts";
import { type Carried, readCarried, writeCarried } from "./carried.ts";
import { type Items, itemsOf, longest } from "./items.ts";
import { type Resolved, resolveStorage, type StorageTokensOptions } from "./options.ts";

const idText = /^[A-Za-z0-9_-]{21}[AQgw]$/;
const nameText = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,128}$/;

/**
 * Keeps visitor tokens in a storage, under a random id of 128 bits that the browser holds in a cookie.
 *
 * Nothing is stored for who has not shown that cookies are kept: the first cookie carries the tokens themselves, and when it
 * comes back, the next write moves them to the storage. Visits without cookies, of which there may be any number, so take no
 * place in it. A token that is too long for a cookie is stored at once.
 *
 * A token is never kept under an id that somebody else may have chosen: each id is made when the first token is stored, and
 * one under which nothing is stored, whether forged or forgotten, counts as absent. Whoever plants a cookie in another
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
 * import { createGate, failOpen } from "stanchion";
 * import { storageTokens } from "stanchion/storage-tokens";
 * import { crowdhandler } from "stanchion/crowdhandler";
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
  /** The one choice of where to write, shared by writes that run at the same time. */
  #chosen: string | undefined | Promise<string | undefined>;
  /** Whether the browser does not know the id yet. */
  #fresh = false;
  /** How long the browser shall keep the cookie, in seconds. */
  #lifeSeconds: number;
  /** Whether a token was kept in the storage. */
  #kept = false;
  /** The tokens that the cookie carries instead of an id; a visitor who brings some has shown that cookies are kept. */
  readonly #carried: Map<string, string>;
  /** What the cookie carried when it came. */
  readonly #brought: string;
  /** What was written; `undefined` for what was removed. */
  readonly #written = new Map<string, string | undefined>();

  constructor(ctx: Context, settings: Resolved, items: Items) {
    this.#ctx = ctx;
    this.#settings = settings;
    this.#items = items;
    this.#lifeSeconds = settings.cookie.maxAgeSeconds;
    const sent = sentIn(ctx.cookieHeader, settings.name);
    this.#id = typeof sent === "string" ? sent : undefined;
    this.#carried = new Map(typeof sent === "object" ? sent : []);
    this.#brought = keyOf(this.#carried);
    if (sent === null) ctx.note?.("the cookie is neither an id nor tokens and counts as absent");
  }

  read(name: string): string | undefined | Promise<string | undefined> {
    checkName(name);
    if (this.#written.has(name)) return this.#written.get(name);
    const id = this.#id;
    if (id === undefined) {
      const carried = this.#carried.get(name);
      const isToMove = this.#brought !== "" && this.#carried.size > 0;
      return isToMove ? chain(this.#move(), () => carried) : carried;
    }
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
    return chain(this.#idToWriteUnder(name, value, options.proven === true), (id) => {
      const stated = secondsOf(options, this.#ctx.now());
      const kept = id === undefined ? this.#carry(name, value) : this.#keep(id, name, value, stated);
      return chain(kept, () => {
        this.#written.set(name, value);
        this.#lifeSeconds = Math.max(this.#lifeSeconds, stated);
      });
    });
  }

  remove(name: string): void | Promise<void> {
    checkName(name);
    const id = this.#id;
    this.#carried.delete(name);
    const removed = id === undefined || this.#ctx.dryRun ? undefined : this.#items.remove(id, name);
    return chain(removed, () => {
      this.#written.set(name, undefined);
    });
  }

  headers(): readonly HeaderChange[] | undefined {
    const { name, cookie } = this.#settings;
    const attributes = { ...cookie, maxAgeSeconds: this.#lifeSeconds };
    if (this.#id === undefined) {
      const isNews = this.#written.size > 0 &&
        (this.#lifeSeconds > 0 || keyOf(this.#carried) !== this.#brought);
      if (!isNews) return undefined;
      const value = this.#carried.size === 0 ? undefined : writeCarried(this.#carried);
      if (value !== undefined) return this.#sets(writeCookie(name, value, attributes));
      return this.#brought === "" ? undefined : [["set-cookie", forgetCookie(name, cookie)]];
    }
    if (!this.#kept) return undefined;
    // A cookie that ends with the browser's session need not be repeated.
    if (!this.#fresh && this.#lifeSeconds === 0) return undefined;
    return this.#sets(writeCookie(name, this.#id, attributes));
  }

  #sets(line: string): readonly HeaderChange[] {
    this.#settings.watch(this.#ctx, line);
    return [["set-cookie", line]];
  }

  /** Lets the cookie carry a token. */
  #carry(name: string, value: string): void {
    this.#carried.set(name, value);
  }

  #keep(id: string, name: string, value: string, stated: number): unknown {
    return chain(this.#store(id, name, value, stated), () => {
      this.#kept = true;
    });
  }

  #store(id: string, name: string, value: string, stated: number): unknown {
    const ttl = Math.max(this.#settings.ttlSeconds, stated);
    return this.#ctx.dryRun ? undefined : this.#items.keep(id, name, value, ttl);
  }

  /** The id to write under; `undefined` where the cookie carries what is written. */
  #idToWriteUnder(
    name: string,
    value: string,
    isProven: boolean,
  ): string | undefined | Promise<string | undefined> {
    const id = this.#id;
    if (id !== undefined && this.#proven) return this.#chosen ?? id;
    if (id === undefined) return this.#idWithoutCookie(name, value, isProven);
    return this.#chosen ??= chain(this.#items.knows(id), (isKnown) => {
      // A read at the same time may have found something.
      this.#proven ||= isKnown;
      if (this.#proven) return id;
      this.#ctx.note?.("nothing is stored under the id in the cookie; the cookie carries what is written");
      this.#id = undefined;
      return this.#idWithoutCookie(name, value, isProven);
    });
  }

  /** Nothing is stored for who has neither proven anything nor brought tokens, unless it is too long to be carried. */
  #idWithoutCookie(
    name: string,
    value: string,
    isProven: boolean,
  ): string | undefined | Promise<string> {
    if (isProven || this.#brought !== "") return this.#move(name);
    const all = new Map([...this.#carried, [name, value]]);
    return writeCarried(all) === undefined ? this.#move(name) : undefined;
  }

  /**
   * Moves what is carried to the storage, under a new id, but for what is written anyway. The cookie names the id once all of it is
   * there, and what was carried is known all the same.
   */
  #move(written?: string): string | Promise<string> {
    const id = idFrom(this.#settings.random(16));
    const moved = [...this.#carried].filter(([name]) => name !== written);
    const works = moved.map(([name, token]) => {
      const work = this.#store(id, name, token, 0);
      // Should the next call throw at once, nobody else would look after this one.
      leave(work);
      return work;
    });
    this.#id = id;
    this.#proven = true;
    this.#fresh = true;
    this.#carried.clear();
    for (const [name, token] of moved) this.#written.set(name, token);
    const done = chain(works.some(isPromise) ? Promise.all(works) : undefined, () => {
      this.#kept ||= moved.length > 0;
      return id;
    });
    if (isPromise(done)) this.#chosen = done;
    return done;
  }
}

/** What the last cookie says that can be read: an id, or the tokens that it carries. `null` when there is none of them. */
function sentIn(header: string, name: string): string | Carried | undefined | null {
  const values = readRawCookies(header, name).map(decodeCookie);
  for (const value of values) {
    const found = idText.test(value) ? value : readCarried(value, (text) => nameText.test(text));
    if (found !== undefined) return found;
  }
  return values.length === 0 ? undefined : null;
}

/** Tells whether what is carried has changed. */
function keyOf(tokens: Carried): string {
  return tokens.size === 0 ? "" : JSON.stringify([...tokens]);
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
  return base64Url(bytes);
}

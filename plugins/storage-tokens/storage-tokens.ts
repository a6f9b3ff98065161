/**
 * Keeps visitor tokens on the server, in any storage with `getItem`, `setItem` and `removeItem`. The browser holds
 * a random id only.
 *
 * @module
 */

import { chain } from "../../src/async/maybe-promise.ts";
import { type Context, type ContextKey, contextKey } from "../../src/context.ts";
import { readCookie, writeCookie } from "../../src/http/cookies.ts";
import { GateError } from "../../src/errors.ts";
import type { Helper } from "../../src/plugin.ts";
import { type TokenPlace, type TokenStore, tokenStore } from "../../src/tokens/store.ts";
import { type Items, itemsOf, longest } from "./items.ts";
import { type Resolved, resolveStorage, type StorageTokensOptions } from "./options.ts";

/** What is known of one visitor while one request is handled. */
interface Session {
  id: string | undefined;
  /** Whether the id is of our making; what a cookie says is not, until something is found under it. */
  proven: boolean;
  /** The one choice of an id to write under, shared by writes that run at the same time. */
  chosen: string | Promise<string> | undefined;
  /** Whether the browser does not know the id yet. */
  fresh: boolean;
  /** How long the browser shall keep the id, in seconds. */
  lifeSeconds: number;
  /** Whether a token was kept. */
  kept: boolean;
  /** What was written; `undefined` for what was removed. */
  readonly written: Map<string, string | undefined>;
}

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
 * @returns The plugin. It fills the slot {@linkcode tokenStore}.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { createGate, failOpen, storageTokens } from "@stanchion/stanchion";
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
  const { name, cookie } = settings;
  const slot: ContextKey<Session> = contextKey("token session");

  function sessionOf(ctx: Context): Session {
    const known = ctx.get(slot);
    if (known !== undefined) return known;
    const session = begin(ctx, settings);
    ctx.set(slot, session);
    return session;
  }

  const store = createStore(settings, itemsOf(settings), sessionOf);

  return {
    name: "storage-tokens",
    provides: [tokenStore],
    prepare(ctx) {
      ctx.set(tokenStore, store);
    },
    headers(ctx) {
      const session = ctx.get(slot);
      if (session?.id === undefined || !session.kept) return undefined;
      // A cookie that ends with the browser's session need not be repeated.
      if (!session.fresh && session.lifeSeconds === 0) return undefined;
      const line = writeCookie(name, session.id, { ...cookie, maxAgeSeconds: session.lifeSeconds });
      return [["set-cookie", line]];
    },
  };
}

function createStore(
  { ttlSeconds, random }: Resolved,
  items: Items,
  sessionOf: (ctx: Context) => Session,
): TokenStore {
  return {
    read(ctx, name) {
      checkName(name);
      const session = sessionOf(ctx);
      if (session.written.has(name)) return session.written.get(name);
      const { id } = session;
      if (id === undefined) return undefined;
      return chain(items.read(id, name), (value) => {
        if (value !== undefined) session.proven = true;
        return value;
      });
    },

    write(ctx, place, value) {
      const { name } = place;
      checkName(name);
      if (value === "") throw new GateError("internal", `The token "${name}" is empty; remove it instead`);
      if (value.length > longest) {
        throw new GateError("internal", `The token "${name}" has more than ${longest} characters`);
      }
      const session = sessionOf(ctx);
      return chain(idToWriteUnder(ctx, session, items, random), (id) => {
        const stated = secondsOf(place, ctx.now());
        const kept = ctx.dryRun ? undefined : items.keep(id, name, value, Math.max(ttlSeconds, stated));
        return chain(kept, () => {
          session.written.set(name, value);
          session.lifeSeconds = Math.max(session.lifeSeconds, stated);
          session.kept = true;
        });
      });
    },

    remove(ctx, { name }) {
      checkName(name);
      const session = sessionOf(ctx);
      const { id } = session;
      const removed = id === undefined || ctx.dryRun ? undefined : items.remove(id, name);
      return chain(removed, () => {
        session.written.set(name, undefined);
      });
    },
  };
}

/** What is known before the storage was asked: what the cookie says. */
function begin(ctx: Context, { name, cookie }: Resolved): Session {
  const sent = readCookie(ctx.request.headers.get("cookie"), name);
  const id = sent !== undefined && idText.test(sent) ? sent : undefined;
  if (sent !== undefined && id === undefined) {
    ctx.note?.("the id in the cookie is malformed and counts as absent");
  }
  return {
    id,
    proven: false,
    chosen: undefined,
    fresh: false,
    lifeSeconds: cookie.maxAgeSeconds,
    kept: false,
    written: new Map(),
  };
}

function idToWriteUnder(
  ctx: Context,
  session: Session,
  items: Items,
  random: (length: number) => Uint8Array,
): string | Promise<string> {
  const { id } = session;
  if (id === undefined) return newId(session, random);
  if (session.proven) return id;
  return session.chosen ??= chain(items.knows(id), (isKnown) => {
    session.proven ||= isKnown;
    if (session.proven) return id;
    ctx.note?.("nothing is stored under the id in the cookie; it gets a new one");
    return newId(session, random);
  });
}

function newId(session: Session, random: (length: number) => Uint8Array): string {
  session.id = idFrom(random(16));
  session.proven = true;
  session.fresh = true;
  return session.id;
}

/** How long a token is to be kept by its provider's wish, in seconds; 0 without one. */
function secondsOf({ maxAgeSeconds = 0, expiresAtMs }: TokenPlace, now: number): number {
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

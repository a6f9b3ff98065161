import { chain } from "../../../src/async/maybe-promise.ts";
import type { Context } from "../../../src/context.ts";
import type { TokenPlace, TokenStore } from "../../../src/tokens/store.ts";
import type { CrowdhandlerOptions } from "../options.ts";
import { readSession, type VisitorSession } from "../session/session.ts";

/** Where a visitor's token is kept: under one name, while others are looked at as well. */
export interface StoredToken {
  /** The first readable token of the known names. */
  read(ctx: Context, store: TokenStore): VisitorSession | undefined | Promise<VisitorSession | undefined>;
  write(ctx: Context, store: TokenStore, value: string): void | Promise<void>;
  forget(ctx: Context, store: TokenStore): Promise<void>;
}

/** Fixes, from checked options, where tokens are kept. */
export function createStoredToken({ cookie = {}, mode = "full" }: CrowdhandlerOptions): StoredToken {
  const place: TokenPlace = {
    name: cookie.name ?? "crowdhandler",
    maxAgeSeconds: cookie.maxAgeSeconds || undefined,
    domain: cookie.domain,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly ?? (mode === "hybrid" ? false : undefined),
    sameSite: cookie.sameSite,
  };
  const names = [...new Set([place.name, ...cookie.alsoRead ?? ["ch-id"]])];
  return {
    read: (ctx, store) => readFirst(ctx, store, names, 0),
    write: (ctx, store, value) => store.write(ctx, place, value),
    forget: (ctx, store) => forgetAll(ctx, store, place, names),
  };
}

function readFirst(
  ctx: Context,
  store: TokenStore,
  names: readonly string[],
  from: number,
): VisitorSession | undefined | Promise<VisitorSession | undefined> {
  const name = names[from];
  if (name === undefined) return undefined;
  return chain(
    store.read(ctx, name),
    (stored) => readSession(stored) ?? readFirst(ctx, store, names, from + 1),
  );
}

/** A token that was read under another name would bring the session back. */
async function forgetAll(
  ctx: Context,
  store: TokenStore,
  place: TokenPlace,
  names: readonly string[],
): Promise<void> {
  await store.remove(ctx, place);
  for (const name of names.slice(1)) {
    if (await store.read(ctx, name) !== undefined) await store.remove(ctx, { ...place, name });
  }
}

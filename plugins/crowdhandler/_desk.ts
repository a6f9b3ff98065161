import { chain } from "../../src/_maybe.ts";
import { type Context, type ContextKey, contextKey } from "../../src/context.ts";
import type { Decision, HeaderChange } from "../../src/decision.ts";
import { GateError } from "../../src/errors.ts";
import { fallbackLocation, type TokenPlace, type TokenStore, tokenStore } from "../../src/tokens.ts";
import { clientAddress } from "../client-ip.ts";
import { isStale } from "./_age.ts";
import { type Page, readPage } from "./_page.ts";
import { placesOf } from "./_places.ts";
import type { CheckResult } from "./_result.ts";
import { type Feed, FeedCache, isCheckout, roomOf } from "./_rooms.ts";
import { createService, type Service } from "./_service.ts";
import { readSession, type Session } from "./_signature.ts";
import type { CrowdhandlerOptions } from "./options.ts";

/** What the provider learned about the visitor of one request. */
export interface Visit {
  /** The service's answer. */
  readonly result: CheckResult;
  /** When the check began, in Unix milliseconds. */
  readonly startedAt: number;
  /** The answer's id, under which the page's performance is recorded. */
  readonly responseId: string | undefined;
  /** The page's time in milliseconds, where the application knows it better than the gate. */
  readonly timeMs?: number;
}

/**
 * The slot with the answer of the service: its room, position and so on. A plugin may replace it, for instance to
 * record a page's performance under another id.
 */
export const crowdhandlerVisit: ContextKey<Visit> = contextKey("CrowdHandler visit");

/** A request at the provider's desk. */
export interface Entry {
  readonly ctx: Context;
  readonly page: Page;
  readonly store: TokenStore;
  readonly startedAt: number;
  /** The token that is sent with a visitor who cannot be checked. */
  token: string | undefined;
  /** The slug of the room that was found for the page. */
  slug: string | undefined;
}

/** The longest return URL, in encoded form, that API and waiting room can be expected to take. */
const maxUrl = 8192;
/** Safe from every cache, in CrowdHandler's exact form. */
const noStore: readonly HeaderChange[] = [
  ["cache-control", "no-store, no-cache, must-revalidate, max-age=0"],
];

/** What full and hybrid mode have in common. */
export interface Desk {
  readonly service: Service;
  /** Whether the rooms feed is needed in full mode as well. */
  readonly needsFeed: boolean;
  readonly endsAtCheckout: boolean;
  readonly cleanUrl: "first" | "after-check" | "never";
  enter(ctx: Context): Entry;
  /** The first readable token of the known names. */
  readStored(entry: Entry): Session | undefined | Promise<Session | undefined>;
  write(entry: Entry, value: string): void | Promise<void>;
  forget(entry: Entry): void | Promise<void>;
  ask(entry: Entry, token: string | undefined): Promise<CheckResult>;
  feed(entry: Entry): Feed | Promise<Feed>;
  isCheckout(feed: Feed, entry: Entry): boolean;
  queue(entry: Entry, slug: string | undefined, token: string | undefined): Decision;
  clean(entry: Entry): Decision;
  /** Sends a visitor without a recent token to the lite validator, when the page has a room. */
  validateElsewhere(entry: Entry, feed: Feed, token: string | undefined): Decision | undefined;
  /** Whether the visitor was redirected to a clean URL before and yet brings no cookie. */
  isGuarded(entry: Entry, token: string | undefined): boolean;
  /** What is known of a visitor whose check failed is kept, and the policy learns where to send them. */
  fail(entry: Entry, keep: (token: string) => string): void;
}

/** Does once, from checked options, what needs no request. */
export function createDesk(options: CrowdhandlerOptions): Desk {
  const { cookie = {}, warn = console.warn, timeoutMs = 2000, publicKey, mode = "full" } = options;
  const { loopGuard = false, lite = false, rooms = {}, visitor, fields } = options;
  const service = createService(options);
  const feedCache = new FeedCache(
    () => service.rooms(),
    rooms.ttlMs ?? 60_000,
    rooms.maxStaleMs ?? 600_000,
    timeoutMs,
  );
  const placeOf = placesOf(options.publicHosts, warn);
  const api = (options.apiUrl ?? "https://api.crowdhandler.com").replace(/\/+$/, "");
  const waitingRoom = (options.waitingRoomUrl ?? "https://wait.crowdhandler.com").replace(/\/+$/, "");
  const names = [cookie.name ?? "crowdhandler", ...cookie.alsoRead ?? ["ch-id"]];
  const place: TokenPlace = {
    name: names[0] ?? "crowdhandler",
    maxAgeSeconds: cookie.maxAgeSeconds || undefined,
    domain: cookie.domain,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly ?? (mode === "hybrid" ? false : undefined),
    sameSite: cookie.sameSite,
  };
  const fallbackSlug = options.fallbackSlug;

  function enter(ctx: Context): Entry {
    const store = ctx.get(tokenStore);
    if (store === undefined) throw new GateError("internal", "there is no token store; add cookieTokens()");
    const page = readPage(ctx.request.url, placeOf(ctx.request.url));
    return { ctx, page, store, startedAt: ctx.now(), token: page.token, slug: undefined };
  }

  function readStored(entry: Entry, from = 0): Session | undefined | Promise<Session | undefined> {
    const name = names[from];
    if (name === undefined) return undefined;
    return chain(
      entry.store.read(entry.ctx, name),
      (stored) => readSession(stored) ?? readStored(entry, from + 1),
    );
  }

  function write({ ctx, store }: Entry, value: string): void | Promise<void> {
    return store.write(ctx, place, value);
  }

  function forget({ ctx, store }: Entry): void | Promise<void> {
    return store.remove(ctx, place);
  }

  function ask({ ctx, page }: Entry, token: string | undefined): Promise<CheckResult> {
    const { request } = ctx;
    const told = visitor?.(ctx);
    return service.check(token, {
      // The service takes encrypted pages only; for development alone, ours may be another.
      url: `https://${page.host}${page.target}`,
      code: page.code,
      ip: told?.ip ?? ctx.get(clientAddress) ?? ctx.platform.peerAddress,
      agent: told?.agent ?? request.headers.get("user-agent") ?? undefined,
      lang: told?.lang ?? request.headers.get("accept-language") ?? undefined,
    }, fields?.(ctx) ?? {});
  }

  function feed({ ctx, startedAt }: Entry): Feed | Promise<Feed> {
    return feedCache.get(startedAt, (work) => ctx.platform.waitUntil?.(work));
  }

  function roomUrl({ page }: Entry, slug: string | undefined, token: string | undefined): string {
    const id = token === undefined ? "" : `&ch-id=${encodeURIComponent(token)}`;
    return `${waitingRoom}/${encodeURIComponent(slug ?? fallbackSlug ?? "")}?url=${
      encodeURIComponent(page.url)
    }` +
      `&ch-code=${encodeURIComponent(page.code ?? "")}${id}&ch-public-key=${encodeURIComponent(publicKey)}`;
  }

  function queue(entry: Entry, slug: string | undefined, token: string | undefined): Decision {
    const location = roomUrl(entry, slug ?? entry.slug, token);
    return { action: "queue", reason: "crowdhandler/queued", location, headers: noStore };
  }

  function clean({ page }: Entry): Decision {
    const mark = page.url.includes("?") ? "&" : "?";
    const location = loopGuard ? `${page.url}${mark}ch-fresh=1` : page.url;
    return { action: "redirect", reason: "crowdhandler/clean-url", location, headers: noStore };
  }

  function validateElsewhere(entry: Entry, feed: Feed, token: string | undefined): Decision | undefined {
    const { page, startedAt } = entry;
    if (!lite || isGuarded(entry, token) || (token !== undefined && !isStale(token, startedAt))) {
      return undefined;
    }
    if (roomOf(feed, page) === undefined) return undefined;
    const path = token === undefined ? "" : `/${encodeURIComponent(token)}`;
    const location = `${api}/v1/redirect/requests${path}?ch-public-key=${encodeURIComponent(publicKey)}` +
      `&url=${encodeURIComponent(page.url)}&ch-code=${encodeURIComponent(page.code ?? "")}`;
    return { action: "queue", reason: "crowdhandler/lite", location, headers: noStore };
  }

  function isGuarded({ page }: Entry, token: string | undefined): boolean {
    return loopGuard && page.fresh && page.token === undefined && token === undefined;
  }

  function fail(entry: Entry, keep: (token: string) => string): void {
    const { ctx, page, token, slug } = entry;
    ctx.set(fallbackLocation, roomUrl(entry, slug, token));
    if (page.token === undefined) return;
    try {
      const kept = write(entry, keep(page.token));
      if (kept instanceof Promise) kept.catch(() => {});
    } catch {
      // The failure that is being handled may be the store's own.
    }
  }

  return {
    enter,
    readStored: (entry) => readStored(entry),
    write,
    forget,
    ask,
    feed,
    queue,
    clean,
    validateElsewhere,
    isGuarded,
    fail,
    service,
    isCheckout: (feed: Feed, { page }: Entry) => isCheckout(feed, page),
    needsFeed: lite || options.checkout === true,
    endsAtCheckout: options.checkout === true,
    cleanUrl: options.cleanUrl ?? (mode === "hybrid" ? "after-check" : "first"),
  };
}

/** Visitors come back with GET or HEAD; only these may be redirected to the same page. */
export function isRepeatable({ ctx }: Entry): boolean {
  return ctx.request.method === "GET" || ctx.request.method === "HEAD";
}

/** Refuses a URL that neither the API nor a redirect could carry, rather than have the call fail. */
export function tooLong({ page }: Entry): Decision | undefined {
  if (page.url.length <= maxUrl / 3 || encodeURIComponent(page.url).length <= maxUrl) return undefined;
  return { action: "reject", reason: "crowdhandler/url-too-long", status: 414 };
}

/** What visitors are told who were redirected to a clean URL and did not keep the cookie. */
export function cookiesRequired(): Decision {
  const text =
    "This site has a waiting room, which needs cookies. Please allow cookies and open the page again.\n";
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return {
    action: "respond",
    reason: "crowdhandler/cookies-required",
    response: new Response(text, { status: 403, headers }),
  };
}

/** While explaining, a new visitor is not announced to the service. */
export function notAsked(entry: Entry, desk: Desk): Decision {
  entry.ctx.note?.(
    "a new visitor: POST /v1/requests would open a place, so it was not called and what it would answer is unknown",
  );
  return { ...desk.queue(entry, undefined, undefined), reason: "crowdhandler/not-asked" };
}

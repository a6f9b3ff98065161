import { chain } from "../../../src/async/maybe-promise.ts";
import type { Context } from "../../../src/context.ts";
import type { Decision, HeaderChange } from "../../../src/decision.ts";
import { GateError, ServiceError } from "../../../src/errors.ts";
import { callService } from "../../../src/service.ts";
import { fallbackLocation, type TokenPlace, type TokenStore, tokenStore } from "../../../src/tokens/store.ts";
import { passiveVisit, returnParameter } from "../../../src/visit.ts";
import { isStale } from "../_age.ts";
import { askApplication, factsOf } from "../api/visitor-facts.ts";
import { FeedCache } from "../rooms/room-cache.ts";
import { type Page, readPage } from "../page-url.ts";
import { placesOf } from "../../../src/url/public-hosts.ts";
import type { CheckResult } from "../api/check-result.ts";
import { type Feed, isCheckout, roomOf } from "../rooms/rooms.ts";
import { createService, type Service } from "../api/client.ts";
import { readSession, type Session } from "../session/session.ts";
import { warnOnce } from "../../../src/options/warn-once.ts";
import type { CrowdhandlerOptions } from "../options.ts";

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

/**
 * The longest return URL, in encoded form, that fits into the request line of a call and of the waiting room, both
 * of which servers limit to 8 KB.
 */
const maxUrl = 6144;
/** Safe from every cache, in CrowdHandler's exact form. */
const noStore: readonly HeaderChange[] = [
  ["cache-control", "no-store, no-cache, must-revalidate, max-age=0"],
];

/** What full and hybrid mode have in common. */
export interface Desk {
  readonly service: Service;
  /** Whether the rooms feed is needed in full mode as well. */
  readonly needsFeed: boolean;
  readonly cleanUrl: "first" | "after-check" | "never";
  enter(ctx: Context): Entry;
  /** The first readable token of the known names. */
  readStored(entry: Entry): Session | undefined | Promise<Session | undefined>;
  write(entry: Entry, value: string): void | Promise<void>;
  forget(entry: Entry): Promise<void>;
  ask(entry: Entry, token: string | undefined): Promise<CheckResult>;
  feed(entry: Entry): Feed | Promise<Feed>;
  /** How old the rooms feed is, in milliseconds; `undefined` while there is none. */
  feedAgeMs(): number | undefined;
  /** Whether the session ends on this page. */
  isCheckout(feed: Feed, entry: Entry): boolean;
  queue(entry: Entry, slug: string | undefined, token: string | undefined): Decision;
  clean(entry: Entry): Decision;
  /** Sends a visitor without a recent token to the lite validator, when the page has a room. */
  validateElsewhere(entry: Entry, feed: Feed, token: string | undefined): Decision | undefined;
  /** Whether the visitor was redirected to a clean URL before and yet brings no cookie. */
  isGuarded(entry: Entry, token: string | undefined): boolean;
  /** What is known of a visitor whose check failed is kept, and the policy learns where to send them. */
  fail(entry: Entry, keep: (token: string) => string): void | Promise<void>;
}

/** Does once, from checked options, what needs no request. */
export function createDesk(options: CrowdhandlerOptions): Desk {
  const { cookie = {}, rooms = {}, timeoutMs = 2000, publicKey, mode = "full", fallbackSlug } = options;
  const { loopGuard = false, lite = false, checkout = false, visitor, fields } = options;
  const warn = warnOnce(options.warn ?? ((message) => console.warn(message)));
  const service = createService(options, warn);
  const { ttlMs = 60_000, maxStaleMs = 600_000 } = rooms;
  const feedCache = new FeedCache(() => service.rooms(), { ttlMs, maxStaleMs, timeoutMs });
  const placeOf = placesOf(options.publicHosts, warn);
  const api = (options.apiUrl ?? "https://api.crowdhandler.com").replace(/\/+$/, "");
  const waitingRoom = (options.waitingRoomUrl ?? "https://wait.crowdhandler.com").replace(/\/+$/, "");
  const place: TokenPlace = {
    name: cookie.name ?? "crowdhandler",
    maxAgeSeconds: cookie.maxAgeSeconds || undefined,
    domain: cookie.domain,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly ?? (mode === "hybrid" ? false : undefined),
    sameSite: cookie.sameSite,
  };
  const names = [...new Set([place.name, ...cookie.alsoRead ?? ["ch-id"]])];

  function enter(ctx: Context): Entry {
    const store = ctx.get(tokenStore);
    if (store === undefined) throw new GateError("internal", "there is no token store; add cookieTokens()");
    const page = readPage(ctx.href, placeOf);
    return { ctx, page, store, startedAt: ctx.now(), token: page.token, slug: undefined };
  }

  function readStored(entry: Entry, from: number = 0): Session | undefined | Promise<Session | undefined> {
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

  /** A token that was read under another name would bring the session back. */
  async function forget({ ctx, store }: Entry): Promise<void> {
    await store.remove(ctx, place);
    for (const name of names.slice(1)) {
      if (await store.read(ctx, name) !== undefined) await store.remove(ctx, { ...place, name });
    }
  }

  async function ask({ ctx, page }: Entry, token: string | undefined): Promise<CheckResult> {
    const facts = factsOf(ctx, page, askApplication("visitor", visitor, ctx));
    try {
      const further = askApplication("fields", fields, ctx);
      return await callService(ctx, () => service.check(token, facts, further));
    } catch (cause) {
      // Browsers say what they are. Who does not is refused by the service, which is no failure of the service.
      if (facts.agent || !isRefusal(cause)) throw cause;
      ctx.note?.(
        "the service refused the check of a visitor without a user agent, who counts as not promoted",
      );
      return notPromoted;
    }
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
    entry.ctx.set(returnParameter, "url");
    return { action: "queue", reason: "crowdhandler/queued", location, headers: noStore };
  }

  function clean({ page }: Entry): Decision {
    const mark = page.url.includes("?") ? "&" : "?";
    const location = loopGuard || lite ? `${page.url}${mark}ch-fresh=1` : page.url;
    return { action: "redirect", reason: "crowdhandler/clean-url", location, headers: noStore };
  }

  /** Who comes from a clean redirect was there already: to go once more might never end. */
  function validateElsewhere(entry: Entry, feed: Feed, token: string | undefined): Decision | undefined {
    const { ctx, page, startedAt } = entry;
    if (!lite || page.fresh || (token !== undefined && !isStale(token, startedAt))) return undefined;
    if (roomOf(feed, page, ctx.path) === undefined) return undefined;
    const path = token === undefined ? "" : `/${encodeURIComponent(token)}`;
    const location = `${api}/v1/redirect/requests${path}?ch-public-key=${encodeURIComponent(publicKey)}` +
      `&url=${encodeURIComponent(page.url)}&ch-code=${encodeURIComponent(page.code ?? "")}`;
    ctx.set(returnParameter, "url");
    return { action: "queue", reason: "crowdhandler/lite", location, headers: noStore };
  }

  function isGuarded({ page }: Entry, token: string | undefined): boolean {
    return loopGuard && page.fresh && page.token === undefined && token === undefined;
  }

  function fail(entry: Entry, keep: (token: string) => string): void | Promise<void> {
    const { ctx, page, token, slug } = entry;
    ctx.set(fallbackLocation, roomUrl(entry, slug, token));
    ctx.set(returnParameter, "url");
    if (page.token !== undefined) return write(entry, keep(page.token));
  }

  return {
    enter,
    readStored: (entry) => readStored(entry),
    write,
    forget,
    ask,
    feed: ({ ctx, startedAt }) => feedCache.get(ctx, startedAt),
    feedAgeMs: () => feedCache.ageMs(),
    queue,
    clean,
    validateElsewhere,
    isGuarded,
    fail,
    service,
    // A page that is fetched in advance ends nothing.
    isCheckout: (feed, { ctx, page }) =>
      checkout && isCheckout(feed, page, ctx.path) && ctx.get(passiveVisit) !== true,
    needsFeed: lite || checkout,
    cleanUrl: options.cleanUrl ?? (mode === "hybrid" ? "after-check" : "first"),
  };
}

/** What counts for a visitor whom the service refuses to check. */
const notPromoted: CheckResult = {
  promoted: false,
  token: undefined,
  slug: undefined,
  responseId: undefined,
  position: undefined,
  status: undefined,
  hash: undefined,
  requested: undefined,
  deployment: undefined,
};

/** Whether the service refused a call for another reason than its key. */
function isRefusal(cause: unknown): boolean {
  return cause instanceof ServiceError && cause.code === "rejected" && cause.status !== 401;
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

/** A new visitor for whom no place is to be opened: while the gate explains, and while a page is fetched in advance. */
export function unannounced(entry: Entry, desk: Desk): Decision | undefined {
  const { ctx } = entry;
  if (ctx.get(passiveVisit) === true) {
    return { action: "reject", reason: "crowdhandler/passive", status: 503 };
  }
  if (!ctx.dryRun) return undefined;
  ctx.note?.(
    "a new visitor: POST /v1/requests would open a place, so it was not called and what it would answer is unknown",
  );
  return { ...desk.queue(entry, undefined, undefined), reason: "crowdhandler/not-asked" };
}

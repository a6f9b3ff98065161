import type { Context } from "../../../src/context.ts";
import type { Decision, Facts, PlaceInLine } from "../../../src/decision.ts";
import { GateError, withFallback } from "../../../src/errors.ts";
import { createHostWarning } from "../../../src/options/untrusted-host.ts";
import { warnOnce } from "../../../src/options/warn-once.ts";
import type { Calls } from "../../../src/service.ts";
import type { CheckResult } from "../api/check-result.ts";
import { type ApiClient, createApiClient } from "../api/client.ts";
import type { CrowdhandlerOptions } from "../options.ts";
import { type PageUrl, readPageUrl, textsOf, withUnvouchedHost } from "../page-url.ts";
import { RoomCache } from "../rooms/room-cache.ts";
import { findRoom, isCheckoutPage, type RoomPage, type Rooms } from "../rooms/rooms.ts";
import { isStale, type VisitorSession } from "../session/session.ts";
import { createVisitorCheck, isOutside, type VisitorCheck } from "./check.ts";
import { backFacts, createLocations, type Locations, type WayBack } from "./locations.ts";
import { cookiesRequired } from "./required.ts";
import { createStandings, type Standings } from "./standings.ts";
import { createStoredToken, type StoredToken } from "./stored-token.ts";
import { type Coverage, shortBack, wayBackOf } from "./way-back.ts";

/** A request for a page, and what is found out about it. */
export interface PageRequest {
  readonly ctx: Context;
  readonly calls: Calls;
  readonly page: PageUrl;
  /** How the visitor comes back from a waiting room. */
  readonly back: WayBack;
  readonly startedAt: number;
  /** The token that is sent with a visitor who cannot be checked. */
  token: string | undefined;
  /** The slug of the room that covers the page, once it is known. */
  slug: string | undefined;
  /** The path and query by which that room covers it. */
  text: string | undefined;
  /** Whether that room covers another address of the page as well, once it is known. */
  covers: Coverage | undefined;
  /** What the visitor brought beside the URL, once it is read. */
  stored: VisitorSession | undefined;
}

/** What full and hybrid mode have in common, and no request changes. */
export interface ModeParts {
  readonly client: ApiClient;
  readonly check: VisitorCheck;
  readonly roomCache: RoomCache;
  readonly storedToken: StoredToken;
  readonly standings: Standings;
  readonly locations: Locations;
  /** Is told what the owner should know, once each. */
  readonly warn: (message: string) => void;
  /** Tells the owner, once, that any host is accepted. */
  readonly warnOfHost: (ctx: Context) => void;
  /** Whether a signature of the room is believed without a check. */
  readonly isHybrid: boolean;
  /** Whether the rooms are needed in full mode as well. */
  readonly needsRooms: boolean;
  readonly cleanUrl: "first" | "after-check" | "never";
  readonly lite: boolean;
  readonly checkout: boolean;
}

/**
 * The longest return URL, in encoded form, that fits into the request line of a call and of the waiting room, both
 * of which servers limit to 8 KB.
 */
const maxUrl = 6144;

/** What depends on the host of a request, where nobody vouches for it. */
const anyHost =
  '"publicHosts" is not set, so any host that a request names is accepted, such as that of this one';

/** Does once, from checked options, what needs no request. */
export function createModeParts(options: CrowdhandlerOptions): ModeParts {
  const { mode = "full", lite = false, checkout = false } = options;
  const { ttlMs = 60_000, maxStaleMs = 600_000 } = options.rooms ?? {};
  const warn = warnOnce(options.warn ?? ((message) => console.warn(message)));
  const client = createApiClient(options, warn);
  const standings = createStandings();
  return {
    client,
    check: createVisitorCheck(client, options, standings, warn),
    roomCache: new RoomCache(client.rooms, { ttlMs, maxStaleMs }),
    storedToken: createStoredToken(options),
    standings,
    locations: createLocations(options),
    warn,
    warnOfHost: createHostWarning("crowdhandler", warn, anyHost),
    isHybrid: mode === "hybrid",
    needsRooms: lite || checkout,
    cleanUrl: options.cleanUrl ?? (mode === "hybrid" ? "after-check" : "first"),
    lite,
    checkout,
  };
}

/** Reads what a request says before anybody is asked. */
export function readPageRequest({ warnOfHost }: ModeParts, ctx: Context, calls: Calls): PageRequest {
  let url = ctx.returnUrl;
  if (!ctx.isPublicHost) {
    warnOfHost(ctx);
    url = withUnvouchedHost(url);
  }
  const page = readPageUrl(url);
  const startedAt = ctx.now();
  return {
    ctx,
    calls,
    page,
    back: wayBackOf(ctx, page),
    startedAt,
    token: page.token,
    slug: undefined,
    text: undefined,
    covers: undefined,
    stored: undefined,
  };
}

/** What the rooms compare of a page. An address that nobody vouches for names no site, and reaches the application all the same. */
export function roomPageOf({ ctx, page }: PageRequest): RoomPage {
  const { host } = page;
  const isName = ctx.isPublicHost || !/^(?:localhost|[\d.]+|\[.*\])(?::\d+)?$/.test(host);
  return {
    host: isName ? host : undefined,
    texts: textsOf(page, ctx.readings),
    caseSensitive: ctx.caseSensitive,
  };
}

/** Ends the session of a visitor on a checkout page. */
export async function endSession(
  { storedToken }: ModeParts,
  { ctx }: PageRequest,
  facts: Facts,
): Promise<Decision> {
  await storedToken.forget(ctx.tokens);
  return { action: "admit", reason: "crowdhandler/checkout", facts: { ...facts, ends: true } };
}

/** Whether the session ends on this page. A page that is fetched in advance ends nothing. */
export function isCheckout({ checkout }: ModeParts, request: PageRequest, rooms: Rooms): boolean {
  return checkout && isCheckoutPage(rooms, roomPageOf(request)) && !request.ctx.passive;
}

/** Whether the URL brings another token than the visitor has: somebody else may have made that link. */
export function isForeign({ page, stored }: PageRequest): boolean {
  return page.token !== undefined && stored !== undefined && stored.token !== page.token;
}

/** Where the visitor stands, if the service says so; who may enter stands nowhere. */
export function placeOf({ promoted, position }: CheckResult): PlaceInLine | undefined {
  return promoted || position === undefined || position < 1 ? undefined : { position };
}

/**
 * Goes on with the stored token after the one of the URL was not promoted: a link costs nobody the place. There is one call
 * for each page, so the visitor is sent to the same page without the link's token, where the stored one is asked about.
 */
export function withoutLink({ locations }: ModeParts, request: PageRequest): Decision | undefined {
  return isForeign(request) && isRepeatable(request) ? locations.clean(request.page) : undefined;
}

/**
 * Whether what the service answered to a visitor who is not promoted is to be stored. It does not take the place of another
 * token, neither of the one that the visitor had before a link brought this one nor of one in a cookie of another scope.
 */
export function isToBeKept({ standings, storedToken }: ModeParts, request: PageRequest): boolean {
  const { ctx, stored } = request;
  if (stored === undefined) return true;
  if (isForeign(request)) return false;
  const all = [stored, ...storedToken.others(ctx.tokens, stored)];
  return all.every(({ token }) => token === request.token) || standings.mayReplace(all);
}

/**
 * Whether what the service answered to a visitor who may enter is to be stored. Outside the rooms a link's token is let in like
 * any other, which says nothing of it.
 */
export function isKeptInside(request: PageRequest, result: CheckResult): boolean {
  return !(isOutside(result) && isForeign(request));
}

/** Sends a visitor who may not enter to the waiting room, unless cookies are what is missing. */
export function refuse(
  { locations }: ModeParts,
  request: PageRequest,
  brought: string | undefined,
  slug: string | undefined,
  facts: Facts,
): Decision {
  return locations.isLooping(request.page, brought)
    ? cookiesRequired()
    : locations.queue(shortBack(request), slug, facts);
}

/**
 * Sends a visitor without a recent token to the lite validator, when the page has a room. Who comes from a clean
 * redirect was there already: to go once more might never end.
 */
export function validateElsewhere(
  parts: ModeParts,
  request: PageRequest,
  rooms: Rooms,
  token: string | undefined,
): Decision | undefined {
  const { lite, locations } = parts;
  const { page, slug, startedAt } = request;
  if (!lite || page.fresh || (token !== undefined && !isStale(token, startedAt))) return undefined;
  if (findRoom(rooms, roomPageOf(request)) === undefined) return undefined;
  return withoutLink(parts, request) ?? locations.lite(shortBack(request), { room: slug, visitor: token });
}

/** A new visitor for whom no place is to be opened: while the gate explains, and while a page is fetched in advance. */
export function refuseUnannounced(
  { locations }: ModeParts,
  request: PageRequest,
): Decision | undefined {
  const { ctx, slug } = request;
  if (ctx.passive) {
    return { action: "reject", reason: "crowdhandler/passive", status: 503 };
  }
  if (!ctx.dryRun) return undefined;
  ctx.note?.(
    "a new visitor: POST /v1/requests would open a place, so it was not called and what it would answer is unknown",
  );
  return { ...locations.queue(shortBack(request), slug, { room: slug }), reason: "crowdhandler/not-asked" };
}

/** Refuses a URL that neither the API nor a redirect could carry, rather than have the call fail. */
export function refuseTooLong({ page }: PageRequest): Decision | undefined {
  if (page.url.length <= maxUrl / 3 || encodeURIComponent(page.url).length <= maxUrl) return undefined;
  return { action: "reject", reason: "crowdhandler/url-too-long", status: 414 };
}

/** Visitors come back with GET or HEAD; only these may be redirected to the same page. */
export function isRepeatable({ ctx }: PageRequest): boolean {
  return ctx.request.method === "GET" || ctx.request.method === "HEAD";
}

/** Keeps what is known of a visitor whose check failed. A token that nobody checked takes the place of no other one. */
export function keepAfterFailure(
  { storedToken }: ModeParts,
  request: PageRequest,
  keep: (token: string) => string,
): void | Promise<void> {
  const { ctx, page } = request;
  if (page.token !== undefined && !isForeign(request)) {
    return storedToken.write(ctx.tokens, keep(page.token));
  }
}

/** The failure of a check, by which the policy learns where to send the visitor; nowhere, where the way back would end in the same failure. */
export function failureOf(
  parts: ModeParts,
  request: PageRequest,
  cause: unknown,
): GateError {
  const { page, token: asked, slug, stored } = request;
  const token = page.token === undefined ? asked : stored?.token ?? asked;
  const facts: Facts = { room: slug, visitor: token, ...backFacts };
  if (isEndless(parts, request, cause)) return withFallback(cause, { facts });
  return withFallback(cause, {
    facts,
    fallback: parts.locations.fallback(shortBack(request), slug, token),
  });
}

/**
 * Whether a room would only send the visitor round and round: nobody is known by an address, so whoever comes back is refused again,
 * unless the room's signature is believed without a check, as in hybrid mode. There it was not, if the visitor has just come back.
 */
function isEndless({ isHybrid }: ModeParts, { page }: PageRequest, cause: unknown): boolean {
  const isUnknown = cause instanceof GateError && cause.code === "unidentified";
  return isUnknown && (!isHybrid || page.token !== undefined);
}

/** Lets a visitor in. On a page outside every room there was nothing to prove. */
export function admission(reason: ReturnType<typeof reasonOf>, facts: Facts): Decision {
  return {
    action: "admit",
    reason,
    facts: reason === "crowdhandler/promoted" ? facts : { ...facts, proven: undefined },
  };
}

/** A page outside every room is answered without room data. */
export function reasonOf(result: CheckResult): "crowdhandler/promoted" | "crowdhandler/unprotected" {
  return isOutside(result) ? "crowdhandler/unprotected" : "crowdhandler/promoted";
}

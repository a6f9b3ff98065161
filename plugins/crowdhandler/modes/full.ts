import { chain } from "../../../src/async/maybe-promise.ts";
import type { Decision, Facts } from "../../../src/decision.ts";
import {
  admission,
  endSession,
  isCheckout,
  isForeign,
  isKeptInside,
  isRepeatable,
  isToBeKept,
  type ModeParts,
  type PageRequest,
  placeOf,
  reasonOf,
  refuse,
  refuseTooLong,
  refuseUnannounced,
  validateElsewhere,
  withoutLink,
} from "./page-request.ts";
import { lacksAgent } from "./check.ts";
import { agentRequired } from "./required.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { crowdhandlerVisit } from "../visit.ts";

/** Full mode: the service is asked on each page. */
export function decideInFullMode(parts: ModeParts, request: PageRequest): Decision | Promise<Decision> {
  const { ctx, page } = request;
  const { storedToken, locations, cleanUrl, standings } = parts;
  const { token } = page;
  const isFirst = token !== undefined && cleanUrl === "first" && isRepeatable(request);
  const refused = isFirst ? undefined : refuseTooLong(request);
  if (refused !== undefined) return refused;
  return chain(storedToken.read(ctx.tokens), (stored) => {
    request.stored = stored;
    if (isFirst && !isCheckedFirst(parts, request)) {
      return chain(storedToken.write(ctx.tokens, token), () => locations.clean(page));
    }
    if (token !== undefined) return refuseTooLong(request) ?? askService(parts, request);
    const session = stored && standings.choose([stored, ...storedToken.others(ctx.tokens, stored)]);
    request.token = session?.token;
    return askService(parts, request);
  });
}

/**
 * Whether the token of the URL is checked before it takes the place of the stored one. As recorded integrations do, a link
 * with what else the waiting room adds is believed without a check, but not where a browser says that it followed a link, as
 * all of today do, and not where the stored token is known to be promoted.
 */
function isCheckedFirst({ standings }: ModeParts, request: PageRequest): boolean {
  const { ctx, page, stored } = request;
  if (stored === undefined || !isForeign(request)) return false;
  const isReturn = page.signature !== undefined || page.requested !== undefined;
  return !isReturn || ctx.request.headers.has("sec-fetch-site") || standings.isPromoted(stored.token);
}

async function askService(parts: ModeParts, request: PageRequest): Promise<Decision> {
  const { ctx, page, token, startedAt } = request;
  const { storedToken, locations, cleanUrl } = parts;
  const rooms = parts.needsRooms ? await roomsOf(parts, request) : [];
  const elsewhere = validateElsewhere(parts, request, rooms, token);
  if (elsewhere !== undefined) return elsewhere;
  const refused = token === undefined ? refuseUnannounced(parts, request) : undefined;
  if (refused !== undefined) return refused;
  const result = await parts.check(request, token);
  const { responseId, slug } = result;
  ctx.set(crowdhandlerVisit, { result, startedAt, responseId });
  const kept = result.token ?? page.token;
  const facts: Facts = { room: slug, visitor: kept ?? token, proven: "service", place: placeOf(result) };
  request.slug = slug;
  if (!result.promoted) {
    if (lacksAgent(result)) return agentRequired();
    const clean = withoutLink(parts, request);
    if (clean !== undefined) return clean;
    if (kept !== undefined && isToBeKept(parts, request)) await storedToken.write(ctx.tokens, kept);
    return refuse(parts, request, token, slug, facts);
  }
  if (isCheckout(parts, request, rooms)) return await endSession(parts, request, facts);
  if (kept !== undefined && isKeptInside(request, result)) {
    await storedToken.write(ctx.tokens, kept);
  }
  if (page.token !== undefined && cleanUrl !== "never" && isRepeatable(request)) return locations.clean(page);
  return admission(reasonOf(result), facts);
}

/** In full mode the rooms are an addition: without them the service is asked as always. */
async function roomsOf({ roomCache }: ModeParts, { ctx, calls, startedAt }: PageRequest): Promise<Rooms> {
  try {
    return await roomCache.get(ctx, calls, startedAt);
  } catch {
    ctx.note?.("the rooms feed is not available; lite validator and checkout pages are not known");
    return [];
  }
}

import { chain } from "../../../src/async/maybe-promise.ts";
import type { Decision, Facts } from "../../../src/decision.ts";
import {
  admission,
  endSession,
  isCheckout,
  isRepeatable,
  type ModeParts,
  type PageRequest,
  placeOf,
  reasonOf,
  refuse,
  refuseTooLong,
  refuseUnannounced,
  validateElsewhere,
} from "./page-request.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { crowdhandlerVisit } from "../visit.ts";

/** Full mode: the service is asked on each page. */
export function decideInFullMode(parts: ModeParts, request: PageRequest): Decision | Promise<Decision> {
  const { ctx, page } = request;
  const { storedToken, locations, cleanUrl } = parts;
  const { token } = page;
  if (token !== undefined && cleanUrl === "first" && isRepeatable(request)) {
    return chain(storedToken.write(ctx.tokens, token), () => locations.clean(page));
  }
  const refused = refuseTooLong(request);
  if (refused !== undefined) return refused;
  if (token !== undefined) return askService(parts, request);
  return chain(storedToken.read(ctx.tokens), (stored) => {
    request.token = stored?.token;
    return askService(parts, request);
  });
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
  if (result.promoted && isCheckout(parts, request, rooms)) return await endSession(parts, request, facts);
  if (kept !== undefined) await storedToken.write(ctx.tokens, kept);
  if (!result.promoted) return refuse(parts, request, token, slug, facts);
  if (page.token !== undefined && cleanUrl === "after-check" && isRepeatable(request)) {
    return locations.clean(page);
  }
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

import { chain } from "../../../src/async/maybe-promise.ts";
import type { Decision } from "../../../src/decision.ts";
import { visitorToken, waitingRoom } from "../../../src/visit.ts";
import {
  admission,
  check,
  endSession,
  isCheckout,
  isRepeatable,
  type ModeParts,
  type PageRequest,
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
  const { ctx, page, store } = request;
  const { storedToken, locations, cleanUrl } = parts;
  const { token } = page;
  if (token !== undefined && cleanUrl === "first" && isRepeatable(request)) {
    return chain(storedToken.write(ctx, store, token), () => locations.clean(page));
  }
  const refused = refuseTooLong(request);
  if (refused !== undefined) return refused;
  if (token !== undefined) return askService(parts, request);
  return chain(storedToken.read(ctx, store), (stored) => {
    request.token = stored?.token;
    return askService(parts, request);
  });
}

async function askService(parts: ModeParts, request: PageRequest): Promise<Decision> {
  const { ctx, page, store, token, startedAt } = request;
  const { storedToken, locations, cleanUrl } = parts;
  const rooms = parts.needsRooms ? await roomsOf(parts, request) : [];
  const elsewhere = validateElsewhere(parts, request, rooms, token);
  if (elsewhere !== undefined) return elsewhere;
  const refused = token === undefined ? refuseUnannounced(parts, request) : undefined;
  if (refused !== undefined) return refused;
  const result = await check(parts, request, token);
  const { responseId } = result;
  ctx.set(crowdhandlerVisit, { result, startedAt, responseId });
  const kept = result.token ?? page.token;
  const known = kept ?? token;
  if (known !== undefined) ctx.set(visitorToken, known);
  if (result.slug !== undefined) ctx.set(waitingRoom, result.slug);
  if (result.promoted && isCheckout(parts, request, rooms)) return await endSession(parts, request);
  if (kept !== undefined) await storedToken.write(ctx, store, kept);
  if (!result.promoted) return refuse(parts, request, token, result, known);
  if (page.token !== undefined && cleanUrl === "after-check" && isRepeatable(request)) {
    return locations.clean(page);
  }
  return admission(ctx, reasonOf(result));
}

/** In full mode the rooms are an addition: without them the service is asked as always. */
async function roomsOf({ roomCache }: ModeParts, { ctx, startedAt }: PageRequest): Promise<Rooms> {
  try {
    return await roomCache.get(ctx, startedAt);
  } catch {
    ctx.note?.("the rooms feed is not available; lite validator and checkout pages are not known");
    return [];
  }
}

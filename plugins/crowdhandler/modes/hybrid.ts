import { chain, isPromise } from "../../../src/async/maybe-promise.ts";
import type { Decision, Facts } from "../../../src/decision.ts";
import type { CheckResult } from "../api/check-result.ts";
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
import { findRoom, type Room, type Rooms } from "../rooms/rooms.ts";
import { readSignature, sessionOf, type VisitorSession, withSignature } from "../session/session.ts";
import { isYoung, never, type SessionSigner } from "../session/signature.ts";
import { crowdhandlerVisit } from "../visit.ts";

/** What hybrid mode needs beside what both modes have. */
export interface HybridParts extends ModeParts {
  readonly signer: SessionSigner;
}

/**
 * Hybrid mode: promoted visitors are validated with the private key, and the service is asked only when that does
 * not succeed. A visitor who is valid locally passes without a promise.
 */
export function decideInHybridMode(parts: HybridParts, request: PageRequest): Decision | Promise<Decision> {
  const refused = refuseTooLong(request);
  if (refused !== undefined) return refused;
  const rooms = parts.roomCache.get(request.ctx, request.calls, request.startedAt);
  return isPromise(rooms)
    ? rooms.then((rooms) => match(parts, request, rooms), (cause) => failWithoutRooms(parts, request, cause))
    : match(parts, request, rooms);
}

/** Without rooms nothing can be checked, but the visitor's token is known all the same. */
async function failWithoutRooms(
  { storedToken }: HybridParts,
  request: PageRequest,
  cause: unknown,
): Promise<never> {
  try {
    request.token ??= (await storedToken.read(request.ctx.tokens))?.token;
  } catch {
    // One failure is enough; the first is the one that is told.
  }
  throw cause;
}

function match(parts: HybridParts, request: PageRequest, rooms: Rooms): Decision | Promise<Decision> {
  const { ctx, page } = request;
  const room = findRoom(rooms, page, ctx.path);
  if (room === undefined) {
    ctx.note?.("no room of the feed covers this page");
    return unprotected;
  }
  request.slug = room.slug;
  ctx.note?.(`room "${room.slug}" covers this page`);
  return chain(parts.storedToken.read(ctx.tokens), (stored) => validate(parts, request, rooms, room, stored));
}

const unprotected: Decision = { action: "admit", reason: "crowdhandler/unprotected" };

function validate(
  parts: HybridParts,
  request: PageRequest,
  rooms: Rooms,
  room: Room,
  stored: VisitorSession | undefined,
): Decision | Promise<Decision> {
  const { ctx, page, startedAt } = request;
  const token = page.token ?? stored?.token;
  request.token = token;
  // What is stored counts only for the token that is in use.
  const known = token === undefined
    ? undefined
    : stored?.token === token
    ? stored
    : sessionOf(token, stored?.deployment);
  const isFreshLink = page.signature !== undefined || page.requested !== undefined;
  if (known !== undefined) {
    const proven = isFreshLink
      ? proveLink(parts, request, room, known)
      : parts.signer.isValid(room, known, startedAt)
      ? known
      : undefined;
    if (proven !== undefined) {
      ctx.note?.(isFreshLink ? "the signature of the link is valid" : "the stored session is valid");
      const kept = parts.signer.write(proven, startedAt);
      const facts: Facts = { room: room.slug, visitor: token, proven: "signature" };
      return admit(parts, request, rooms, kept, isFreshLink, "crowdhandler/promoted", facts);
    }
  }
  const elsewhere = validateElsewhere(parts, request, rooms, token);
  if (elsewhere !== undefined) return elsewhere;
  ctx.note?.("nothing that the visitor brought is valid: the service is asked");
  const refused = token === undefined ? refuseUnannounced(parts, request) : undefined;
  if (refused !== undefined) return refused;
  return askService(parts, request, rooms, room, known);
}

/** A fresh link needs both of its parts. */
function proveLink(
  { signer }: HybridParts,
  { page, startedAt }: PageRequest,
  room: Room,
  known: VisitorSession,
): VisitorSession | undefined {
  const signature = readSignature(page.requested, page.signature);
  if (signature === undefined || !isYoung(Date.parse(signature.gen), startedAt, room)) return undefined;
  if (!signer.proves(room, known.token, signature)) return undefined;
  return { ...known, signatures: withSignature(known.signatures, signature) };
}

function admit(
  parts: HybridParts,
  request: PageRequest,
  rooms: Rooms,
  kept: string | undefined,
  isDirty: boolean,
  reason: ReturnType<typeof reasonOf>,
  facts: Facts,
): Decision | Promise<Decision> {
  if (isCheckout(parts, request, rooms)) return endSession(parts, request, facts);
  const { ctx, page } = request;
  const { storedToken, locations, cleanUrl } = parts;
  return chain(kept === undefined ? undefined : storedToken.write(ctx.tokens, kept), () => {
    return isDirty && cleanUrl !== "never" && isRepeatable(request)
      ? locations.clean(page)
      : admission(reason, facts);
  });
}

async function askService(
  parts: HybridParts,
  request: PageRequest,
  rooms: Rooms,
  room: Room,
  known: VisitorSession | undefined,
): Promise<Decision> {
  const { ctx, page, startedAt } = request;
  const { signer, storedToken } = parts;
  const result = await parts.check(request, known?.token);
  const now = ctx.now();
  ctx.set(crowdhandlerVisit, { result, startedAt, responseId: result.responseId });
  const token = result.token ?? known?.token;
  const facts: Facts = { room: room.slug, visitor: token, proven: "service", place: placeOf(result) };
  const deployment = result.deployment ?? known?.deployment;
  // A cookie is left as it is when neither the answer nor the URL says anything about a token.
  const isNews = result.token !== undefined || page.token !== undefined;
  if (!result.promoted) {
    if (isNews && token !== undefined) {
      await storedToken.write(ctx.tokens, signer.write(sessionOf(token, deployment), never));
    }
    return refuse(parts, request, known?.token, result.slug ?? room.slug, facts);
  }
  let kept: string | undefined;
  if (isNews && token !== undefined) {
    const signatures = signaturesFor(parts, room, token, known, result);
    kept = signer.write({ ...sessionOf(token, deployment), signatures }, now);
  }
  const isDirty = page.token !== undefined || page.signature !== undefined;
  return await admit(parts, request, rooms, kept, isDirty, reasonOf(result), facts);
}

/** The signatures that the token has, and the one of the answer if it is genuine. */
function signaturesFor(
  { signer }: HybridParts,
  room: Room,
  token: string,
  known: VisitorSession | undefined,
  result: CheckResult,
): VisitorSession["signatures"] {
  const earlier = known?.token === token ? known.signatures : [];
  const added = readSignature(result.requested, result.hash);
  return added !== undefined && signer.proves(room, token, added) ? withSignature(earlier, added) : earlier;
}

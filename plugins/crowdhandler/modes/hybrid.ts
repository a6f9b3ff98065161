import { chain, isPromise } from "../../../src/async/maybe-promise.ts";
import type { Decision, Facts } from "../../../src/decision.ts";
import type { CheckResult } from "../api/check-result.ts";
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
  roomPageOf,
  validateElsewhere,
  withoutLink,
} from "./page-request.ts";
import { findRoom, type Room, type Rooms } from "../rooms/rooms.ts";
import {
  readSignature,
  sessionOf,
  type Signature,
  type VisitorSession,
  withSignature,
} from "../session/session.ts";
import { isYoung, maxSignatures, never, type SessionSigner } from "../session/signature.ts";
import { crowdhandlerVisit } from "../visit.ts";
import { coverageOf } from "./way-back.ts";

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
    request.stored = await storedToken.read(request.ctx.tokens);
    request.token ??= request.stored?.token;
  } catch {
    // One failure is enough; the first is the one that is told.
  }
  throw cause;
}

function match(parts: HybridParts, request: PageRequest, rooms: Rooms): Decision | Promise<Decision> {
  const { ctx } = request;
  const found = findRoom(rooms, roomPageOf(request));
  if (found === undefined) {
    ctx.note?.("no room of the feed covers this page");
    return unprotected;
  }
  const { room } = found;
  request.slug = room.slug;
  request.text = found.text;
  request.covers = coverageOf(roomPageOf(request), room);
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
  const { ctx, page } = request;
  request.stored = stored;
  const isFreshLink = page.signature !== undefined || page.requested !== undefined;
  const known = page.token === undefined ? stored : sessionFor(page.token, stored);
  request.token = known?.token;
  const proven = known === undefined
    ? undefined
    : isFreshLink
    ? proveLink(parts, request, rooms, room, known)
    : findValid(parts, request, rooms, room, known);
  if (proven !== undefined) {
    ctx.note?.(isFreshLink ? "the signature of the link is valid" : "the stored session is valid");
    return admitProven(parts, request, rooms, room, proven, isFreshLink);
  }
  const asked = page.token === undefined ? chooseStored(parts, request) : known;
  request.token = asked?.token;
  const elsewhere = validateElsewhere(parts, request, rooms, asked?.token);
  if (elsewhere !== undefined) return elsewhere;
  ctx.note?.("nothing that the visitor brought is valid: the service is asked");
  const refused = asked === undefined ? refuseUnannounced(parts, request) : undefined;
  if (refused !== undefined) return refused;
  return askService(parts, request, rooms, room, asked);
}

/** The first valid session of the token in use: browsers may send cookies of several scopes. */
function findValid(
  { signer, storedToken }: HybridParts,
  { ctx, page, stored, startedAt }: PageRequest,
  rooms: Rooms,
  room: Room,
  known: VisitorSession,
): VisitorSession | undefined {
  let valid = signer.isValid(room, known, startedAt) ? known : undefined;
  if (valid === undefined && stored !== undefined) {
    valid = storedToken.others(ctx.tokens, stored).find((other) =>
      (page.token === undefined || other.token === page.token) && signer.isValid(room, other, startedAt)
    );
  }
  return valid && { ...valid, signatures: signer.living(rooms, valid, startedAt) };
}

/** The stored session to ask about. */
function chooseStored(
  { standings, storedToken }: HybridParts,
  { ctx, stored }: PageRequest,
): VisitorSession | undefined {
  return stored && standings.choose([stored, ...storedToken.others(ctx.tokens, stored)]);
}

/** Lets in who has a proof, and touches the session. */
function admitProven(
  parts: HybridParts,
  request: PageRequest,
  rooms: Rooms,
  room: Room,
  proven: VisitorSession,
  isDirty: boolean,
): Decision | Promise<Decision> {
  request.token = proven.token;
  const kept = parts.signer.write(proven, request.startedAt);
  const facts: Facts = { room: room.slug, visitor: proven.token, proven: "signature" };
  return admit(parts, request, rooms, kept, isDirty, "crowdhandler/promoted", facts);
}

/** A fresh link needs both of its parts. */
function proveLink(
  { signer }: HybridParts,
  { page, startedAt }: PageRequest,
  rooms: Rooms,
  room: Room,
  known: VisitorSession,
): VisitorSession | undefined {
  const signature = readSignature(page.requested, page.signature);
  if (signature === undefined || !isYoung(Date.parse(signature.gen), startedAt, room)) return undefined;
  if (!signer.proves(room, known.token, signature)) return undefined;
  return { ...known, signatures: withSignature(signer.living(rooms, known, startedAt), signature) };
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
    const inside = withoutLink(parts, request) ?? stayInside(parts, request, rooms, room);
    if (inside !== undefined) return inside;
    if (isNews && token !== undefined && isToBeKept(parts, request)) {
      await storedToken.write(ctx.tokens, signer.write(sessionOf(token, deployment), never));
    }
    return refuse(parts, request, known?.token, result.slug ?? room.slug, facts);
  }
  let kept: string | undefined;
  if (isNews && token !== undefined && isKeptInside(request, result)) {
    const signatures = signaturesFor(parts, rooms, room, sessionFor(token, known), result, now);
    kept = signer.write({ ...sessionOf(token, deployment), signatures }, now);
  }
  const isDirty = page.token !== undefined || page.signature !== undefined;
  return await admit(parts, request, rooms, kept, isDirty, reasonOf(result), facts);
}

/** Lets in who is inside by the stored session, although the link was not promoted, where no redirect can clean the URL. */
function stayInside(
  parts: HybridParts,
  request: PageRequest,
  rooms: Rooms,
  room: Room,
): Decision | Promise<Decision> | undefined {
  const { stored, startedAt } = request;
  if (stored === undefined || !isForeign(request) || !parts.signer.isValid(room, stored, startedAt)) {
    return undefined;
  }
  const proven = { ...stored, signatures: parts.signer.living(rooms, stored, startedAt) };
  return admitProven(parts, request, rooms, room, proven, false);
}

/** What is known of a token: what is stored says nothing of another one. */
function sessionFor(token: string, known: VisitorSession | undefined): VisitorSession {
  return known?.token === token ? known : sessionOf(token, known?.deployment);
}

/**
 * The signatures that are valid after the service promoted the token: those that were, and the one of the answer if it is
 * genuine. By that one the session in its room begins anew, so that earlier ones of the room do no harm.
 */
function signaturesFor(
  { signer }: HybridParts,
  rooms: Rooms,
  room: Room,
  session: VisitorSession,
  { requested, hash }: CheckResult,
  now: number,
): readonly Signature[] {
  const living = signer.living(rooms, session, now);
  const added = readSignature(requested, hash);
  if (added === undefined || !signer.proves(room, session.token, added)) return living;
  const kept = session.signatures.slice(-maxSignatures).filter((each) =>
    living.includes(each) || signer.proves(room, session.token, each)
  );
  return withSignature(kept, added);
}

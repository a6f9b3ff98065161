import { chain } from "../../../src/async/maybe-promise.ts";
import type { Decision } from "../../../src/decision.ts";
import { visitorToken, waitingRoom } from "../../../src/visit.ts";
import {
  cookiesRequired,
  type Desk,
  type Entry,
  isRepeatable,
  tooLong,
  unannounced,
} from "./page-request.ts";
import { admission, reasonOf } from "./full.ts";
import { type Feed, type Room, roomOf } from "../rooms/rooms.ts";
import { readSignature, type Session, session, withSignature } from "../session/session.ts";
import { isYoung, never, type Signer } from "../session/signature.ts";
import { crowdhandlerVisit } from "../visit.ts";

/**
 * Hybrid mode: promoted visitors are validated with the private key, and the service is asked only when that does
 * not succeed. A visitor who is valid locally passes without a promise.
 */
export function createHybridMode(desk: Desk, signer: Signer): (entry: Entry) => Decision | Promise<Decision> {
  function decide(entry: Entry): Decision | Promise<Decision> {
    const refused = tooLong(entry);
    if (refused !== undefined) return refused;
    const feed = desk.feed(entry);
    return feed instanceof Promise
      ? feed.then((fed) => match(entry, fed), (cause) => unfed(entry, cause))
      : match(entry, feed);
  }

  /** Without rooms nothing can be checked, but the visitor's token is known all the same. */
  async function unfed(entry: Entry, cause: unknown): Promise<never> {
    try {
      entry.token ??= (await desk.readStored(entry))?.token;
    } catch {
      // One failure is enough; the first is the one that is told.
    }
    throw cause;
  }

  function match(entry: Entry, feed: Feed): Decision | Promise<Decision> {
    const { ctx, page } = entry;
    const room = roomOf(feed, page, ctx.path);
    if (room === undefined) {
      ctx.note?.("no room of the feed covers this page");
      return unprotected;
    }
    entry.slug = room.slug;
    ctx.set(waitingRoom, room.slug);
    ctx.note?.(`room "${room.slug}" covers this page`);
    return chain(desk.readStored(entry), (stored) => validate(entry, feed, room, stored));
  }

  function validate(
    entry: Entry,
    feed: Feed,
    room: Room,
    stored: Session | undefined,
  ): Decision | Promise<Decision> {
    const { page, startedAt } = entry;
    const token = page.token ?? stored?.token;
    entry.token = token;
    if (token !== undefined) entry.ctx.set(visitorToken, token);
    // What is stored counts only for the token that is in use.
    const known = token === undefined
      ? undefined
      : stored?.token === token
      ? stored
      : session(token, stored?.deployment);
    const isFreshLink = page.signature !== undefined || page.requested !== undefined;
    if (known !== undefined) {
      const proven = isFreshLink ? proveLink(entry, room, known) : proveSession(entry, room, known);
      if (proven !== undefined) {
        entry.ctx.note?.(isFreshLink ? "the signature of the link is valid" : "the stored session is valid");
        return admit(entry, feed, signer.write(proven, startedAt), isFreshLink, "crowdhandler/promoted");
      }
    }
    const elsewhere = desk.validateElsewhere(entry, feed, token);
    if (elsewhere !== undefined) return elsewhere;
    entry.ctx.note?.("nothing that the visitor brought is valid: the service is asked");
    const refused = token === undefined ? unannounced(entry, desk) : undefined;
    if (refused !== undefined) return refused;
    return check(entry, feed, room, known);
  }

  /** A fresh link needs both of its parts. */
  function proveLink({ page, startedAt }: Entry, room: Room, known: Session): Session | undefined {
    const signature = readSignature(page.requested, page.signature);
    if (signature === undefined || !isYoung(Date.parse(signature.gen), startedAt, room)) return undefined;
    if (!signer.proves(room, known.token, signature)) return undefined;
    return { ...known, signatures: withSignature(known.signatures, signature) };
  }

  function proveSession({ startedAt }: Entry, room: Room, known: Session): Session | undefined {
    return signer.isValid(room, known, startedAt) ? known : undefined;
  }

  function admit(
    entry: Entry,
    feed: Feed,
    kept: string | undefined,
    isDirty: boolean,
    reason: "crowdhandler/promoted" | "crowdhandler/unprotected",
  ): Decision | Promise<Decision> {
    if (desk.isCheckout(feed, entry)) {
      return chain(desk.forget(entry), () => ({ action: "admit", reason: "crowdhandler/checkout" }));
    }
    return chain(kept === undefined ? undefined : desk.write(entry, kept), () => {
      return isDirty && desk.cleanUrl !== "never" && isRepeatable(entry)
        ? desk.clean(entry)
        : admission(entry.ctx, reason);
    });
  }

  async function check(entry: Entry, feed: Feed, room: Room, known: Session | undefined): Promise<Decision> {
    const { ctx, page, startedAt } = entry;
    const result = await desk.ask(entry, known?.token);
    const now = ctx.now();
    ctx.set(crowdhandlerVisit, { result, startedAt, responseId: result.responseId });
    const token = result.token ?? known?.token;
    if (token !== undefined) ctx.set(visitorToken, token);
    const deployment = result.deployment ?? known?.deployment;
    // A cookie is left as it is when neither the answer nor the URL says anything about a token.
    const isNews = result.token !== undefined || page.token !== undefined;
    if (!result.promoted) {
      if (isNews && token !== undefined) {
        await desk.write(entry, signer.write(session(token, deployment), never));
      }
      return desk.isGuarded(entry, known?.token) ? cookiesRequired() : desk.queue(entry, result.slug, token);
    }
    let kept: string | undefined;
    if (isNews && token !== undefined) {
      const earlier = known?.token === token ? known.signatures : [];
      const added = readSignature(result.requested, result.hash);
      const signatures = added !== undefined && signer.proves(room, token, added)
        ? withSignature(earlier, added)
        : earlier;
      kept = signer.write({ ...session(token, deployment), signatures }, now);
    }
    const isDirty = page.token !== undefined || page.signature !== undefined;
    return await admit(entry, feed, kept, isDirty, reasonOf(result));
  }

  return decide;
}

const unprotected: Decision = { action: "admit", reason: "crowdhandler/unprotected" };

import { chain } from "../../src/_maybe.ts";
import type { Decision } from "../../src/decision.ts";
import {
  cookiesRequired,
  crowdhandlerVisit,
  type Desk,
  type Entry,
  isRepeatable,
  notAsked,
  tooLong,
} from "./_desk.ts";
import { reasonOf } from "./_full.ts";
import { type Feed, type Room, roomOf } from "./_rooms.ts";
import { isYoung, type Session, session, type Signer, withSignature } from "./_signature.ts";

/**
 * Hybrid mode: promoted visitors are validated with the private key, and the service is asked only when that does
 * not succeed. A visitor who is valid locally passes without a promise.
 */
export function createHybridMode(desk: Desk, signer: Signer): (entry: Entry) => Decision | Promise<Decision> {
  function decide(entry: Entry): Decision | Promise<Decision> {
    return tooLong(entry) ?? chain(desk.feed(entry), (feed) => {
      const room = roomOf(feed, entry.page);
      if (room === undefined) {
        entry.ctx.note?.("no room of the feed covers this page");
        return unprotected;
      }
      entry.slug = room.slug;
      entry.ctx.note?.(`room "${room.slug}" covers this page`);
      return chain(desk.readStored(entry), (stored) => validate(entry, feed, room, stored));
    });
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
        return admit(entry, feed, proven, isFreshLink, "crowdhandler/promoted", startedAt);
      }
    }
    const elsewhere = desk.validateElsewhere(entry, feed, token);
    if (elsewhere !== undefined) return elsewhere;
    entry.ctx.note?.("nothing that the visitor brought is valid: the service is asked");
    if (token === undefined && entry.ctx.dryRun) return notAsked(entry, desk);
    return check(entry, feed, room, known);
  }

  /** A fresh link needs both of its parts. */
  function proveLink({ page, startedAt }: Entry, room: Room, known: Session): Session | undefined {
    const signature = signer.read(page.requested, page.signature);
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
    known: Session,
    isDirty: boolean,
    reason: "crowdhandler/promoted" | "crowdhandler/unprotected",
    now: number,
  ): Decision | Promise<Decision> {
    if (desk.endsAtCheckout && desk.isCheckout(feed, entry)) {
      return chain(desk.forget(entry), () => ({ action: "admit", reason: "crowdhandler/checkout" }));
    }
    return chain(desk.write(entry, signer.write(known, now)), () => {
      return isDirty && desk.cleanUrl !== "never" && isRepeatable(entry)
        ? desk.clean(entry)
        : { action: "admit", reason };
    });
  }

  async function check(entry: Entry, feed: Feed, room: Room, known: Session | undefined): Promise<Decision> {
    const { ctx, page, startedAt } = entry;
    const result = await desk.ask(entry, known?.token);
    const now = ctx.now();
    ctx.set(crowdhandlerVisit, { result, startedAt, responseId: result.responseId });
    const token = result.token ?? known?.token;
    const deployment = result.deployment ?? known?.deployment;
    if (!result.promoted) {
      if (result.token !== undefined || page.token !== undefined) {
        if (token !== undefined) await desk.write(entry, signer.write(session(token, deployment), now));
      }
      return desk.isGuarded(entry, known?.token) ? cookiesRequired() : desk.queue(entry, result.slug, token);
    }
    const reason = reasonOf(result);
    if (token === undefined || (result.token === undefined && page.token === undefined)) {
      return { action: "admit", reason };
    }
    const kept = known?.token === token ? known.signatures : [];
    const added = signer.read(result.requested, result.hash);
    const signatures = added !== undefined && signer.proves(room, token, added)
      ? withSignature(kept, added)
      : kept;
    const isDirty = page.token !== undefined || page.signature !== undefined;
    const next: Session = { ...session(token, deployment), signatures };
    return await admit(entry, feed, next, isDirty, reason, now);
  }

  return decide;
}

const unprotected: Decision = { action: "admit", reason: "crowdhandler/unprotected" };

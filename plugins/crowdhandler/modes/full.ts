import { chain } from "../../../src/async/maybe-promise.ts";
import type { Context } from "../../../src/context.ts";
import type { Decision } from "../../../src/decision.ts";
import { promoted, visitorToken, waitingRoom } from "../../../src/visit.ts";
import {
  cookiesRequired,
  type Desk,
  type Entry,
  isRepeatable,
  tooLong,
  unannounced,
} from "./page-request.ts";
import type { CheckResult } from "../api/check-result.ts";
import type { Feed } from "../rooms/rooms.ts";
import { crowdhandlerVisit } from "../visit.ts";

/** Full mode: the service is asked on each page. */
export function createFullMode(desk: Desk): (entry: Entry) => Decision | Promise<Decision> {
  function decide(entry: Entry): Decision | Promise<Decision> {
    const { token } = entry.page;
    if (token !== undefined && desk.cleanUrl === "first" && isRepeatable(entry)) {
      return chain(desk.write(entry, token), () => desk.clean(entry));
    }
    const refused = tooLong(entry);
    if (refused !== undefined) return refused;
    if (token !== undefined) return check(entry);
    return chain(desk.readStored(entry), (stored) => {
      entry.token = stored?.token;
      return check(entry);
    });
  }

  async function check(entry: Entry): Promise<Decision> {
    const { ctx, page, token, startedAt } = entry;
    const feed = desk.needsFeed ? await feedOf(entry) : [];
    const elsewhere = desk.validateElsewhere(entry, feed, token);
    if (elsewhere !== undefined) return elsewhere;
    const refused = token === undefined ? unannounced(entry, desk) : undefined;
    if (refused !== undefined) return refused;
    const result = await desk.ask(entry, token);
    const { responseId } = result;
    ctx.set(crowdhandlerVisit, { result, startedAt, responseId });
    const kept = result.token ?? page.token;
    const known = kept ?? token;
    if (known !== undefined) ctx.set(visitorToken, known);
    if (result.slug !== undefined) ctx.set(waitingRoom, result.slug);
    if (result.promoted && desk.isCheckout(feed, entry)) {
      await desk.forget(entry);
      return { action: "admit", reason: "crowdhandler/checkout" };
    }
    if (kept !== undefined) await desk.write(entry, kept);
    if (!result.promoted) {
      if (desk.isGuarded(entry, token)) return cookiesRequired();
      return desk.queue(entry, result.slug, known);
    }
    if (page.token !== undefined && desk.cleanUrl === "after-check" && isRepeatable(entry)) {
      return desk.clean(entry);
    }
    return admission(ctx, reasonOf(result));
  }

  /** In full mode the feed is an addition: without it the service is asked as always. */
  async function feedOf(entry: Entry): Promise<Feed> {
    try {
      return await desk.feed(entry);
    } catch {
      entry.ctx.note?.("the rooms feed is not available; lite validator and checkout pages are not known");
      return [];
    }
  }

  return decide;
}

/** Lets a visitor in, and says so where it rests on a proof. */
export function admission(ctx: Context, reason: ReturnType<typeof reasonOf>): Decision {
  if (reason === "crowdhandler/promoted") ctx.set(promoted, true);
  return { action: "admit", reason };
}

/** A page outside every room is answered without room data. */
export function reasonOf(result: CheckResult): "crowdhandler/promoted" | "crowdhandler/unprotected" {
  return result.slug === undefined && result.responseId === undefined
    ? "crowdhandler/unprotected"
    : "crowdhandler/promoted";
}

/**
 * The queue page: it holds a visitor in line, then returns the visitor to the site with a token.
 *
 * @module
 */
import type { Context } from "hono";
import { Hono } from "hono";
import { html } from "hono/html";
import { parseReturnUrl, withParameters } from "../return-url.ts";
import { parseUrl } from "../parse-url.ts";
import type { ResolvedOptions } from "../options.ts";
import { renderWaiting, securityPolicy } from "../page/render.ts";
import { wantsJson } from "../page/respond.ts";
import { duration, type Language, type Situation, TEXTS } from "../page/texts.ts";
import { describeWaiting, type WaitingView } from "../page/view.ts";
import { readPlace, writePlace } from "./place-cookie.ts";
import { renderDetails } from "./details.ts";
import type { Desk, Entrance } from "./desk.ts";
import { type EnqueueRefusal, refuseEnqueueToken } from "./enqueue-token.ts";
import { cultureOf, deadEnd, notice, type QueueItEnv } from "./respond.ts";
import type { LiveQueueItRoom } from "./rooms.ts";
import { QUEUE_IT_TEXTS } from "./texts.ts";

/** Marks a reload, so that a browser without cookies is noticed. */
const KEPT = "kept";
const TOKEN = "queueittoken";
/** Longer times are not told in hours. */
const MAX_SHOWN_MS = 48 * 3_600_000;

/**
 * Creates the queue page, to be mounted under a path prefix.
 *
 * @param options The sandbox's options.
 * @param desk The service.
 * @param prefix The prefix, `""` or as in `tickets/queue`.
 * @returns A Hono app.
 */
export function createQueuePage(options: ResolvedOptions, desk: Desk, prefix: string): Hono<QueueItEnv> {
  const { now, queueIt, returnOrigins } = options;
  const app = new Hono<QueueItEnv>({ strict: false });

  app.get("/", async (c) => {
    const query = c.req.query();
    if (query["c"] !== queueIt.customerId) return deadEnd(c, "bad-key", 404);
    const room = desk.room(query["e"]);
    if (room === undefined || room.options.pathPrefix !== prefix) return deadEnd(c, "no-room", 404);
    const { domains, targetUrl } = room.options;
    const target = parseReturnUrl(query["t"] || targetUrl, domains, returnOrigins);
    if (target === undefined) return deadEnd(c, "bad-url", 400);

    const kept = readPlace(c, room.options.eventId);
    if (kept === undefined && wantsJson(c)) return c.json({ situation: "moved", location: reload(c) });
    if (kept === undefined && query[KEPT] !== undefined) return cookiesNeeded(c, room);
    if (room.options.requireEnqueueToken && (kept === undefined || !desk.knows(kept))) {
      const refusal = await checkEnqueueToken(c, room);
      if (refusal !== undefined) return invited(c, room, target, refusal);
    }
    const entrance = desk.enter(room, kept, c.env.address);
    const { arrival, token } = entrance;
    if (arrival.kind === "closed") return closed(c, room, arrival.phase);
    writePlace(c, room.options.eventId, entrance.queueId, options.tokenMinutes);
    if (arrival.kind === "wait") return wait(c, room, entrance);
    const location = withParameters(target, { [TOKEN]: token }, [TOKEN]);
    return wantsJson(c) ? c.json({ situation: "ready", location }) : c.redirect(location, 302);
  });

  function wait(
    c: Context<QueueItEnv>,
    room: LiveQueueItRoom,
    entrance: Entrance,
  ): Response | Promise<Response> {
    const language = cultureOf(c);
    const view = viewOf(room, entrance, language);
    if (wantsJson(c)) return c.json(view);
    const { title, logo, holdMinutes } = room.options;
    const image = logo === null ? undefined : parseUrl(logo)?.origin;
    c.header("content-security-policy", securityPolicy([], image));
    return c.html(renderWaiting({
      view,
      language,
      title,
      logo,
      holdMinutes,
      action: path(prefix),
      query: Object.entries({ ...c.req.query(), [KEPT]: "1" }),
      footnote: QUEUE_IT_TEXTS[language].queueId(entrance.queueId),
    }));
  }

  function viewOf(room: LiveQueueItRoom, { arrival }: Entrance, language: Language): WaitingView {
    const visit = arrival.kind === "wait" ? arrival.visit : undefined;
    const { opensAt } = room.options;
    const opensInMs = opensAt === null ? 0 : Date.parse(opensAt) - now();
    const situation: Situation = opensInMs > 0
      ? "early"
      : visit?.full === true
      ? "full"
      : room.ratePerMinute === 0
      ? "paused"
      : "waiting";
    return describeWaiting({
      situation,
      title: room.options.title,
      message: room.message,
      place: visit,
      ratePerMinute: room.ratePerMinute,
      opensInMs,
    }, language);
  }

  /** A room that nobody may enter now, before or after its time. */
  function closed(
    c: Context<QueueItEnv>,
    room: LiveQueueItRoom,
    phase: "before" | "after",
  ): Response | Promise<Response> {
    const { title, activeFrom } = room.options;
    if (phase === "after") return notice(c, { kind: phase, title, status: 200 });
    const language = cultureOf(c);
    const texts = TEXTS[language];
    const opensInMs = activeFrom === null ? Infinity : Date.parse(activeFrom) - now();
    const more = opensInMs > 0 && opensInMs < MAX_SHOWN_MS
      ? html`<p class="reload">${texts.opensIn} ${duration(texts, opensInMs)}.</p>`
      : undefined;
    const link = { href: here(c), text: QUEUE_IT_TEXTS[language].checkAgain };
    return notice(c, { kind: phase, title, link, more, status: 200 });
  }

  function cookiesNeeded(c: Context<QueueItEnv>, room: LiveQueueItRoom): Response | Promise<Response> {
    const link = { href: here(c), text: QUEUE_IT_TEXTS[cultureOf(c)].checkAgain };
    return notice(c, { kind: "cookies", title: room.options.title, link, status: 400 });
  }

  function invited(
    c: Context<QueueItEnv>,
    room: LiveQueueItRoom,
    target: URL,
    refusal: EnqueueRefusal,
  ): Response | Promise<Response> {
    const more = renderDetails({ "Enqueue token": refusal });
    return notice(c, { kind: "invite", title: room.options.title, home: target, more, status: 403 });
  }

  function checkEnqueueToken(
    c: Context<QueueItEnv>,
    room: LiveQueueItRoom,
  ): Promise<EnqueueRefusal | undefined> {
    const { customerId, secretKey } = queueIt;
    return refuseEnqueueToken(c.req.query("enqueuetoken"), {
      customerId,
      secretKey,
      eventId: room.options.eventId,
      now: now(),
      address: c.env.address,
      spend: desk.spend,
    });
  }

  /** This page again, asked for with a mark. */
  function reload(c: Context): string {
    return `${path(prefix)}?${new URLSearchParams({ ...c.req.query(), [KEPT]: "1" })}`;
  }

  /** This page as it was first asked for. */
  function here(c: Context): string {
    const { [KEPT]: _, ...query } = c.req.query();
    return `${path(prefix)}?${new URLSearchParams(query)}`;
  }

  return app;
}

function path(prefix: string): string {
  return prefix === "" ? "/" : `/${prefix}/`;
}

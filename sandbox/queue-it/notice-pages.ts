/**
 * The pages to which connectors send a visitor besides the queue: errors, cancelling, diagnostics.
 *
 * @module
 */
import type { Context } from "hono";
import { Hono } from "hono";
import { parseReturnUrl } from "../return-url.ts";
import type { ResolvedOptions } from "../options.ts";
import { renderDetails, tokenFacts } from "./details.ts";
import { forgetPlace, readPlace } from "./place-cookie.ts";
import type { Desk } from "./desk.ts";
import { cultureOf, deadEnd, notice, type QueueItEnv } from "./respond.ts";
import { QUEUE_IT_TEXTS, type Refusal } from "./texts.ts";

const MAX_PLACES = 50;

interface Place {
  readonly eventId: string;
  readonly queueId: string | undefined;
}

/**
 * Creates the pages, to be mounted at `/` and under path prefixes.
 *
 * @param options The sandbox's options.
 * @param desk The service.
 * @returns A Hono app.
 */
export function createNoticePages(options: ResolvedOptions, desk: Desk): Hono<QueueItEnv> {
  const { now, queueIt, returnOrigins } = options;
  const app = new Hono<QueueItEnv>({ strict: false });

  app.get("/error/:code{.+}", (c) => {
    const query = c.req.query();
    if (query["c"] !== queueIt.customerId) return deadEnd(c, "bad-key", 404);
    const room = desk.room(query["e"]);
    if (room === undefined) return deadEnd(c, "no-room", 404);
    const { title } = room.options;
    const code = c.req.param("code").replace(/\/$/, "");
    const kind = refusalOf(code);
    const token = query["queueittoken"];
    const more = renderDetails({
      "Error code": code,
      "Event": query["e"],
      "Action": query["man"],
      "Connector": query["ver"],
      "Configuration version": query["cver"],
      "Reason": query["icr"],
      ...(token === undefined ? {} : tokenFacts(desk.signer.inspect(token), now())),
    });
    const link = {
      href: queueAgain(room.options.pathPrefix, query),
      text: QUEUE_IT_TEXTS[cultureOf(c)].queueAgain,
    };
    return notice(c, { kind, title, link, more, status: kind === "unknown" ? 404 : 200 });
  });

  app.get("/cancel/multiple/:c", (c) => cancel(c, c.req.param("c"), parsePlaces(c.req.query("wrl") ?? "")));
  app.get("/cancel/:c/:e/:q?", (c) => {
    return cancel(c, c.req.param("c"), [{ eventId: c.req.param("e"), queueId: c.req.param("q") }]);
  });

  app.get("/diagnostics/connector/error", (c) => diagnostics(c));
  app.get("/:c/diagnostics/connector/error", (c) => {
    return c.req.param("c") === queueIt.customerId ? diagnostics(c) : deadEnd(c, "bad-key", 404);
  });

  app.all("*", (c) => deadEnd(c, "no-room", 404));

  function cancel(
    c: Context<QueueItEnv>,
    customerId: string,
    places: readonly Place[],
  ): Response | Promise<Response> {
    if (customerId !== queueIt.customerId) return deadEnd(c, "bad-key", 404);
    const rooms = places.map(({ eventId }) => desk.room(eventId)).filter((room) => room !== undefined);
    if (rooms.length === 0) return deadEnd(c, "no-room", 404);
    for (const { options: { eventId } } of rooms) {
      const given = places.find((place) => place.eventId === eventId)?.queueId;
      const kept = readPlace(c, eventId);
      if (given !== undefined) desk.cancel(given);
      if (kept !== undefined) desk.cancel(kept);
      forgetPlace(c, eventId);
    }
    const domains = rooms.flatMap((room) => room.options.domains);
    const back = parseReturnUrl(c.req.query("r"), domains, returnOrigins);
    if (back !== undefined) return c.redirect(back.href, 302);
    const home = parseReturnUrl(rooms[0]?.options.targetUrl, domains, returnOrigins);
    return notice(c, { kind: "cancelled", title: rooms[0]?.options.title, home, status: 200 });
  }

  function diagnostics(c: Context<QueueItEnv>): Response | Promise<Response> {
    const code = c.req.query("code") ?? "";
    const more = renderDetails({ "Code": code, "Meaning": DIAGNOSTICS[code] ?? "not known" });
    return notice(c, { kind: "setup", more, status: DIAGNOSTICS[code] === undefined ? 404 : 200 });
  }

  return app;
}

const DIAGNOSTICS: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  setup: "the connector has no customer id or no secret key",
  hash: "the debug token’s signature does not fit the connector’s secret key",
  timestamp: "the debug token has run out",
});

const REFUSALS: readonly Refusal[] = [
  "hash",
  "eventid",
  "timestamp",
  "ip",
  "qidlimit",
  "connector/sessionstate",
];

function refusalOf(code: string): Refusal {
  return REFUSALS.find((each) => each === code) ?? "unknown";
}

/** The queue page with what the connector said, but for the token that was refused. */
function queueAgain(prefix: string, query: Readonly<Record<string, string>>): string {
  const kept = ["c", "e", "ver", "cver", "man", "cid", "l", "t"].filter((name) => query[name] !== undefined);
  const parameters = kept.map((name): [string, string] => [name, query[name] ?? ""]);
  return `/${prefix === "" ? "" : `${prefix}/`}?${new URLSearchParams(parameters)}`;
}

/** Reads `room~queueId_room`. */
function parsePlaces(text: string): Place[] {
  return text.split("_", MAX_PLACES).filter((part) => part !== "").map((part) => {
    const [eventId = "", queueId] = part.split("~");
    return { eventId, queueId };
  });
}

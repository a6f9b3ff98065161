/**
 * The waiting rooms' pages. They work without scripts, by reloading; with scripts they update in place.
 *
 * @module
 */
import type { Context } from "hono";
import { Hono } from "hono";
import type { Bindings } from "../call.ts";
import { parseReturnUrl } from "../return-url.ts";
import { parseUrl } from "../parse-url.ts";
import type { ResolvedOptions } from "../options.ts";
import { renderNotice, renderWaiting, securityPolicy } from "../page/render.ts";
import { languageOf, pageHeaders, wantsJson } from "../page/respond.ts";
import { type DeadEnd, type Language, type Situation, TEXTS } from "../page/texts.ts";
import { describeWaiting, type WaitingView } from "../page/view.ts";
import { backTo } from "./api.ts";
import type { Answer, Checker } from "./check.ts";
import { findRoom, type LiveRoom } from "./rooms.ts";

type Env = { Bindings: Bindings };

/**
 * Creates the pages: `/:slug`, and `/` which finds the room by the visitor's URL.
 *
 * @param options The sandbox's options.
 * @param service The check, and the rooms by precedence.
 * @returns A Hono app.
 */
export function createWaitingPages(
  options: ResolvedOptions,
  service: { checker: Checker; rooms: readonly LiveRoom[] },
): Hono<Env> {
  const { checker, rooms } = service;
  const app = new Hono<Env>();

  app.use(pageHeaders);

  app.get("/", (c) => {
    // Visitors who are sent here bring parameters. Who does not is a developer who looks what this is.
    if (new URL(c.req.url).search === "") return c.text(overview(rooms), 200, plain);
    const given = c.req.query("url");
    const domains = rooms.map((room) => room.options.domain);
    const target = parseReturnUrl(given, domains, options.returnOrigins);
    if (c.req.query("ch-public-key") !== options.publicKey) return deadEnd(c, "bad-key", 404);
    if (target === undefined || given === undefined) return deadEnd(c, "bad-url", 400);
    const asked = new URL(given);
    const room = findRoom(rooms, asked);
    if (room !== undefined && room !== "unprotected") return wait(c, room, target);
    // Nothing protects this page: the visitor was sent here while the API was out of order.
    const token = c.req.query("ch-id");
    return leave(c, target, checker.check({ target: asked, token }));
  });

  app.get("/:slug", (c) => {
    const room = rooms.find((each) => each.options.slug === c.req.param("slug"));
    if (room === undefined) return deadEnd(c, "no-room", 404);
    const { domain } = room.options;
    const home = domain.includes("*") ? undefined : domain;
    const target = parseReturnUrl(c.req.query("url") ?? home, [domain], options.returnOrigins);
    return target === undefined ? deadEnd(c, "bad-url", 400, room) : wait(c, room, target);
  });

  app.all("*", (c) => deadEnd(c, "no-room", 404));

  function wait(c: Context<Env>, room: LiveRoom, target: URL): Response | Promise<Response> {
    const token = c.req.query("ch-id");
    const code = c.req.query("ch-code")?.trim() || undefined;
    const answer = checker.check({ target: room, token, code });
    if (answer.result.promoted === 1) return leave(c, target, answer, code);
    if (answer.token !== token) return adopt(c, answer);

    const language = languageOf(c);
    const view = viewOf(room, answer, language);
    if (wantsJson(c)) return c.json(view);
    const { title, slug, logo, holdMinutes, priorityCodes } = room.options;
    c.header("content-security-policy", securityPolicy([target.origin], logoOrigin(room)));
    return c.html(renderWaiting({
      view,
      language,
      title,
      logo,
      holdMinutes,
      action: `/${slug}`,
      query: Object.entries(c.req.query()).filter(([name]) => name !== "ch-code"),
      code: priorityCodes.length > 0 ? { given: code } : undefined,
    }));
  }

  function viewOf(room: LiveRoom, answer: Answer, language: Language): WaitingView {
    const now = options.now();
    return describeWaiting({
      situation: situationOf(room, answer, now),
      title: room.options.title,
      message: room.message,
      place: answer.visit?.promoted === false ? answer.visit : undefined,
      ratePerMinute: room.ratePerMinute,
      opensInMs: Date.parse(room.options.onsale) - now,
    }, language);
  }

  function leave(c: Context<Env>, target: URL, answer: Answer, code?: string): Response {
    const location = backTo(target, answer, { code });
    return wantsJson(c) ? c.json({ situation: "ready", location }) : c.redirect(location, 302);
  }

  /** A token of no use is replaced in the address, so that reloading keeps the new place. */
  function adopt(c: Context<Env>, { token = "" }: Answer): Response {
    const url = new URL(c.req.url);
    url.searchParams.set("ch-id", token);
    const location = url.pathname.replace(/^\/+/, "/") + url.search;
    return wantsJson(c) ? c.json({ situation: "moved", location }) : c.redirect(location, 302);
  }

  function deadEnd(
    c: Context<Env>,
    kind: DeadEnd,
    status: 400 | 404,
    room?: LiveRoom,
  ): Response | Promise<Response> {
    if (wantsJson(c)) return c.json({ error: kind }, status);
    const domain = room?.options.domain;
    const home = domain === undefined || domain.includes("*")
      ? undefined
      : parseReturnUrl(domain, [domain], options.returnOrigins);
    const language = languageOf(c);
    const texts = TEXTS[language];
    c.header("content-security-policy", securityPolicy([]));
    const link = home === undefined ? undefined : { href: home.href, text: texts.goTo(home.host) };
    return c.html(renderNotice({ language, ...texts.deadEnds[kind], link }), status);
  }

  return app;
}

function logoOrigin(room: LiveRoom): string | undefined {
  return room.options.logo === null ? undefined : parseUrl(room.options.logo)?.origin;
}

function situationOf(room: LiveRoom, { result }: Answer, now: number): Situation {
  const { promoted, status } = result;
  if (promoted === 1) return "ready";
  if (status === 3 || status === 4) return "blocked";
  if (status === 6) return "throttled";
  if (now < Date.parse(room.options.onsale)) return "early";
  if (status === 5) return "full";
  return room.ratePerMinute === 0 ? "paused" : "waiting";
}

const plain = { "content-type": "text/plain; charset=UTF-8" };

function overview(rooms: readonly LiveRoom[]): string {
  const pages = rooms.map((room) => `  /${room.options.slug}\n`).join("");
  return `Stanchion sandbox, a stand-in for CrowdHandler and Queue-it.\n\nWaiting pages:\n${pages}\n` +
    "Everything that it knows:\n  /sandbox/state\n";
}

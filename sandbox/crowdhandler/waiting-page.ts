/**
 * The waiting rooms' pages. They work without scripts, by reloading; with scripts they update in place.
 *
 * @module
 */
import { accepts } from "hono/accepts";
import type { Context } from "hono";
import { Hono } from "hono";
import type { ResolvedOptions } from "../options.ts";
import { backTo, type Bindings } from "./api.ts";
import type { Answer, Checker } from "./check.ts";
import { renderDeadEnd, renderWaiting, securityPolicy } from "./_html.ts";
import { parseReturnUrl } from "./return-url.ts";
import { findRoom, type LiveRoom } from "./rooms.ts";
import { type DeadEnd, type Language, LANGUAGES } from "./texts.ts";
import { describeWaiting } from "./view.ts";
import { parseUrl } from "../_url.ts";

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

  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
    c.header("referrer-policy", "no-referrer");
    c.header("x-content-type-options", "nosniff");
    c.header("vary", "Accept, Accept-Language");
  });

  app.get("/", (c) => {
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
    const view = describeWaiting(room, answer, language, options.now());
    if (wantsJson(c)) return c.json(view);
    c.header("content-security-policy", securityPolicy([target.origin], logoOrigin(room)));
    const query = Object.entries(c.req.query()).filter(([name]) => name !== "ch-code");
    return c.html(
      renderWaiting({ room, view, language, hidden: query, codeRefused: code !== undefined, code }),
    );
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
    c.header("content-security-policy", securityPolicy([]));
    return c.html(renderDeadEnd(kind, languageOf(c), home), status);
  }

  return app;
}

function wantsJson(c: Context): boolean {
  return c.req.header("accept") === "application/json";
}

function logoOrigin(room: LiveRoom): string | undefined {
  return room.options.logo === null ? undefined : parseUrl(room.options.logo)?.origin;
}

/** The best of our languages by the visitor's q-values; `fr-CH` is French, and `q=0` rules a language out. */
function languageOf(c: Context): Language {
  const chosen = accepts(c, {
    header: "Accept-Language",
    supports: [...LANGUAGES],
    default: "en",
    match(accepted, { supports }): string {
      const wishes = accepted.map(({ type, q }) => ({ tag: type.toLowerCase().split("-", 1)[0] ?? "", q }));
      const refused = wishes.filter(({ q }) => q === 0).map(({ tag }) => tag);
      const ranked = wishes.filter(({ q }) => q > 0).toSorted((a, b) => b.q - a.q);
      for (const { tag } of ranked) {
        const found = supports.find((each) => each === tag || (tag === "*" && !refused.includes(each)));
        if (found !== undefined) return found;
      }
      return "en";
    },
  });
  return LANGUAGES.find((language) => language === chosen) ?? "en";
}

/**
 * Answers that Queue-it's pages have in common.
 *
 * @module
 */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Bindings } from "../call.ts";
import { type Html, type Link, renderNotice, securityPolicy } from "../page/render.ts";
import { languageOf, wantsJson } from "../page/respond.ts";
import { type DeadEnd, type Language, LANGUAGES, TEXTS, type Words } from "../page/texts.ts";
import { type Notice, QUEUE_IT_TEXTS, type Refusal } from "./texts.ts";

/** What the routes are given: the body, and the visitor's address where the platform tells it. */
export type QueueItEnv = { Bindings: Bindings & { readonly address?: string | undefined } };

/** What a page without a line says. */
export interface NoticeOptions {
  readonly kind: Notice | Refusal;
  readonly title?: string | undefined;
  readonly link?: Link | undefined;
  /** Where the page leads when there is no other link. */
  readonly home?: URL | undefined;
  readonly more?: Html | undefined;
  readonly status: ContentfulStatusCode;
}

/** The language that the connector's parameter `cid` asks for, otherwise the browser's. */
export function cultureOf(c: Context): Language {
  const culture = c.req.query("cid")?.toLowerCase().split("-", 1)[0];
  return LANGUAGES.find((language) => language === culture) ?? languageOf(c);
}

/** A page that says something. */
export function notice(c: Context, options: NoticeOptions): Response | Promise<Response> {
  const { kind } = options;
  const texts = QUEUE_IT_TEXTS[cultureOf(c)];
  const words = kind in texts.refusals
    // The check proves the casts: a kind is one or the other.
    ? texts.refusals[kind as Refusal]
    : texts.notices[kind as Notice];
  return page(c, words, kind, options);
}

/** A page that explains why there is nothing to wait for. */
export function deadEnd(
  c: Context,
  kind: DeadEnd,
  status: ContentfulStatusCode,
): Response | Promise<Response> {
  return page(c, TEXTS[cultureOf(c)].deadEnds[kind], kind, { status });
}

function page(
  c: Context,
  words: Words,
  kind: string,
  options: Omit<NoticeOptions, "kind">,
): Response | Promise<Response> {
  const { status, title, home, more } = options;
  // The page's script then reloads, and shows the page.
  if (wantsJson(c)) return c.json({ error: kind }, status === 200 ? 404 : status);
  const language = cultureOf(c);
  const homeLink = home === undefined
    ? undefined
    : { href: home.href, text: TEXTS[language].goTo(home.host) };
  c.header("content-security-policy", securityPolicy([]));
  const link = options.link ?? homeLink;
  return c.html(
    renderNotice({ language, ...words, link, more, ...(title === undefined ? {} : { title }) }),
    status,
  );
}

/**
 * What the pages of both services have in common: the visitor's language, JSON for the script, headers.
 *
 * @module
 */
import type { Context, MiddlewareHandler } from "hono";
import { chooseLanguage } from "../../src/http/choose-language.ts";
import { type Language, LANGUAGES } from "./texts.ts";

/** Sets the headers that every page carries. */
export const pageHeaders: MiddlewareHandler = async (c, next): Promise<void> => {
  await next();
  c.header("cache-control", "no-store");
  c.header("referrer-policy", "no-referrer");
  c.header("x-content-type-options", "nosniff");
  c.header("vary", "Accept, Accept-Language");
};

/** Whether the page's script is asking. */
export function wantsJson(c: Context): boolean {
  return c.req.header("accept") === "application/json";
}

/** The best of our languages by the visitor's q-values. */
export function languageOf(c: Context): Language {
  return chooseLanguage(c.req.header("accept-language") ?? null, LANGUAGES);
}

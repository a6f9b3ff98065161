/**
 * What the pages of both services have in common: the visitor's language, JSON for the script, headers.
 *
 * @module
 */
import { accepts } from "hono/accepts";
import type { Context, MiddlewareHandler } from "hono";
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

/** The best of our languages by the visitor's q-values; `fr-CH` is French, and `q=0` rules a language out. */
export function languageOf(c: Context): Language {
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

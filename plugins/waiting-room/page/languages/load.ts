/** The languages of the page. Each but English is loaded when the first visitor comes who reads it. */

import type { LanguageTexts } from "./language-texts.ts";

/** A language of the page: its primary subtag. */
export type PageLanguage =
  | "en"
  | "de"
  | "fr"
  | "it"
  | "es"
  | "pt"
  | "nl"
  | "sv"
  | "pl"
  | "cs"
  | "uk"
  | "tr"
  | "ar"
  | "he"
  | "ja"
  | "ko"
  | "zh";

/** A language that is loaded. */
export type Translation = Exclude<PageLanguage, "en">;

const loads: Readonly<Record<Translation, () => Promise<LanguageTexts>>> = {
  de: async () => (await import("./german.ts")).german,
  fr: async () => (await import("./french.ts")).french,
  it: async () => (await import("./italian.ts")).italian,
  es: async () => (await import("./spanish.ts")).spanish,
  pt: async () => (await import("./portuguese.ts")).portuguese,
  nl: async () => (await import("./dutch.ts")).dutch,
  sv: async () => (await import("./swedish.ts")).swedish,
  pl: async () => (await import("./polish.ts")).polish,
  cs: async () => (await import("./czech.ts")).czech,
  uk: async () => (await import("./ukrainian.ts")).ukrainian,
  tr: async () => (await import("./turkish.ts")).turkish,
  ar: async () => (await import("./arabic.ts")).arabic,
  he: async () => (await import("./hebrew.ts")).hebrew,
  ja: async () => (await import("./japanese.ts")).japanese,
  ko: async () => (await import("./korean.ts")).korean,
  zh: async () => (await import("./chinese.ts")).chinese,
};

/** Whether a name is that of a language. */
export function isLanguage(name: string): name is PageLanguage {
  return name === "en" || Object.hasOwn(loads, name);
}

/** All languages, in the order in which they are preferred by visitors who accept all alike. */
export const allLanguages: readonly PageLanguage[] = ["en", ...Object.keys(loads)].filter(isLanguage);

/** Loads the words of a language. The platform remembers what it has loaded. */
export function loadLanguage(language: Translation): Promise<LanguageTexts> {
  return loads[language]();
}

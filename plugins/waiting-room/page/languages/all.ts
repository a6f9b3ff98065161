/** All languages of the page. */

import { arabic } from "./arabic.ts";
import { chinese } from "./chinese.ts";
import { czech } from "./czech.ts";
import { dutch } from "./dutch.ts";
import { french } from "./french.ts";
import { german } from "./german.ts";
import { hebrew } from "./hebrew.ts";
import { italian } from "./italian.ts";
import { japanese } from "./japanese.ts";
import { korean } from "./korean.ts";
import { polish } from "./polish.ts";
import { portuguese } from "./portuguese.ts";
import { spanish } from "./spanish.ts";
import { swedish } from "./swedish.ts";
import { turkish } from "./turkish.ts";
import { ukrainian } from "./ukrainian.ts";
import { english, type Texts } from "../texts.ts";

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

/** The words by language, English first, which is the one for those who accept none of them. */
export const allTexts: Readonly<Record<PageLanguage, Texts>> = {
  en: english,
  de: german,
  fr: french,
  it: italian,
  es: spanish,
  pt: portuguese,
  nl: dutch,
  sv: swedish,
  pl: polish,
  cs: czech,
  uk: ukrainian,
  tr: turkish,
  ar: arabic,
  he: hebrew,
  ja: japanese,
  ko: korean,
  zh: chinese,
};

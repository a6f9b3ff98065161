/** What the owner says of the page, and whether it is right. */

import {
  checkStrings,
  group,
  type Rule,
  shapeError,
  text,
  textError,
  valueError,
} from "../../../src/options/check.ts";
import { allLanguages, isLanguage, type PageLanguage } from "./languages/load.ts";
import { checkTheme, type PageTheme } from "./theme.ts";

/** A text of the owner's: one for all, or one for each language; who reads none of them gets the first. */
export type PageText = string | Readonly<Partial<Record<PageLanguage, string>>>;

/** What the page of a room says, and how it looks. */
export interface PageOptions {
  /**
   * The title of the page: 1 to 200 characters.
   *
   * @default {"Waiting room", in the language of the visitor}
   */
  readonly title?: PageText;
  /**
   * A picture beside the title: a path of the site, such as `"/logo.svg"`, which must not be behind the room itself, or a `data:` URI of a
   * picture, which is a part of every page: up to 4,000 characters.
   *
   * @default {none}
   */
  readonly logo?: string;
  /**
   * What those who wait are told while the room has no `note`, in up to 500 characters. It is text, not markup.
   *
   * @default {nothing}
   */
  readonly note?: PageText;
  /**
   * The colours. Those that cannot be read on each other are refused: all texts need a contrast of 4.5.
   *
   * @default {those of the sandbox: red on paper, and the same in the dark}
   */
  readonly theme?: PageTheme;
  /**
   * The languages that are offered. Of them each visitor gets the one that the browser wants most; who reads none of them gets the first.
   *
   * @default {all, English first}
   */
  readonly languages?: readonly PageLanguage[];
}

const titleMust = "a text of 1 to 200 characters";
const logoMust =
  'a path of the site such as "/logo.svg", or a picture as a data: URI of at most 4000 characters';
const path = /^\/(?!\/)[\w./~%+@!,=?&-]*$/;
const picture = /^data:image\/(?:svg\+xml|png|jpeg|gif|webp|avif)(?:;[\w.=-]+)*,[^"<>\s]*$/;

/** Refuses what is wrong with the options of a page. */
export const checkPage: Rule = group({
  title: pageText(titleMust, (title) => title !== "" && title.length <= 200),
  logo: text(logoMust, (logo) => logo.length <= 4000 && (path.test(logo) || picture.test(logo))),
  note: pageText("a text of at most 500 characters", (note) => note.length <= 500),
  theme: checkTheme,
  languages(subject, option, languages) {
    const must = `a list of some of ${allLanguages.join(", ")}`;
    checkStrings(subject, option, languages, must, isLanguage);
    if (Array.isArray(languages) && languages.length === 0) {
      throw valueError(subject, option, must, languages);
    }
  },
});

function pageText(must: string, accepts: (text: string) => boolean): Rule {
  const one = text(must, accepts);
  const each = group(Object.fromEntries(allLanguages.map((language) => [language, one])));
  return (subject, option, value) => {
    if (typeof value === "string") return one(subject, option, value);
    if (typeof value !== "object") {
      throw shapeError(subject, option, `${must}, or one for each language`, value);
    }
    each(subject, option, value);
    if (Object.keys(value ?? {}).length === 0) {
      throw textError(subject, option, `${must} for one language at least`, value);
    }
  };
}

/** The owner's text for a language; `undefined` where there is none. */
export function textFor(said: PageText | undefined, language: PageLanguage): string | undefined {
  return typeof said === "object" ? said[language] ?? Object.values(said)[0] : said;
}

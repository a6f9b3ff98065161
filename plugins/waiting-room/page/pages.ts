/** The pages of one room, in the language of each visitor. */

import { chooseLanguage } from "../../../src/http/choose-language.ts";
import { darkColours, lightColours, logoRules, pageStyle } from "../../../src/look/mod.ts";
import type { Look } from "./frame.ts";
import { allTexts, type PageLanguage } from "./languages/all.ts";
import { allLanguages, type PageOptions, textFor } from "./options.ts";
import { scriptWords } from "./script-words.ts";
import { coloursOf } from "./theme.ts";
import { type Words, wordsOf } from "./words.ts";

/** What the pages of one language have in common. */
export interface PageSet {
  readonly words: Words;
  readonly look: Look;
  /** What the room is called. */
  readonly title: string;
  /** What those who wait are told while the room has no note; `""` for nothing. */
  readonly note: string;
  /** What the script says, as it stands in a page that says something already: a mode, `"waiting"` or `"far"`. */
  scriptWords(known: string | undefined): string;
}

/** Gives the pages for a visitor, by `Accept-Language`. */
export type Pages = (accepted: string | null) => PageSet;

/** Prepares the pages of a room. What a language needs is made when somebody comes who reads it. */
export function createPages(options: PageOptions = {}): Pages {
  const { theme, logo, languages = allLanguages } = options;
  const style = pageStyle(
    coloursOf(lightColours, theme?.light),
    coloursOf(darkColours, theme?.dark),
    logo && logoRules,
  );
  const [first = "en", ...others] = languages;
  const sets = new Map<PageLanguage, PageSet>();

  return (accepted) => {
    const language = chooseLanguage(accepted, [first, ...others]);
    const known = sets.get(language);
    if (known !== undefined) return known;
    const words = wordsOf(allTexts[language]);
    const title = textFor(options.title, language) ?? words.title;
    const note = textFor(options.note, language) ?? "";
    const wordsBy = new Map<string, string>();
    const set: PageSet = {
      words,
      look: { language, direction: words.direction, style, logo },
      title,
      note,
      scriptWords(known = "") {
        const written = wordsBy.get(known) ?? scriptWords(words.texts, title, note, known);
        wordsBy.set(known, written);
        return written;
      },
    };
    sets.set(language, set);
    return set;
  };
}

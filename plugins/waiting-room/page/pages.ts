/** The pages of one room, in the language of each visitor. */

import { type Loop, platformLoop } from "../../../src/async/loop.ts";
import { chooseLanguage } from "../../../src/http/choose-language.ts";
import { escapeHtml } from "../../../src/http/escape-html.ts";
import { darkColours, lightColours, logoRules, pageStyle } from "../../../src/look/mod.ts";
import { loadFailure } from "../load-failure.ts";
import type { Look } from "./frame.ts";
import type { LanguageTexts } from "./languages/language-texts.ts";
import { allLanguages, loadLanguage, type PageLanguage, type Translation } from "./languages/load.ts";
import { asciiScript, createTextWriter, isLatin, isLatinText } from "./ascii.ts";
import { type PageOptions, textFor } from "./options.ts";
import { scriptWords } from "./script-words.ts";
import { english } from "./texts.ts";
import { coloursOf } from "./theme.ts";
import { asciiWordsOf, type Words, wordsOf } from "./words.ts";

/** What the pages of one language have in common. */
export interface PageSet {
  /** The words as HTML; as they are written they are in `texts`. */
  readonly words: Words;
  /** The words of all pages; `undefined` for English, of which each page has its own. */
  readonly translated: LanguageTexts | undefined;
  readonly look: Look;
  /** What the room is called. */
  readonly title: string;
  /** What those who wait are told while the room has no note; `""` for nothing. */
  readonly note: string;
  /** What the script says, as it stands in a page that says something already: a mode, `"waiting"`, `"far"` or `"registered"`. */
  scriptWords(known: string | undefined): string;
}

/** What every page of a room's own has. */
export interface PageSetup {
  readonly set: PageSet;
  readonly nonce: string;
}

/** Gives the pages for a visitor, by `Accept-Language`: at once, but for the first visitors of a language that has to be loaded. */
export type Pages = (accepted: string | null) => PageSet | Promise<PageSet>;

/** For how long a language is waited for, in milliseconds: a decision that takes longer than the gate's hooks may would be a fault. */
const longestMs = 3000;

/** How languages are loaded. */
export interface PagesOptions {
  /** @default {that of the platform} */
  readonly loop?: Loop;
  /** Is told of a language that cannot be loaded. */
  readonly warn: (message: string) => void;
  /** @default {loadLanguage} */
  readonly load?: (language: Translation) => Promise<LanguageTexts>;
}

/** Prepares the pages of a room. What a language needs is made when somebody comes who reads it. */
export function createPages(
  page: PageOptions,
  { loop = platformLoop, warn, load = loadLanguage }: PagesOptions,
): Pages {
  const { languages = allLanguages } = page;
  const style = styleOf(page);
  const [first = "en", ...others] = languages;
  const sets = new Map<PageLanguage, PageSet>();

  function kept(language: PageLanguage, translated: LanguageTexts | undefined): PageSet {
    const made = sets.get(language) ?? setOf(page, style, language, translated);
    sets.set(language, made);
    return made;
  }

  // Each of several visitors loads it, and the platform does so once: no request waits for what another one has begun.
  async function loaded(language: Translation): Promise<PageSet> {
    try {
      return kept(language, await load(language));
    } catch (cause) {
      warn(loadFailure(`visitors whose language is "${language}" read English`, cause));
      return kept(language, undefined);
    }
  }

  /** The same; whoever comes while that takes too long reads English. */
  function soon(language: Translation): Promise<PageSet> {
    return new Promise((resolve, reject) => {
      const cancel = loop.wait(() => resolve(kept("en", undefined)), longestMs);
      void loaded(language).finally(cancel).then(resolve, reject);
    });
  }

  return (accepted) => {
    const language = chooseLanguage(accepted, [first, ...others]);
    return sets.get(language) ?? (language === "en" ? kept(language, undefined) : soon(language));
  };
}

function setOf(
  { title, note, logo }: PageOptions,
  style: string,
  wanted: PageLanguage,
  translated: LanguageTexts | undefined,
): PageSet {
  const texts = translated ?? english;
  const called = textFor(title, wanted) ?? texts.title;
  const told = textFor(note, wanted) ?? "";
  // A page that cannot be in ASCII is shorter when nothing in it is spelled.
  const isOfLatin = isLatin(texts) && isLatinText(called) && isLatinText(told);
  const write = isOfLatin ? createTextWriter() : escapeHtml;
  const wordsBy = new Map<string, string>();
  return {
    words: isOfLatin ? asciiWordsOf(texts) : wordsOf(texts),
    translated,
    look: { language: texts.language, direction: texts.direction, write, style, logo },
    title: called,
    note: told,
    scriptWords(known = "") {
      const kept = wordsBy.get(known);
      if (kept !== undefined) return kept;
      const written = scriptWords(texts, called, told, known);
      const spelled = isOfLatin ? asciiScript(written) : written;
      wordsBy.set(known, spelled);
      return spelled;
    },
  };
}

function styleOf({ theme, logo }: PageOptions): string {
  return pageStyle(
    coloursOf(lightColours, theme?.light),
    coloursOf(darkColours, theme?.dark),
    logo && logoRules,
  );
}

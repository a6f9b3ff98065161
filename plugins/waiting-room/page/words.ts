/** The words of one language, with numbers, times and plurals in it. */

import { remembered } from "./remembered.ts";
import { asciiHtml, asciiTexts } from "./ascii.ts";
import type { Texts } from "./texts.ts";

/** Says things in one language. */
export interface Words extends Omit<Texts, "ahead" | "opens" | "draws" | "kept"> {
  /** The words as they are written, for the script, which says the same, and for what is no HTML. */
  readonly texts: Texts;
  /** A count as people write it. */
  count(count: number): string;
  /** A time as people write it, in UTC. */
  time(time: number): string;
  /** How many people are ahead of a place. */
  ahead(place: number): string;
  /** The time left, as an interval; `undefined` for a time that is not known. */
  wait(ms: number | undefined): string;
  /** What happens to whoever closes the page, and has so long to come back. */
  kept(ms: number): string;
  /** When the room opens, with the time as HTML. */
  opens(time: number): string;
  /** When the order is drawn, with the time as HTML. */
  draws(time: number): string;
}

/** From how many minutes on a time is told in hours. */
const manyMinutes = 120;

/** Prepares the words of a language, as they are written. */
export function wordsOf(texts: Texts): Words {
  return spelled(texts, texts, (text) => text);
}

/** The words of a language of Latin script as HTML, in ASCII. */
export function asciiWordsOf(texts: Texts): Words {
  return spelled(texts, asciiTexts(texts), asciiHtml);
}

/**
 * Prepares the words of a language.
 *
 * @param written The texts as they are written.
 * @param texts The same as they are to stand in what is made of them.
 * @param spell Spells likewise what the platform says; what is put together of both needs no spelling any more.
 */
function spelled(written: Texts, texts: Texts, spell: (text: string) => string): Words {
  const { language, isShort, next, underMinute, unknownWait } = texts;
  const numbers = new Intl.NumberFormat(language);
  const plurals = new Intl.PluralRules(language);
  const date = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });
  const unit = (unit: string, unitDisplay: "long" | "short") =>
    new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay, maximumFractionDigits: 1 });
  const [minutes, hours] = [unit("minute", "long"), unit("hour", "long")];
  const within = unit("minute", isShort === true ? "short" : "long");

  const write = countWriter(numbers, spell);
  const ranges = remembered((key: string) => {
    const [from = 0, to = 0] = key.split(" ").map(Number);
    return spell(
      from < manyMinutes
        ? minutes.formatRange(from, to)
        : hours.formatRange(Math.floor(from / 60), Math.ceil(to / 60)),
    );
  });
  const forms = remembered((count: number) => plurals.select(count));
  /** In each of our languages the form of a large number is that of its last two digits, but for whole millions. */
  const formOf = (count: number) => forms(count < 100 || count % 1_000_000 === 0 ? count : 100 + count % 100);
  const periods = remembered((minutes: number) => spell(within.format(minutes)));

  const utc = (time: number) => `${spell(date.format(time))} UTC`;
  const timeTag = (time: number) => `<time datetime="${new Date(time).toISOString()}">${utc(time)}</time>`;

  return {
    ...texts,
    texts: written,
    count: write,
    time: utc,
    ahead(place) {
      if (place <= 1) return next;
      const form = texts.ahead[formOf(place - 1)] ?? texts.ahead.other;
      return form.replace("%1", write(place - 1));
    },
    wait(ms) {
      if (ms === undefined) return unknownWait;
      const from = Math.max(1, Math.floor(ms * 0.8 / 60_000));
      const to = Math.ceil(ms * 1.3 / 60_000);
      if (to <= 1) return underMinute;
      return ranges(`${from} ${to}`);
    },
    kept(ms) {
      const long = Math.round(ms / 60_000);
      return texts.kept.replace("%1", long < 1 ? underMinute : periods(long));
    },
    opens: (time) => texts.opens.replace("%1", timeTag(time)),
    draws: (time) => texts.draws.replace("%1", timeTag(time)),
  };
}

/** Writes whole numbers as a language does: without `Intl` where that is digits in groups of three, as in most. */
function countWriter(numbers: Intl.NumberFormat, spell: (text: string) => string): (count: number) => string {
  const mark = spell(numbers.format(10_000).slice(2, -3));
  // Some have no mark in a number of four digits.
  const least = numbers.format(1000) === "1000" ? 10_000 : 1000;
  const write = (count: number) => {
    if (count < least) return String(count);
    let [text, rest] = ["", count];
    for (; rest >= 1000; rest = Math.floor(rest / 1000)) {
      text = `${mark}${String(rest % 1000).padStart(3, "0")}${text}`;
    }
    return `${rest}${text}`;
  };
  const isUsual = [0, 7, 999, 1000, 9876, 10_000, 54_321, 9_876_543].every((each) =>
    write(each) === spell(numbers.format(each))
  );
  return isUsual ? write : (count) => spell(numbers.format(count));
}

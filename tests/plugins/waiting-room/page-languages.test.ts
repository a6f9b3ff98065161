/** W30: the languages of the waiting page and of all other pages of a room, its size in each of them, and what an owner says of it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PageLanguage } from "../../../plugins/waiting-room/mod.ts";
import { carryEnglish } from "../../../plugins/waiting-room/page/carry/texts.ts";
import type { LanguageTexts } from "../../../plugins/waiting-room/page/languages/language-texts.ts";
import { allLanguages, loadLanguage } from "../../../plugins/waiting-room/page/languages/load.ts";
import { englishLottery } from "../../../plugins/waiting-room/page/lottery-texts.ts";
import { createPages } from "../../../plugins/waiting-room/page/pages.ts";
import { english } from "../../../plugins/waiting-room/page/texts.ts";
import { contrastOf } from "../../../plugins/waiting-room/page/theme.ts";
import { wordsOf } from "../../../plugins/waiting-room/page/words.ts";
import { chooseLanguage } from "../../../src/http/choose-language.ts";
import { start } from "./_node.ts";
import { type Answer, roomBench } from "./_room.ts";
import { pageOf } from "./_view.ts";

const languages = allLanguages;
const loaded = await Promise.all(
  languages.map(async (language): Promise<[string, LanguageTexts]> => [
    language,
    language === "en"
      ? { ...english, carryPages: carryEnglish, lotteryPage: englishLottery }
      : await loadLanguage(language),
  ]),
);
// Each language was loaded under its name.
const allTexts = Object.fromEntries(loaded) as Readonly<Record<PageLanguage, LanguageTexts>>;
const full = { admitPerMinute: 60, capacity: 0 };

/**
 * Counts with the form that CLDR has for each
 * (https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html), for whole numbers.
 */
const plurals: Readonly<
  Record<PageLanguage, Readonly<Partial<Record<Intl.LDMLPluralRule, readonly number[]>>>>
> = {
  en: { one: [1], other: [2, 5, 11, 21, 100, 1_000_000] },
  de: { one: [1], other: [2, 5, 11, 21, 100, 1_000_000] },
  fr: { one: [1], many: [1_000_000, 2_000_000], other: [2, 11, 21, 1000, 1_000_001] },
  it: { one: [1], many: [1_000_000, 2_000_000], other: [2, 11, 21, 1000, 1_000_001] },
  es: { one: [1], many: [1_000_000, 2_000_000], other: [2, 11, 21, 1000, 1_000_001] },
  pt: { one: [1], many: [1_000_000, 2_000_000], other: [2, 11, 21, 1000, 1_000_001] },
  nl: { one: [1], other: [2, 11, 21, 1_000_000] },
  sv: { one: [1], other: [2, 11, 21, 1_000_000] },
  pl: { one: [1], few: [2, 3, 4, 22, 24, 102, 1003], many: [5, 11, 12, 14, 21, 25, 100, 112, 1_000_000] },
  cs: { one: [1], few: [2, 3, 4], other: [5, 11, 21, 22, 100, 1_000_000] },
  uk: { one: [1, 21, 101, 1001], few: [2, 3, 4, 22, 104], many: [5, 11, 12, 14, 25, 100, 111, 1_000_000] },
  tr: { one: [1], other: [2, 11, 21, 1_000_000] },
  ar: {
    one: [1],
    two: [2],
    few: [3, 10, 103, 110],
    many: [11, 26, 99, 111],
    other: [100, 101, 102, 200, 1_000_000],
  },
  he: { one: [1], two: [2], other: [3, 10, 11, 21, 100, 1_000_001] },
  ja: { other: [1, 2, 11, 1_000_000] },
  ko: { other: [1, 2, 11, 1_000_000] },
  zh: { other: [1, 2, 11, 1_000_000] },
};

/** What is put into a text, and how often. */
function placesIn(text: string): readonly string[] {
  return (text.match(/%\d/g) ?? []).sort();
}

/** What a page says, with the characters that it spells as HTML or as a script does. */
function said(page: string): string {
  return page.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll(/\\u([\da-f]{4})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
}

function leaves(value: unknown, path: string): readonly [path: string, text: string][] {
  if (typeof value === "string") return [[path, value]];
  return Object.entries(value as object).flatMap(([name, each]) => leaves(each, `${path}/${name}`));
}

describe("the words of the waiting page", () => {
  test("are there in twelve languages at least, two of them written from right to left", () => {
    assert.ok(languages.length >= 12);
    assert.deepEqual(languages.filter((language) => allTexts[language].direction === "rtl"), ["ar", "he"]);
    for (const language of languages) assert.equal(allTexts[language].language, language);
  });

  for (const language of languages) {
    test(`count people in ${language} as CLDR does`, () => {
      const { ahead, next } = allTexts[language];
      const words = wordsOf(allTexts[language]);
      const numbers = new Intl.NumberFormat(language);
      for (const [form, counts] of Object.entries(plurals[language])) {
        const text = ahead[form as Intl.LDMLPluralRule];
        assert.ok(text !== undefined, `${language} has no form "${form}"`);
        for (const count of counts) {
          assert.equal(words.ahead(count + 1), text.replace("%1", numbers.format(count)), `${count}`);
        }
      }
      assert.equal(words.ahead(1), next);
    });

    test(`count any number of people in ${language} as CLDR does`, () => {
      const { ahead } = allTexts[language];
      const words = wordsOf(allTexts[language]);
      const [forms, numbers] = [new Intl.PluralRules(language), new Intl.NumberFormat(language)];
      const counts = [0, 1000, 4200, 99_900, 1_000_000, 1_234_500, 2_000_000, 10_000_000].flatMap((from) =>
        Array.from({ length: 250 }, (_, at) => from + at)
      );
      for (const count of counts.filter((each) => each > 0)) {
        const text = ahead[forms.select(count)] ?? ahead.other;
        assert.equal(words.ahead(count + 1), text.replace("%1", numbers.format(count)));
      }
    });

    test(`write numbers and times in ${language} as Intl does, again and again`, () => {
      const words = wordsOf(allTexts[language]);
      const numbers = new Intl.NumberFormat(language);
      for (const count of [0, 1, 12, 999, 1000, 1001, 9999, 10_000, 98_765, 100_007, 1_000_000, 12_003_045]) {
        assert.equal(words.count(count), numbers.format(count));
      }
      const intervals = (unit: string) =>
        new Intl.NumberFormat(language, {
          style: "unit",
          unit,
          unitDisplay: "long",
          maximumFractionDigits: 1,
        });
      const [minutes, hours] = [intervals("minute"), intervals("hour")];
      for (const _ of ["first", "remembered"]) {
        assert.equal(words.wait(600_000), minutes.formatRange(8, 13));
        assert.equal(words.wait(149 * 60_000), minutes.formatRange(119, 194));
        assert.equal(words.wait(36_000_000), hours.formatRange(8, 13));
      }
      // More intervals than are remembered.
      for (let at = 3; at < 2000; at++) words.wait(at * 1_800_000);
      assert.equal(words.wait(600_000), minutes.formatRange(8, 13));
    });

    test(`lack nothing in ${language}, and are not those of another language`, () => {
      const own = new Map(leaves(allTexts[language], ""));
      const first = new Map(leaves(allTexts.en, ""));
      for (const [path, text] of first) {
        const found = own.get(path);
        if (path.startsWith("/ahead/")) continue;
        assert.ok(found !== undefined && found.trim() !== "", `${language}${path}`);
        // What is put in has its place in every language.
        assert.deepEqual(placesIn(found), placesIn(text), `${language}${path}`);
        if (language !== "en" && path !== "/language") assert.notEqual(found, text, `${language}${path}`);
      }
      for (const [path, text] of own) {
        assert.ok(!/[<>&"]/.test(text), `${language}${path} is no plain text`);
        const isOwn = path.startsWith("/ahead/") || path === "/direction";
        assert.ok(first.has(path) || isOwn, `nobody says ${language}${path}`);
      }
    });

    test(`come in a page of ${language} that has no other language in it, and less than 14 kB`, async () => {
      const laned = { priority: { when: () => true, weight: 3 } };
      for (const opensAt of [undefined, new Date(start + 3_600_000)]) {
        const own = { ...full, ...(opensAt !== undefined && { opensAt }) };
        const some = await roomBench({ ...own, ...laned }).browser({ "accept-language": language }).open("/");
        const laneBytes = new TextEncoder().encode(some.text).length;
        assert.ok(laneBytes < 14_000, `${laneBytes} bytes with a lane`);
        const streams = { ...own, ...laned, eventStreams: 100 };
        const live = await roomBench(streams).browser({ "accept-language": language }).open("/");
        const liveBytes = new TextEncoder().encode(live.text).length;
        assert.ok(liveBytes < 14_500, `${liveBytes} bytes with event streams and a lane`);
        const { browser } = roomBench(own);
        const { text, response } = await browser({ "accept-language": `${language}-XX,en;q=0.1` }).open("/");
        const { direction, headings, leave } = allTexts[language];
        const words = said(text);
        assert.ok(
          text.includes(`<html lang="${language}"${direction === undefined ? "" : ` dir="${direction}"`}>`),
        );
        assert.ok(
          words.includes(headings[opensAt === undefined ? "waiting" : "scheduled"]) && words.includes(leave),
        );
        if (language !== "en") assert.ok(!words.includes(allTexts.en.leave));
        assert.match(response.headers.get("vary") ?? "", /\bAccept-Language\b/);
        const bytes = new TextEncoder().encode(text).length;
        assert.ok(bytes < 14_000, `${bytes} bytes`);
      }
    });
  }

  test("are of ASCII where the language is of Latin script, whatever is known of line and room", async () => {
    const others: readonly PageLanguage[] = ["ar", "he", "ja", "ko", "uk", "zh"];
    const own = { title: "Große Bühne – “Łódź”", note: "It’s open at nine…" };
    const pages = createPages(own, { warn: assert.fail });
    for (const language of languages) {
      const set = await pages(language);
      const common = { opensAt: start + 3_600_000, closesAt: start + 60_000 };
      for (
        const more of [
          { situation: "far" },
          { situation: "waiting", wasForm: true },
          { situation: "far", mode: "scheduled" },
          { situation: "registered", mode: "scheduled" },
          { situation: "reconnecting" },
          { situation: "sold-out" },
        ] as const
      ) {
        const text = pageOf(set, { ...common, ...more });
        const isWide = /[^\0-\x7f]/.test(text);
        assert.equal(isWide, others.includes(language), `${language}, ${more.situation}: ${text}`);
        assert.ok(said(text).includes(own.note) && said(text).includes(own.title), language);
      }
    }
  });

  for (const language of languages) {
    test(`are ${language} on every other page of a room, too, which is less than 14 kB`, async () => {
      const { carryPages, lotteryPage, headings, left, joinAgain, lost, tryAgain, direction } =
        allTexts[language];
      const lottery = { order: "lottery", opensAt: new Date(start + 3_600_000) } as const;
      const bench = roomBench({ ...full, ...lottery });
      const accepted = { "accept-language": `${language}-XX,en;q=0.1` };
      const own = {
        "sec-fetch-site": "same-origin",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
      };
      const browser = bench.browser(accepted);
      const send = (path: string, fields: Record<string, string> = {}) =>
        browser.open(`/.stanchion/main/${path}`, {
          method: "POST",
          body: new URLSearchParams(fields),
          headers: own,
        });
      const pages: [answer: Answer, heading: string, others: readonly string[]][] = [
        [await send("carry"), carryPages.none, [carryPages.toPage]],
        [await send("take", { ticket: "x" }), carryPages.unknown, [carryPages.unknownWhy]],
        [await browser.open("/.stanchion/main/carry"), carryPages.open, [
          carryPages.paste,
          carryPages.without,
          carryPages.linked,
          carryPages.take,
        ]],
        [await browser.open("/"), headings.registered, [lotteryPage.heading]],
        [await send("carry"), carryPages.heading, [
          carryPages.how,
          carryPages.code,
          carryPages.secret,
          carryPages.copy,
          carryPages.back,
        ]],
        [await browser.open("/.stanchion/main/lottery"), lotteryPage.heading, [
          lotteryPage.leads.undrawn,
          lotteryPage.commitment,
          lotteryPage.verify,
          lotteryPage.ownNumber.replace("%1", new Intl.NumberFormat(language).format(1)),
        ]],
      ];
      bench.store.fault = () => Promise.reject(new Error("it is gone"));
      pages.push([await send("leave"), headings.reconnecting, [lost, tryAgain]]);
      bench.store.fault = undefined;
      pages.push([await send("leave"), left, [joinAgain]]);
      for (const [{ text, response }, heading, others] of pages) {
        const words = said(text);
        const dir = direction === undefined ? "" : ` dir="${direction}"`;
        assert.ok(text.includes(`<html lang="${language}"${dir}>`), text);
        for (const each of [heading, ...others]) assert.ok(words.includes(each), `${each} in ${text}`);
        assert.match(response.headers.get("vary") ?? "", /\bAccept-Language\b/);
        if (language !== "en") {
          for (const [path, other] of leaves({ ...allTexts.en.carryPages, ...allTexts.en.lotteryPage }, "")) {
            assert.ok(other.length < 15 || !words.includes(other), `${path} is English`);
          }
        }
        const bytes = new TextEncoder().encode(text).length;
        assert.ok(bytes < 14_000, `${bytes} bytes: ${heading}`);
      }
    });
  }

  const choices: readonly [
    accepted: string | null,
    language: string,
    offered?: readonly [string, ...string[]],
  ][] = [
    [null, "en"],
    ["", "en"],
    ["de", "de"],
    ["de-CH", "de"],
    ["DE-ch, en;q=0.8", "de"],
    ["en;q=0.5, fr;q=0.9", "fr"],
    ["xx, he;q=0.1", "he"],
    ["xx, yy", "en"],
    ["*", "en"],
    ["en;q=0, *", "de"],
    ["fr;q=0", "en"],
    ["fr;q=0", "fr", ["fr", "de"]],
    ["it, de;q=0.5", "de", ["fr", "de"]],
    ["zh-Hant-TW", "zh"],
    [';;,=q;q=x,"', "en"],
    ["a".repeat(8000), "en"],
  ];
  for (
    const [accepted, language, offered = languages as unknown as readonly [string, ...string[]]] of choices
  ) {
    test(`are in ${language} for ${accepted?.slice(0, 30)} of ${offered.length}`, () => {
      assert.equal(chooseLanguage(accepted, offered), language);
    });
  }
});

describe("what an owner says of the page", () => {
  test("stands in it: title, logo, note, colours, in the language of the visitor", async () => {
    const { browser } = roomBench({
      ...full,
      page: {
        title: { de: "Konzert <im> Park", en: "Concert" },
        note: { en: "Bring your card" },
        logo: "/logo.svg",
        theme: {
          light: { accent: "#005a9c" },
          dark: { background: "#000000", text: "#ffffff", accent: "#7fdbff" },
        },
        languages: ["fr", "de", "en"],
      },
    });
    const german = await browser({ "accept-language": "de" }).open("/");
    assert.ok(german.text.includes("Konzert &lt;im&gt; Park</p>"));
    assert.ok(german.text.includes("Bring your card"), "a note in one language is better than none");
    assert.ok(german.text.includes('<img src="/logo.svg" alt="">'));
    assert.ok(german.text.includes("#005a9c") && german.text.includes("#7fdbff"));
    assert.match(german.response.headers.get("content-security-policy") ?? "", /img-src data: 'self';/);
    const other = await browser({ "accept-language": "ja" }).open("/");
    assert.match(other.text, /<html lang="fr">/);
    assert.ok(other.text.includes("Konzert"), "the first title is that of who reads none of them");
  });

  test("is said where the room has no note of its own", async () => {
    const page = { note: "Bring your card" };
    const plain = await roomBench({ ...full, page }).browser().open("/");
    assert.ok(plain.text.includes('<p data-part="note">Bring your card</p>'));
    const live = await roomBench({ ...full, page, note: "Delayed" }).browser().open("/");
    assert.ok(live.text.includes('<p data-part="note">Delayed</p>'));
  });

  test("loads no picture from elsewhere: a picture in the page needs no address", async () => {
    const { browser } = roomBench({ ...full, page: { logo: "data:image/png;base64,AAAA" } });
    const { response } = await browser().open("/");
    assert.match(response.headers.get("content-security-policy") ?? "", /img-src data:;/);
  });

  test("is measured as WCAG does", () => {
    assert.equal(contrastOf("#000000", "#ffffff"), 21);
    assert.equal(contrastOf("#777777", "#ffffff").toFixed(2), "4.48");
    assert.equal(contrastOf("#8f1d34", "#8f1d34"), 1);
  });
});

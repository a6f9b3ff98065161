/** W30: the languages of the waiting page, its size in each of them, and what an owner says of it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PageLanguage } from "../../../plugins/waiting-room/mod.ts";
import { allTexts } from "../../../plugins/waiting-room/page/languages/all.ts";
import { contrastOf } from "../../../plugins/waiting-room/page/theme.ts";
import { wordsOf } from "../../../plugins/waiting-room/page/words.ts";
import { chooseLanguage } from "../../../src/http/choose-language.ts";
import { start } from "./_node.ts";
import { roomBench } from "./_room.ts";

const languages = Object.keys(allTexts) as PageLanguage[];
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

    test(`lack nothing in ${language}, and are not those of another language`, () => {
      const leaves = (value: unknown, path: string): readonly [string, string][] =>
        typeof value === "string"
          ? [[path, value]]
          : Object.entries(value as object).flatMap(([name, each]) => leaves(each, `${path}/${name}`));
      const own = new Map(leaves(allTexts[language], ""));
      const english = new Map(leaves(allTexts.en, ""));
      for (const [path, text] of english) {
        const found = own.get(path);
        if (path.startsWith("/ahead/")) continue;
        assert.ok(found !== undefined && found.trim() !== "", `${language}${path}`);
        // What is put in has its place in every language.
        assert.deepEqual(found.match(/%\d/g), text.match(/%\d/g), `${language}${path}`);
        if (language !== "en" && path !== "/language") assert.notEqual(found, text, `${language}${path}`);
      }
      for (const [path, text] of own) assert.ok(!/[<>&"]/.test(text), `${language}${path} is no plain text`);
    });

    test(`come in a page of ${language} that has no other language in it, and less than 14 kB`, async () => {
      for (const opensAt of [undefined, new Date(start + 3_600_000)]) {
        const { browser } = roomBench({ ...full, ...(opensAt !== undefined && { opensAt }) });
        const { text, response } = await browser({ "accept-language": `${language}-XX,en;q=0.1` }).open("/");
        const { direction, headings, leave } = allTexts[language];
        assert.ok(
          text.includes(`<html lang="${language}"${direction === undefined ? "" : ` dir="${direction}"`}>`),
        );
        assert.ok(
          text.includes(headings[opensAt === undefined ? "waiting" : "scheduled"]) && text.includes(leave),
        );
        if (language !== "en") assert.ok(!text.includes(allTexts.en.leave));
        assert.match(response.headers.get("vary") ?? "", /\bAccept-Language\b/);
        const bytes = new TextEncoder().encode(text).length;
        assert.ok(bytes < 14_000, `${bytes} bytes`);
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

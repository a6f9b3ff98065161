/** How the texts of an owner are written into pages whose own words are in ASCII. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createPages, type PageSet } from "../../../plugins/waiting-room/page/pages.ts";
import type { PageOptions } from "../../../plugins/waiting-room/page/options.ts";
import { escapeHtml } from "../../../src/http/escape-html.ts";
import { pageOf } from "./_view.ts";

const beyond = /[^\0-\x7f]/;

function setOf(options: PageOptions, language: string): PageSet | Promise<PageSet> {
  return createPages(options, { warn: assert.fail })(language);
}

describe("the texts of an owner", () => {
  const ukrainian = "Продаж починається о дев’ятій ранку. Будь ласка, приготуйте картку.";
  const chinese = "请提前准备好您的证件和银行卡。".repeat(33);

  for (const language of ["en", "de", "cs", "tr"]) {
    test(`stand in a page of ${language} as they are, where they are in another script`, async () => {
      const plain = pageOf(await setOf({}, language));
      for (const text of [ukrainian, chinese]) {
        const titled = pageOf(await setOf({ title: text.slice(0, 60) }, language));
        assert.ok(titled.includes(`<p class="dot" dir="auto">${text.slice(0, 60)}</p>`));
        assert.ok(!/&#\d|\\u0[1-9]/.test(titled), "nothing is spelled where that gains nothing");
        const noted = pageOf(await setOf({ note: text }, language));
        assert.ok(noted.includes(`<p data-part="note">${text}</p>`));
        assert.ok(!/&#\d|\\u0[1-9]/.test(noted));
        const live = pageOf(await setOf({}, language), { note: text });
        const [mark = ""] = /,"heard":-?\d+/.exec(live) ?? [];
        assert.equal(
          new TextEncoder().encode(live).length - new TextEncoder().encode(text + mark).length +
            " hidden".length,
          new TextEncoder().encode(plain).length,
          "a note of the room costs what it is long, and its mark",
        );
      }
    });
  }

  test("are spelled in ASCII where few of their characters are beyond", async () => {
    const title = "Łódź – “¡olé!” 😀";
    const note = "Dveře se otevřou v devět – přineste si s sebou vstupenku. ".repeat(8);
    const logo = "data:image/svg+xml,%3Csvg–";
    for (const language of ["en", "fr", "pl"]) {
      const page = pageOf(await setOf({ title, note, logo }, language));
      assert.ok(!beyond.test(page), page);
      assert.ok(
        page.includes(
          '<p dir="auto">&#321;&#243;d&#378; &#8211; &#8220;&#161;ol&#233;!&#8221; &#128512;</p>',
        ),
      );
    }
  });

  test("are each written as what they are, however often they change", async () => {
    const { look } = await setOf({}, "en");
    for (const _ of ["first", "remembered"]) {
      for (let at = 0; at < 30; at++) {
        assert.equal(look.write(`<${at}> & &#8211; –`), `&lt;${at}&gt; &amp; &amp;#8211; &#8211;`);
        assert.equal(look.write(`${at} ${ukrainian} "`), escapeHtml(`${at} ${ukrainian} "`));
      }
    }
  });
});

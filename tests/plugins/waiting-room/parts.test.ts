import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { german } from "../../../plugins/waiting-room/page/languages/german.ts";
import { createPages, type PageSet } from "../../../plugins/waiting-room/page/pages.ts";
import { createParts } from "../../../plugins/waiting-room/parts.ts";
import { GateError } from "../../../src/errors.ts";
import { warnOnce } from "../../../src/options/warn-once.ts";
import { manualLoop } from "../../src/async/_loop.ts";

/** What an owner is told, each thing once. */
function listener(): { readonly told: string[]; readonly warn: (message: string) => void } {
  const told: string[] = [];
  return { told, warn: warnOnce((message) => void told.push(message)) };
}

const failing = () => Promise.reject(new TypeError("there is no such file"));

describe("createPages()", () => {
  test("has English at once, and each other language from the first visitor on who waited for it", async () => {
    const asked: string[] = [];
    const load = async (language: string) => {
      asked.push(language);
      return await Promise.resolve(german);
    };
    const pages = createPages({}, { warn: assert.fail, load });
    assert.equal((pages(null) as PageSet).words.language, "en");
    assert.deepEqual(asked, []);
    const first = [pages("de"), pages("de-AT")];
    assert.ok(first.every((each) => each instanceof Promise));
    const [one, other] = await Promise.all(first);
    assert.equal(one?.words.language, "de");
    assert.equal(one, other, "both have one set");
    assert.equal(pages("de"), one, "nobody waits any more");
    assert.deepEqual(asked, ["de", "de"], "a request waits for nothing that another one has begun");
  });

  test("shows English where a language cannot be loaded, with the owner's words for it, and says so once", async () => {
    const { told, warn } = listener();
    const title = { en: "Tickets", de: "Karten" };
    const pages = createPages({ title, logo: "/logo.svg" }, { warn, load: failing });
    const [first, second] = await Promise.all([pages("de"), pages("de")]);
    assert.equal(first, second);
    assert.equal(first?.words.language, "en");
    assert.equal(first?.look.language, "en");
    assert.equal(first?.title, "Karten");
    assert.equal(pages("de"), first, "it is not tried for each visitor");
    assert.equal(told.length, 1);
    assert.match(
      told[0] ?? "",
      /visitors whose language is "de" read English.*\(TypeError\).*start it again/,
    );
  });

  test("shows English to whoever would wait too long, and the language to those who come once it is there", async () => {
    const loop = manualLoop();
    let arrive = (_texts: typeof german) => {};
    const load = () => new Promise<typeof german>((resolve) => arrive = resolve);
    const pages = createPages({}, { warn: assert.fail, load, loop });
    const first = pages("de");
    loop.pass(3000);
    assert.equal((await first).words.language, "en");
    const second = pages("de");
    assert.ok(second instanceof Promise, "German is still to come");
    arrive(german);
    assert.equal((await second).words.language, "de");
    assert.equal(loop.waiting, 0);
    assert.equal((pages("de") as PageSet).words.language, "de");
  });
});

describe("createParts()", () => {
  test("makes of what cannot be loaded a failure of the room, which is answered and never decided about", async () => {
    const { told, warn } = listener();
    const parts = createParts(warn, { carry: failing, lotteryPage: failing });
    for (const load of [parts.carry, parts.carry, parts.lotteryPage]) {
      await assert.rejects(load(), (error) => error instanceof GateError && error.code === "unreachable");
    }
    assert.deepEqual(told.map((each) => each.split(":")[1]), [
      " visitors do not get the pages that take a place along",
      " visitors do not get the page of a lottery",
    ]);
  });

  test("loads what is there", async () => {
    const parts = createParts(assert.fail);
    assert.equal(typeof (await parts.carry()).take, "function");
    assert.equal(typeof (await parts.lotteryPage()).renderLottery, "function");
  });
});

// W30, W31: how the waiting page looks and what it says in Chromium, in every state.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { allLanguages } from "../../plugins/waiting-room/page/languages/load.ts";
import type { Served } from "../src/_serve.ts";
import { browserForTests, keepPicture, newContext, skip } from "./_chromium.ts";
import { further, lottery, serveStates, states } from "./_waiting-pages.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const all = [...Object.keys(states), ...further];

const browser = browserForTests();
let server: Served | undefined;

before(async () => {
  if (skip !== false) return;
  server = await serveStates();
});
after(async () => {
  await server?.close();
});

/** Opens pages of one look, one after the other. */
async function look(
  name: string,
  options: BrowserContextOptions,
  pages: readonly string[],
  check: (page: Page, path: string) => Promise<void>,
): Promise<void> {
  assert.ok(server !== undefined);
  const context = await newContext(browser(), options);
  try {
    const page = await context.newPage();
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    for (const path of pages) {
      await page.goto(`${server.url}/${path}`);
      const picture = `waiting-${path.replace("/", "-")}-${name}`;
      await keepPicture(page, picture, { fullPage: true, animations: "disabled" });
      await check(page, path);
      assert.deepEqual(said, [], `${path}: the policy allows all that is in the page`);
    }
  } finally {
    await context.close();
  }
}

/** What axe-core finds wrong. */
async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  return await page.evaluate(async () => {
    // The line above has brought it.
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: readonly { id: string; nodes: readonly { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
}

/** Nothing stands beyond the edge, and nothing covers anything. */
async function fits(page: Page, path: string): Promise<void> {
  const beyond = await page.evaluate(() =>
    document.documentElement.scrollWidth - document.documentElement.clientWidth
  );
  assert.equal(beyond, 0, path);
}

const inEnglish = all.map((state) => `en/${state}`);

const looks: readonly [name: string, options: BrowserContextOptions, pages: readonly string[]][] = [
  ["1280-light", { viewport: { width: 1280, height: 800 }, colorScheme: "light" }, inEnglish],
  ["390-dark", { viewport: { width: 390, height: 844 }, colorScheme: "dark" }, inEnglish],
  [
    "1280-forced",
    { viewport: { width: 1280, height: 800 }, forcedColors: "active", colorScheme: "dark" },
    ["en/far", "en/closed", "ar/noted"],
  ],
  ["1280-rtl", { viewport: { width: 1280, height: 800 } }, [
    "ar/far",
    "ar/scheduled",
    "he/noted",
    "he/lapsed",
    ...further.map((state) => `ar/${state}`),
  ]],
  ["390-rtl", { viewport: { width: 390, height: 844 }, colorScheme: "dark" }, [
    "ar/far",
    "he/scheduled",
    "he/link",
    "he/lottery",
  ]],
];
for (const [name, options, pages] of looks) {
  test(`axe finds nothing wrong with the waiting page: ${name}`, { skip, timeout: 300_000 }, async () => {
    await look(name, options, pages, async (page, path) => {
      await fits(page, path);
      assert.deepEqual(await faultsOf(page), [], path);
    });
  });
}

test("the page of a lottery computes places in Chromium, and fits on small screens (W41)", {
  skip,
  timeout: 60_000,
}, async () => {
  await look(
    "320",
    { viewport: { width: 320, height: 568 } },
    ["en/lottery", "de/registered"],
    async (page, path) => {
      await fits(page, path);
      if (path !== "en/lottery") return;
      for (const number of [7, 1, 20]) {
        await page.fill("[data-part=number]", String(number));
        await page.click("[data-part=check] button");
        const says = `Number ${number} has place ${lottery.placeOf(number)}.`;
        await page.waitForFunction(
          (says) => document.querySelector("[data-part=answer]")?.textContent?.includes(says),
          says,
        );
      }
    },
  );
});

test("the waiting page fits from 320 px to 4 k, and at 200 % zoom", { skip, timeout: 300_000 }, async () => {
  for (const language of allLanguages) {
    await look("320", { viewport: { width: 320, height: 568 } }, [
      ...["scheduled", "form", "lottery", "link", "open", "choice", "unknown"].map((state) =>
        `${language}/${state}`
      ),
    ], fits);
  }
  await look(
    "320",
    { viewport: { width: 320, height: 568 } },
    ["en/millions", "ar/millions", "de/closed"],
    fits,
  );
  const zoomed = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 };
  await look("zoom-200", zoomed, ["en/noted", "de/form"], fits);
  await look(
    "2560",
    { viewport: { width: 2560, height: 1440 } },
    ["en/noted", "en/millions", "ja/far"],
    fits,
  );
  await look("3840", { viewport: { width: 3840, height: 2160 } }, ["en/far"], fits);
});

test("nothing moves for who wants no motion", { skip }, async () => {
  await look("still", { reducedMotion: "reduce" }, ["en/far"], async (page) => {
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  });
  await look("moving", { reducedMotion: "no-preference" }, ["en/far"], async (page) => {
    assert.ok(await page.evaluate(() => document.getAnimations().length) > 0);
  });
});

test("all that can be done with the waiting page is done by the keyboard", { skip }, async () => {
  await look("keyboard", {}, ["en/far"], async (page) => {
    for (const name of ["Notify me at my turn", "Leave the line"]) {
      await page.keyboard.press("Tab");
      const [text, outline] = await page.evaluate(() => {
        const { activeElement } = document;
        return [activeElement?.textContent, activeElement && getComputedStyle(activeElement).outlineWidth];
      });
      assert.deepEqual([text, outline], [name, "3px"]);
    }
  });
});

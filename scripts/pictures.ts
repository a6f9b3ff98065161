/**
 * `npm run pictures`: takes the pictures of the README and the docs, of the shop that `npm start` shows with a crowd in front of it:
 * the waiting page, the board, and the shop. They need Chromium, and two minutes for a line that has moved.
 */

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { type RoomSite, startRoomSite } from "../examples/demo/room-site.ts";
import { launch, skip } from "../tests/browser/_chromium.ts";
import { readArguments } from "./_tools.ts";

const folder = fileURLToPath(new URL("../docs/pictures/", import.meta.url));
/** How the line is, and for how long it goes on before the board has something to show, in milliseconds. */
const crowd = 300;
const ratePerMinute = 120;
const liveMs = 100_000;

readArguments("the pictures", { options: {} });
const browser = await launch();
if (browser === undefined) {
  console.error(`Pictures cannot be taken: ${skip}. On Debian: apt-get install chromium`);
  process.exit(1);
}
const site = await startRoomSite({ crowd, ratePerMinute });
try {
  await mkdir(folder, { recursive: true });
  await Promise.all([board(browser, site), waiting(browser, site)]);
} finally {
  await browser.close();
  await site.close();
}

/** The waiting page on a desk and on a phone, light and dark, and the shop behind it. */
async function waiting(browser: Browser, { shopUrls: [url] }: RoomSite): Promise<void> {
  const desk = { viewport: { width: 1120, height: 640 }, locale: "en" };
  const phone = { viewport: { width: 375, height: 667 }, deviceScaleFactor: 2, colorScheme: "dark" as const };
  const page = await opened(browser, desk, `${url}/tickets/quartet`);
  await page.waitForTimeout(40_000);
  await page.screenshot({ path: `${folder}waiting.png` });
  const small = await opened(browser, { ...phone, locale: "en" }, `${url}/tickets/quartet`);
  await small.screenshot({ path: `${folder}waiting-phone.png` });
  await page.getByRole("heading", { name: "The Night Quartet" }).waitFor({ timeout: 600_000 });
  await page.screenshot({ path: `${folder}shop.png` });
}

/** The board, after a while. */
async function board(browser: Browser, { shop, boardSecret }: RoomSite): Promise<void> {
  const desk = { viewport: { width: 1120, height: 1020 }, locale: "en" };
  const page = await opened(browser, desk, shop.boardUrl);
  await page.getByLabel(/name/i).fill("Ada");
  await page.getByLabel(/secret/i).fill(boardSecret);
  await page.getByRole("button").click();
  await page.getByRole("heading", { name: "main" }).waitFor();
  await page.waitForTimeout(liveMs);
  await page.screenshot({ path: `${folder}board.png` });
}

async function opened(
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0],
  url: string,
): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

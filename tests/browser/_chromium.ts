/** The browser of the tests: the system's Chromium. */

import { existsSync } from "node:fs";
import { after, before } from "node:test";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type PageScreenshotOptions,
} from "playwright-core";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);

/** Why there is no browser; `false` where there is one. */
export const skip: string | false = executablePath === undefined ? "Chromium is not installed" : false;

/** Starts a browser that asks for nothing by itself; `undefined` where there is none. */
export async function launch(): Promise<Browser | undefined> {
  if (executablePath === undefined) return undefined;
  return await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
    ],
  });
}

/** Starts a browser before the first test of a file, and closes it behind the last one; gives what gives it to a test. */
export function browserForTests(): () => Browser {
  let browser: Browser | undefined;
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
  });
  return () => {
    if (browser === undefined) throw new Error("No browser was started");
    return browser;
  };
}

/**
 * Opens a browser's window for a test. It gives up after two minutes, which bounds what never comes: how long a page takes says
 * nothing on a machine that has more to do.
 */
export async function newContext(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(120_000);
  return context;
}

const pictures = fileURLToPath(new URL("../../.cache/screenshots/", import.meta.url));

/** Keeps a picture in .cache/screenshots, for people to look at, where `PICTURES=1` asks for it: one takes as long as many a test. */
export async function keepPicture(
  page: Page,
  name: string,
  options: PageScreenshotOptions = {},
): Promise<void> {
  if (process.env["PICTURES"] !== "1") return;
  await page.screenshot({ ...options, path: `${pictures}${name}.png` });
}

/** The browser of the tests: the system's Chromium. */

import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";

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

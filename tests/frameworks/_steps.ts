/** What visitors do, step by step: in Chromium and over raw sockets. */

import assert from "node:assert/strict";
import type { Browser, BrowserContext, Page, Request } from "playwright-core";
import { exchange, type Received, received, requestText, valuesOf } from "../adapters/_node-server.ts";
import { browserForTests, newContext } from "../browser/_chromium.ts";
import type { Running } from "./_pages-project.ts";

/** A page of the application that only those see who are inside. */
export const inside = /INSIDE/;
/** What the waiting page alone has. */
export const heading = "[data-part=heading]";
export const lines = "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";

/** The browser of the tests. */
export const browser: () => Browser = browserForTests();

/** A tab, and what it visits. */
export interface Scene {
  readonly server: Running;
  readonly page: Page;
  readonly context: BrowserContext;
}

/** Runs a story in a tab of its own, with nobody let in at first. */
export async function story(server: Running, tell: (scene: Scene) => Promise<void>): Promise<void> {
  await server.control("?rate=0");
  const context = await newContext(browser());
  context.setDefaultTimeout(30_000);
  try {
    await tell({ server, page: await context.newPage(), context });
  } finally {
    await context.close();
  }
}

/** What the router asks for, and not the browser. */
export function isCall(request: Request): boolean {
  return request.resourceType() === "fetch" && request.url().includes("/tickets");
}

export async function waits(page: Page, url: string): Promise<void> {
  await page.locator(heading).waitFor();
  assert.equal(page.url(), url);
}

/** It is the visitor's turn, who looks again before the page does; the page may be about to do the same. */
export async function turn(server: Running, page: Page): Promise<void> {
  await server.control("?rate=600");
  while (!(await page.getByText(inside).first().isVisible())) await page.goto(page.url()).catch(() => {});
}

export async function enters(server: Running, page: Page): Promise<void> {
  await server.control("?rate=600");
  await page.goto(`${server.url}/tickets`);
  await page.getByText("Tickets of day 1: INSIDE").waitFor();
}

export async function boughtOn(page: Page): Promise<number> {
  return Number(/Bought: (\d+)/.exec(await page.locator("body").innerText())?.[1]);
}

/** The cookie of somebody inside. */
export async function cookieOf(server: Running): Promise<string> {
  await server.control("?rate=600");
  for (let cookie = "";;) {
    const answer = await visit(server, "/tickets", cookie);
    const given = valuesOf(answer, "set-cookie").map((text) => text.split(";", 1)[0]).join("; ");
    if (given !== "") cookie = given;
    if (inside.test(answer.body)) return cookie;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** What a browser is shown that has a cookie. */
export async function visit(server: Running, target: string, cookie: string): Promise<Received> {
  const more = cookie === "" ? lines : `${lines}Cookie: ${cookie}\r\n`;
  return received(await answerTo(server, target, more));
}

/** What a server says to a target; nothing where it breaks the connection. */
export async function answerTo(
  server: Running,
  target: string,
  more: string,
  host?: string,
): Promise<string> {
  const own = host ?? `Host: localhost:${server.port}\r\n`;
  try {
    return await exchange(server.port, requestText(target, { host: own, more }));
  } catch {
    return "";
  }
}

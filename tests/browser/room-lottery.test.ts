// An opening by lottery in Chromium: people register, see the place that is drawn, compute it again, and come in.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { createGate, failClosed } from "../../mod.ts";
import { createDraw } from "../../plugins/waiting-room/lottery/mod.ts";
import { memoryStore, waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { serve } from "../src/_serve.ts";
import { browserForTests, newContext, skip } from "./_chromium.ts";

const people = 4;
const minute = 60_000;

const browser = browserForTests();

/** Has a page ask, as it does when its device is connected again. */
async function ask(page: Page): Promise<void> {
  await page.evaluate(() => dispatchEvent(new Event("online")));
}

test("people register, are drawn, compute their places again, and come in at the opening", {
  skip,
}, async (t) => {
  let passedMs = 0;
  const now = () => Date.now() + passedMs;
  const room = waitingRoom({
    store: memoryStore({ now }),
    now,
    admitPerMinute: 600,
    order: "lottery",
    opensAt: new Date(now() + 10 * minute),
    lottery: { secret: "a secret of these tests with 40 bytes...", beacon: () => Promise.resolve("6c3f") },
    warn() {},
  });
  const gate = createGate({ plugins: [failClosed(), room], onError() {} });
  const server = await serve(
    gate.wrap((..._: unknown[]) =>
      new Response("<!doctype html><title>Shop</title><h1>Shop</h1>", {
        headers: { "content-type": "text/html" },
      })
    ),
  );
  t.after(() => server.close());
  const pages: Page[] = [];
  for (let at = 0; at < people; at++) {
    const context = await newContext(browser(), { locale: "en" });
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(`${server.url}/tickets`);
    await page.getByRole("heading", { name: "You are registered" }).waitFor();
    pages.push(page);
  }

  // Registration is closed, and the beacon is asked for.
  passedMs += 9 * minute + 10_000;
  for (const page of pages) {
    while (!await page.getByRole("heading", { name: "The doors open soon" }).isVisible()) {
      await ask(page);
      await page.waitForTimeout(250);
    }
  }
  passedMs += minute;
  const facts = await (await fetch(`${server.url}/.stanchion/main/lottery`, {
    headers: { accept: "application/json" },
  })).json();
  assert.deepEqual([facts.registered, facts.drawnBy, facts.beacon], [people, "beacon", "6c3f"]);
  const draw = createDraw({ secret: facts.secret, beacon: facts.beacon, count: people });
  const places = pages.map((_, at) => draw.placeOf(at + 1));
  assert.deepEqual(places.toSorted((one, other) => one - other), [1, 2, 3, 4]);

  for (const [at, page] of pages.entries()) {
    // In a tab of its own, beside the one that waits.
    const check = await page.context().newPage();
    await check.goto(`${server.url}/.stanchion/main/lottery`);
    await check.getByRole("button").click();
    await check.getByText(`Number ${at + 1} has place ${places[at]}.`).waitFor();
    await check.close();
  }
  for (const page of pages) {
    await ask(page);
    await page.getByRole("heading", { name: "Shop" }).waitFor();
  }
});

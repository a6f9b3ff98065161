import assert from "node:assert/strict";
import { test } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { type RoomSite, startRoomSite } from "../../examples/demo/room-site.ts";
import { type Site, startSite } from "../../examples/demo/site.ts";
import { browserForTests, keepPicture, newContext, skip } from "./_chromium.ts";

if (skip) console.log(`skipped: the browser tests, because ${skip} (Debian: apt-get install chromium)`);

const browser = browserForTests();

/** Lets the waiting page come back by itself after a second. It asks browsers for longer, and must ask them. */
async function hasten(page: Page): Promise<void> {
  const { origin, pathname } = new URL(page.url());
  await page.route((url) => url.origin === origin && url.pathname === pathname, async (route) => {
    const response = await route.fetch({ maxRedirects: 0 });
    if (response.status() !== 200) return route.fulfill({ response });
    const text = await response.text();
    const refresh = /(<meta http-equiv="refresh" content=")\d+; /;
    assert.match(text, refresh);
    await route.fulfill({ response, body: text.replace(refresh, (_, before: string) => `${before}1; `) });
  });
  // Where a redirect leads to is asked for past what was set up.
  await page.reload();
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with scripts" : "without scripts";
  test(
    `a browser ${how} goes from the shop to the waiting room and back, and keeps the place`,
    { skip },
    async () => {
      await visit({ javaScriptEnabled }, { crowd: 3, ratePerMinute: 20 }, async (page, site) => {
        await page.goto(`${site.shopUrl}/tickets/quartet?from=poster`);
        assert.ok(page.url().startsWith(`${site.sandboxUrl}/queen-victoria-hall?`), page.url());
        const place = Number(await page.locator("[data-text=position]").innerText());
        assert.ok(place >= 1 && place <= 4, `place ${place}`);

        if (!javaScriptEnabled) await hasten(page);
        await page.waitForURL(`${site.shopUrl}/tickets/quartet?from=poster`);
        assert.equal(await page.locator("h1").innerText(), "The Night Quartet");
        const [cookie] = await page.context().cookies(site.shopUrl);
        assert.equal(cookie?.name, "crowdhandler");
        assert.equal(cookie.httpOnly, true);

        await page.getByRole("link", { name: "All concerts" }).click();
        await page.getByRole("link", { name: "Winter Choir" }).click();
        assert.equal(page.url(), `${site.shopUrl}/tickets/choir`);
        await buy(page);
        const answers = site.sandbox.state.calls.filter(({ endpoint }) => endpoint === "requests");
        assert.equal(answers.filter(({ method }) => method === "POST").length, 1, "one visitor, one place");
        const decided = new Set(site.sandbox.state.decisions.map(({ action }) => action));
        assert.ok(decided.has("queue") && decided.has("admit"), "the board of the sandbox shows them");
      });
    },
  );
}

/** Goes from a concert to the receipt. */
async function buy(page: Page): Promise<void> {
  await page.getByRole("radio", { name: "Gallery" }).check();
  await page.getByLabel("How many?").selectOption("2 tickets");
  await page.getByRole("button", { name: "Buy a ticket" }).click();
  await page.getByLabel("Name on the tickets").fill("<b>Ada</b>");
  await page.getByRole("button", { name: "Pay € 24.00" }).click();
  await page.getByRole("heading", { name: "Thank you, <b>Ada</b>" }).waitFor();
  assert.equal(await page.getByText("Gallery, ticket").count(), 2);
}

test("the waiting page shows how the place falls without being loaded again", { skip }, async () => {
  await visit({}, { crowd: 40, ratePerMinute: 120 }, async (page, site) => {
    await page.goto(site.shopUrl);
    await page.evaluate(() => document.body.setAttribute("data-mark", "same page"));
    const position = page.locator("[data-text=position]");
    const first = Number(await position.innerText());
    await page.waitForFunction(
      (before) => Number(document.querySelector("[data-text=position]")?.textContent) < before,
      first,
    );
    assert.equal(await page.locator("body").getAttribute("data-mark"), "same page");
    assert.equal(await page.getByRole("status").count(), 1);
    assert.equal(await page.getByRole("progressbar").count(), 1);
  });
});

for (
  const [name, options] of [
    ["phone", { viewport: { width: 360, height: 740 }, locale: "it" }],
    ["desktop", { viewport: { width: 1280, height: 800 }, locale: "en" }],
    ["desktop-dark", { viewport: { width: 1280, height: 800 }, locale: "fr", colorScheme: "dark" }],
  ] as const
) {
  test(`the waiting page fits a ${name} screen`, { skip }, async () => {
    await visit(options, { crowd: 60, ratePerMinute: 10 }, async (page, site) => {
      await page.goto(site.shopUrl);
      await keepPicture(page, `waiting-${name}`, { fullPage: true });
      const overflow = await page.evaluate(() =>
        document.documentElement.scrollWidth - globalThis.innerWidth
      );
      assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
      assert.equal(await page.locator("html").getAttribute("lang"), options.locale);
    });
  });
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with scripts" : "without scripts";
  test(
    `a browser ${how} waits in the room of npm start, gets in, keeps the place and leaves`,
    { skip },
    async () => {
      await visitRoom(
        { javaScriptEnabled },
        { crowd: 5, ratePerMinute: 30 },
        async (page, { shopUrls: [url], shop }) => {
          const response = await page.goto(`${url}/tickets/quartet?from=poster`);
          assert.equal(response?.status(), 503);
          const place = Number(await page.locator("[data-part=place]").innerText());
          assert.ok(place >= 2 && place <= 8, `place ${place}`);
          await page.getByRole("heading", { name: "The Night Quartet" }).waitFor();
          assert.equal(page.url(), `${url}/tickets/quartet?from=poster`);

          await page.getByRole("link", { name: "All concerts" }).click();
          await page.getByRole("link", { name: "Winter Choir" }).click();
          await buy(page);
          // The simulated crowd may have gone home by now: whoever comes next would not wait.
          const { revision } = await shop.room.status();
          await shop.room.change({ mode: "paused" }, { by: "the test", revision });
          await page.getByRole("button", { name: "Leave the shop" }).click();
          await page.getByRole("link", { name: "Join the line again" }).click();
          await page.locator("[data-part=place]").waitFor();
          assert.match(await page.locator("main").innerText(), /Your place/i);
        },
      );
    },
  );
}

test("the room of npm start fits a phone screen", { skip }, async () => {
  const phone = { viewport: { width: 320, height: 640 } };
  await visitRoom(phone, { crowd: 60, ratePerMinute: 10 }, async (page, { shopUrls: [url] }) => {
    await page.goto(`${url}/tickets/quartet`);
    await keepPicture(page, "room-phone", { fullPage: true });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - globalThis.innerWidth);
    assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
  });
});

async function visitRoom(
  browserOptions: BrowserContextOptions,
  siteOptions: { readonly crowd: number; readonly ratePerMinute: number },
  story: (page: Page, site: RoomSite) => Promise<void>,
): Promise<void> {
  await visitWith(browserOptions, await startRoomSite(siteOptions), story);
}

async function visit(
  browserOptions: BrowserContextOptions,
  siteOptions: { readonly crowd: number; readonly ratePerMinute: number },
  story: (page: Page, site: Site) => Promise<void>,
): Promise<void> {
  await visitWith(browserOptions, await startSite(siteOptions), story);
}

async function visitWith<T extends { close(): Promise<void> }>(
  browserOptions: BrowserContextOptions,
  site: T,
  story: (page: Page, site: T) => Promise<void>,
): Promise<void> {
  const context = await newContext(browser(), { locale: "en", ...browserOptions });
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      // The waiting page of one's own has the status 503, which browsers note.
      const isStatus = /status of 503/.test(message.text());
      if (message.type() === "error" && !isStatus) complaints.push(message.text());
    });
    await story(page, site);
    assert.deepEqual(complaints, [], "the browser complained");
  } finally {
    await context.close();
    await site.close();
  }
}

// The waiting page in Chromium: the line, one's turn, a sleeping tab, leaving, forms, and a browser without scripts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createGate, failClosed } from "../../mod.ts";
import { type RoomOptions, waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { serve } from "../src/_serve.ts";
import { faults, shop, skip, tab } from "./_room.ts";

test(
  "the page keeps the address, and goes on by itself at the visitor's turn",
  { skip },
  async (t) => {
    const { url, limit, reasons } = await shop(t);
    const { page, said } = await tab(t);
    const response = await page.goto(`${url}/tickets?x=1#seats`);
    assert.equal(response?.status(), 503);
    assert.equal(await page.locator("h1").textContent(), "You are in line");
    assert.equal(await page.locator('[data-part="place"]').textContent(), "1");
    assert.equal(page.url(), `${url}/tickets?x=1#seats`);
    await limit(600);
    await page.getByRole("heading", { name: "Shop /tickets" }).waitFor();
    assert.equal(page.url(), `${url}/tickets?x=1#seats`);
    assert.ok(reasons.includes("waiting-room/check-in"));
    assert.deepEqual(faults(said), []);
  },
);

test(
  "who is far reads the status alone, and sees the place and the note",
  { skip },
  async (t) => {
    const { url, store, fill } = await shop(t, { note: "Doors at <nine>" });
    await fill(12);
    const { page, said } = await tab(t);
    await page.goto(url);
    assert.equal(await page.locator('[data-part="note"]').textContent(), "Doors at <nine>");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    // Whoever waits for an answer begins before what brings it about.
    const answered = page.waitForResponse(/\/status$/);
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await (await answered).finished();
    assert.deepEqual([...new Set(asked)].map((path) => path.split("/").at(-1)), ["status"]);
    assert.ok(Number(await page.locator('[data-part="place"]').textContent()) > 1);
    assert.equal((await store.status("stanchion:main"))?.issued, 13);
    assert.deepEqual(faults(said), []);
  },
);

test(
  "who is far for hours says so now and then, so that the ticket is kept",
  { skip },
  async (t) => {
    const { url, fill } = await shop(t);
    await fill(12);
    const { page, said } = await tab(t);
    await page.goto(url);
    const next = async () => {
      const answered = page.waitForResponse(/\/(?:status|check-in)$/);
      await page.evaluate(() => dispatchEvent(new Event("online")));
      const response = await answered;
      await response.finished();
      return [response.status(), response.url().split("/").at(-1)];
    };
    assert.deepEqual(await next(), [200, "status"]);
    await page.evaluate(() => {
      const { now } = Date;
      Date.now = () => now() + 8 * 3_600_000;
    });
    assert.deepEqual(await next(), [200, "check-in"]);
    assert.deepEqual(await next(), [200, "status"], "and not again for hours");
    assert.deepEqual(faults(said), []);
  },
);

test(
  "a tab says that it is hidden, and asks at once when it is seen again",
  { skip, timeout: 120_000 },
  async (t) => {
    const { url, store } = await shop(t);
    const { page } = await tab(t);
    await page.goto(url);
    const hide = (isHidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
        document.dispatchEvent(new Event("visibilitychange"));
      }, isHidden);
    await page.waitForTimeout(9000);
    await hide(true);
    // An ask that was on its way is followed by another.
    const sleepers = async (count: number) => {
      while ((await store.status("stanchion:main"))?.asleep !== count) await page.waitForTimeout(50);
    };
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await sleepers(1);
    await hide(false);
    await sleepers(0);
  },
);

test("somebody leaves the line, with scripts and without", { skip }, async (t) => {
  const { url, store } = await shop(t);
  for (const javaScriptEnabled of [true, false]) {
    const { page, context } = await tab(t, { javaScriptEnabled });
    await page.goto(`${url}/tickets`);
    assert.equal((await store.status("stanchion:main"))?.present, 1);
    await page.getByRole("button", { name: "Leave the line" }).click();
    await page.getByRole("heading", { name: "You have left the line." }).waitFor();
    assert.equal((await store.status("stanchion:main"))?.present, 0);
    assert.deepEqual(await context.cookies(), []);
  }
});

test("a form that had to wait is not sent again by itself", { skip }, async (t) => {
  const { url, limit, posts } = await shop(t, { match: { path: "/order" }, admitPerMinute: 0 });
  const { page } = await tab(t);
  await page.goto(`${url}/cart`);
  await page.setContent(
    `<form method="post" action="${url}/order"><input name="card" value="1"><button>Buy</button></form>`,
  );
  await page.getByRole("button").click();
  await page.getByText("please send the form again").waitFor();
  await limit(600);
  await page.getByRole("heading", { name: /^Shop/ }).waitFor();
  assert.deepEqual(posts, []);
});

test("without scripts the page comes again by itself, and lets in", { skip }, async (t) => {
  const { url, limit } = await shop(t);
  const { page } = await tab(t, { javaScriptEnabled: false });
  await page.goto(`${url}/tickets`);
  await limit(600);
  await page.getByRole("heading", { name: "Shop /tickets" }).waitFor();
});

test("the page survives a server that is gone for a while", { skip }, async (t) => {
  const { url, limit } = await shop(t);
  const { page, context } = await tab(t);
  await page.goto(url);
  await context.setOffline(true);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.locator('[data-part="lost"]').waitFor();
  await limit(600);
  await context.setOffline(false);
  await page.getByRole("heading", { name: "Shop /" }).waitFor();
});

test(
  "the page is readable in 320 px, in the dark, and by the keyboard",
  { skip },
  async (t) => {
    const { url } = await shop(t, { note: "a".repeat(200) });
    const { page } = await tab(t, { viewport: { width: 320, height: 480 }, colorScheme: "dark" });
    await page.goto(url);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320));
    for (const name of ["Notify me at my turn", "Leave the line"]) {
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), name);
    }
  },
);

test(
  "a page of the owner's own goes on by itself with the script alone",
  { skip },
  async (t) => {
    const { url, limit } = await shop(t, {
      page: (view) => `<!doctype html><h1>Mine</h1><p data-part="place"></p>${view.script}`,
    });
    const { page, said } = await tab(t);
    await page.goto(url);
    assert.equal(await page.locator("h1").textContent(), "Mine");
    await limit(600);
    await page.getByRole("heading", { name: "Shop /" }).waitFor();
    assert.deepEqual(faults(said), []);
  },
);

test("a page of a room that a deployment took away goes on to what there is now", { skip }, async (t) => {
  const shopOf = (room: Omit<RoomOptions, "match">) =>
    createGate({
      plugins: [failClosed(), waitingRoom({ ...room, secretKeys: ["s".repeat(32)], warn() {} })],
      onError() {},
    }).wrap((_request: Request) =>
      new Response("<title>Shop</title><h1>Shop</h1>", { headers: { "content-type": "text/html" } })
    );
  // Far from the front, and in front.
  for (const opensAt of [new Date(Date.now() + 3_600_000), undefined]) {
    let site = shopOf({ name: "former", admitPerMinute: 0, ...(opensAt !== undefined && { opensAt }) });
    const server = await serve((request: Request) => site(request));
    t.after(() => server.close());
    const { page, said } = await tab(t);
    // Pages ask for themselves at random times, so that not all do so at once: this one as soon as any.
    await page.addInitScript(() => {
      Math.random = () => 0;
    });
    await page.goto(`${server.url}/tickets`);
    site = shopOf({ name: "present", admitPerMinute: 60 });
    const shop = page.getByRole("heading", { name: "Shop" });
    while (!(await shop.isVisible())) {
      await page.evaluate(() => dispatchEvent(new Event("online"))).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.deepEqual(faults(said).filter((text) => !/status of 404/.test(text)), []);
  }
});

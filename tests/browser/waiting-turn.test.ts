// W28, W30, W31: what happens in the waiting page while it is open: changes of the room, the turn, waking, the clocks.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { faults, shop, skip, tab } from "./_room.ts";

/** Lets the page ask again, as it does when the network comes back, until it says something. */
async function until(page: Page, text: string): Promise<void> {
  const found = page.getByRole("heading", { name: text });
  while (!(await found.isVisible())) {
    const answered = page.waitForResponse(/\/(?:status|check-in)$/);
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await (await answered).finished();
    // What the page makes of it, it has made in the next moment.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  }
}

test("the page says what the room does as soon as it changes, far away and in front", { skip }, async (t) => {
  for (const count of [0, 100]) {
    const { url, fill, change } = await shop(t);
    await fill(count);
    const { page, said } = await tab(t);
    await page.goto(url);
    await until(page, "You are in line");
    await change({ mode: "paused" });
    await until(page, "The line is paused");
    assert.equal(await page.locator('[data-part="wait"]').textContent(), "not known yet");
    await change({ mode: "draining", note: "Last call" });
    await until(page, "The line takes nobody new");
    assert.equal(await page.locator('[data-part="note"]').textContent(), "Last call");
    assert.equal(await page.locator('[data-part="checked"]').isVisible(), true);
    await change({ mode: "open", note: "" });
    await until(page, "You are in line");
    assert.equal(await page.locator('[data-part="noted"]').isVisible(), false);
    assert.deepEqual(faults(said), []);
  }
});

test("who is far comes in where everybody is let in", { skip }, async (t) => {
  const { url, fill, change } = await shop(t);
  await fill(100);
  const { page } = await tab(t);
  await page.goto(url);
  await change({ mode: "bypass" });
  const entered = page.getByRole("heading", { name: "Shop /" }).waitFor();
  // The page looks again after its usual time: this test does not wait for that.
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await entered;
});

/** Lets the page ask, and waits for the answer, of which the page reads no more than it has to. */
async function ask(page: Page): Promise<void> {
  const answered = page.waitForResponse(/\/(?:status|check-in)$/);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await answered;
}

/** An application that has no page below `/.stanchion/`: it says so, or has one page for everything, as applications of one page do. */
const strangers = {
  "404": () => new Response("no", { status: 404 }),
  "405": () => new Response(null, { status: 405 }),
  "a page": () =>
    new Response("<!doctype html><title>App</title>", { headers: { "content-type": "text/html" } }),
} as const;

for (const [says, stranger] of Object.entries(strangers)) {
  test(
    `the page goes on where the gate is switched off and the application says ${says}`,
    { skip },
    async (t) => {
      const places = { "/tickets?a=1": "/tickets", "/.stanchion/main/wait?page=%2Fbasket": "/basket" };
      for (const [place, path] of Object.entries(places)) {
        const { url, fill, switchOff } = await shop(
          t,
          {},
          ({ url }) => url.includes("/.stanchion/") ? stranger() : undefined,
        );
        await fill(100);
        const { page } = await tab(t);
        await page.goto(url + place);
        const entered = page.getByRole("heading", { name: `Shop ${path}` }).waitFor();
        switchOff();
        await ask(page);
        await ask(page);
        await entered;
      }
    },
  );
}

test("the page stays where something else answers for the room, and the page itself is not to be had", {
  skip,
}, async (t) => {
  const { url, fill } = await shop(t);
  await fill(100);
  const { page } = await tab(t);
  await page.goto(url);
  await page.route(/\/(?:status|check-in)$/, (route) => route.fulfill({ status: 404, body: "no" }));
  for (let count = 0; count < 4; count++) await ask(page);
  await page.locator('[data-part="lost"]').waitFor();
  assert.equal(await page.locator("h1").textContent(), "You are in line");
  assert.equal(await page.locator('[data-part="lost"]').isVisible(), true);
  await page.unroute(/\/(?:status|check-in)$/);
  await until(page, "You are in line");
});

test("the countdown goes by the room's clock, and nobody is let in before it ends", { skip }, async (t) => {
  const { url } = await shop(t, { admitPerMinute: 60, opensAt: new Date(Date.now() + 3_600_000) });
  const { page, said } = await tab(t, { timezoneId: "Europe/Zurich", locale: "de-CH" });
  // A device that is a day late.
  await page.clock.install({ time: Date.now() - 86_400_000 });
  await page.goto(url);
  assert.equal(await page.locator("h1").textContent(), "Bald geht es los");
  const wait = page.locator('[data-part="wait"]');
  assert.match(await wait.textContent() ?? "", /^(?:1:00:00|0:59:5\d)$/);
  await page.clock.runFor(2000);
  assert.match(await wait.textContent() ?? "", /^0:59:5\d$/);
  assert.match(await page.locator('[data-part="opens"]').textContent() ?? "", /^Öffnung: .*\d\d:\d\d\.$/);
  assert.deepEqual(faults(said), []);
});

test(
  "at the turn the title and the icon change, who asked is notified, and the page goes on",
  { skip },
  async (t) => {
    const { url, limit } = await shop(t);
    const { page, context, said } = await tab(t);
    await context.grantPermissions(["notifications"], { origin: url });
    const shown: string[] = [];
    await page.exposeFunction("shown", (text: string) => void shown.push(text));
    await page.addInitScript(() => {
      // What is shown to people no script can see: this one is told what would be.
      const { shown } = globalThis as unknown as { shown(text: string): void };
      class Told {
        static readonly permission = "granted";
        static readonly requestPermission = () => Promise.resolve("granted");
        constructor(title: string, { body }: { body: string }) {
          const icon = document.querySelector("link")?.href.match(/%23\w+/)?.[0];
          shown([title, body, document.title, icon].join(" · "));
        }
      }
      Object.defineProperty(globalThis, "Notification", { value: Told });
    });
    await page.goto(url);
    await page.getByRole("button", { name: "Notify me at my turn" }).click();
    await page.getByRole("button", { name: "You will be notified." }).waitFor();
    await limit(600);
    await page.getByRole("heading", { name: "Shop /" }).waitFor();
    assert.deepEqual(shown, [
      "You will be notified. · Waiting room · 1 · Waiting room · %238f1d34",
      "It is your turn · Waiting room · It is your turn · %231a7f37",
    ]);
    assert.deepEqual(faults(said), []);
  },
);

test(
  "the button is gone where the visitor or the browser does not want to be notified",
  { skip },
  async (t) => {
    const { url } = await shop(t);
    const { page } = await tab(t);
    await page.addInitScript(() => {
      Object.defineProperty(globalThis, "Notification", { value: { permission: "denied" } });
    });
    await page.goto(url);
    await page.locator('[data-part="checked"]').waitFor();
    assert.equal(await page.getByRole("button", { name: "Notify me" }).isVisible(), false);
  },
);

test(
  "a page that slept checks in when its device wakes, before its timer would have told it",
  { skip },
  async (t) => {
    const { url } = await shop(t);
    const { page } = await tab(t);
    await page.clock.install();
    await page.goto(url);
    await page.locator('[data-part="checked"]').waitFor();
    const asked = page.waitForRequest(/\/check-in$/);
    // The clock of the device has gone on, and its timers have not.
    await page.clock.setSystemTime(Date.now() + 3_600_000);
    await page.clock.runFor(1000);
    await asked;
  },
);

test("the bar shows the share of the own way, and goes on after a reload", { skip }, async (t) => {
  const { url, fill, admit, limit } = await shop(t);
  await fill(3);
  const { page } = await tab(t);
  await page.goto(url);
  const bar = page.locator("progress");
  assert.equal(await bar.getAttribute("value"), "0");
  await limit(600);
  await admit(2);
  await limit(0);
  const moved = page.locator('progress:not([value="0"])').waitFor({ state: "attached" });
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await moved;
  const value = await bar.getAttribute("value");
  assert.ok(value === "25" || value === "50", `${value} % of a way of four places`);
  await page.reload();
  assert.equal(await bar.getAttribute("value"), value);
});

test("an opening that is moved is moved in every page that is open", { skip }, async (t) => {
  const hour = 3_600_000;
  const lottery = {
    order: "lottery",
    lottery: { secret: "a secret of these tests with 40 bytes..." },
  } as const;
  const kinds = [
    ["far away", "The doors open soon", hour, {}],
    ["called", "The doors open soon", 30_000, {}],
    ["registered", "You are registered", hour, lottery],
  ] as const;
  for (const [who, heading, ms, options] of kinds) {
    const opensAt = Date.now() + ms;
    const { url, change } = await shop(t, { admitPerMinute: 60, opensAt: new Date(opensAt), ...options });
    const { page, said } = await tab(t, { timezoneId: "Europe/Zurich" });
    await page.goto(url);
    const time = page.locator('[data-part="opens"] time').last();
    const written = () => time.evaluate((each: HTMLTimeElement) => Date.parse(each.dateTime));
    const before = await written();
    await change({ opensAt: opensAt + 25 * hour });
    while (await written() !== before + 25 * hour) await ask(page);
    assert.equal(await page.locator("h1").textContent(), heading, who);
    assert.equal(
      await time.textContent(),
      await time.evaluate((each: HTMLTimeElement) =>
        new Date(each.dateTime).toLocaleString("en", { dateStyle: "long", timeStyle: "short" })
      ),
      who,
    );
    if (who !== "registered") {
      assert.match(await page.locator('[data-part="wait"]').textContent() ?? "", /^2[56]:\d\d:\d\d$/, who);
    }
    assert.deepEqual(faults(said), []);
  }
});

test(
  "who is called and cannot check in tries again soon, however seldom the page looked",
  { skip },
  async (t) => {
    const { url, fill, limit } = await shop(t);
    await fill(12);
    const { page } = await tab(t);
    await page.goto(url);
    // As a crowd is told.
    await page.route(/\/status$/, async (route) => {
      await route.fulfill({ json: { ...await (await route.fetch()).json(), poll: 1800 } });
    });
    let refused = 0;
    await page.route(/\/check-in$/, async (route) => {
      if (refused++ > 0) await route.continue();
      else await route.fulfill({ status: 503 });
    });
    await ask(page);
    await limit(600);
    const status = async () => await (await fetch(`${url}/.stanchion/main/status`)).json();
    while ((await status()).F < 13) await page.waitForTimeout(50);
    while (refused === 0) {
      await ask(page);
      await page.waitForTimeout(500);
    }
    await page.getByRole("heading", { name: "Shop /" }).waitFor();
  },
);

test("a site that is slow to answer is asked once for the page", { skip }, async (t) => {
  let asked = 0;
  const answer = Promise.withResolvers<undefined>();
  const { url, limit } = await shop(t, {}, () => {
    asked++;
    return answer.promise;
  });
  const { page } = await tab(t);
  // Half a minute passes in a second and a half, and what is to come later never comes.
  await page.addInitScript(() => {
    const { setTimeout } = globalThis;
    const faster = (run: () => void, ms = 0) => ms > 30_000 ? 0 : setTimeout(run, ms / 20);
    Object.defineProperty(globalThis, "setTimeout", { value: faster });
  });
  await page.goto(url);
  await limit(600);
  while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => setTimeout(resolve, 5000));
  assert.equal(asked, 1);
  answer.resolve(undefined);
  await page.getByRole("heading", { name: "Shop /" }).waitFor();
});

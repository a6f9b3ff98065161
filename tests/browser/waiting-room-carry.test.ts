// A place that goes along, in Chromium: the link and its code on the waiting page, and what opens them in another browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { keepPicture } from "./_chromium.ts";
import { faults, shop, skip, tab } from "./_room.ts";

const offer = "Take your place to another device";

test(
  "the link and its code are shown in the waiting page, and bring its place to another browser",
  { skip },
  async (t) => {
    const { url, store, limit } = await shop(t);
    const phone = await tab(t, { viewport: { width: 390, height: 844 } });
    await phone.page.goto(`${url}/tickets?x=1#seats`);
    await phone.page.getByRole("button", { name: offer }).click();
    const link = await phone.page.getByLabel("Your link").inputValue();
    assert.equal(
      await phone.page.evaluate(() => document.activeElement?.textContent),
      "Take your place along",
    );
    const code = await phone.page.getByRole("img", { name: "QR code of the link" }).boundingBox();
    assert.ok(code !== null && code.width > 200 && code.height === code.width, JSON.stringify(code));
    assert.ok(await phone.page.evaluate(() => document.documentElement.scrollWidth <= 390));
    assert.equal(phone.page.url(), `${url}/tickets?x=1#seats`);
    await keepPicture(phone.page, "carry", { fullPage: true });

    const laptop = await tab(t);
    const asked: string[] = [];
    laptop.page.on("request", (request) => asked.push(request.url()));
    await laptop.page.goto(link);
    await laptop.page.getByText("The link that you opened carries a place").waitFor();
    assert.equal(laptop.page.url(), `${url}/.stanchion/main/carry`);
    assert.ok(asked.every((each) => !new URL(each).search.includes(".t.")));
    assert.equal((await laptop.context.cookies()).length, 0);
    assert.equal((await store.status("stanchion:main"))?.issued, 1);
    await keepPicture(laptop.page, "carry-open");
    await laptop.page.getByRole("button", { name: "Bring the place here" }).click();
    await laptop.page.getByRole("heading", { name: "You are in line" }).waitFor();
    assert.equal(laptop.page.url(), `${url}/tickets?x=1#seats`);
    const status = await store.status("stanchion:main");
    assert.deepEqual([status?.issued, status?.present], [1, 1]);

    await limit(600);
    for (const { page } of [phone, laptop]) {
      await page.getByRole("heading", { name: "Shop /tickets" })
        .waitFor();
    }
    assert.equal((await store.status("stanchion:main"))?.admitted, 1);
    await laptop.page.goBack();
    assert.ok(!laptop.page.url().includes(".t."), "the secret is not in the history");
    assert.deepEqual([...faults(phone.said), ...faults(laptop.said)], []);
  },
);

test("a better place is replaced only by a second click", { skip }, async (t) => {
  const { url } = await shop(t);
  const [laptop, phone] = [await tab(t), await tab(t)];
  await laptop.page.goto(url);
  await phone.page.goto(url);
  await phone.page.getByRole("button", { name: offer }).click();
  await laptop.page.goto(await phone.page.getByLabel("Your link").inputValue());
  await laptop.page.getByRole("button", { name: "Bring the place here" }).click();
  await laptop.page.getByText("Your place here is 1, that of the link 2.").waitFor();
  await keepPicture(laptop.page, "carry-asks");
  await laptop.page.getByRole("link", { name: "Keep what I have" }).click();
  assert.equal(await laptop.page.locator('[data-part="place"]').textContent(), "1");
});

test("without scripts the link is copied and pasted", { skip }, async (t) => {
  const { url, store } = await shop(t);
  const [phone, laptop] = [
    await tab(t, { javaScriptEnabled: false }),
    await tab(t, { javaScriptEnabled: false }),
  ];
  await phone.page.goto(`${url}/tickets`);
  await phone.page.getByRole("button", { name: offer }).click();
  const link = await phone.page.getByLabel("Your link").inputValue();
  await laptop.page.goto(link);
  assert.ok(await laptop.page.locator("noscript").isVisible());
  await laptop.page.getByLabel("Link").fill(link);
  await laptop.page.getByRole("button", { name: "Bring the place here" }).click();
  await laptop.page.getByRole("heading", { name: "You are in line" }).waitFor();
  assert.equal(laptop.page.url(), `${url}/tickets`);
  assert.equal((await store.status("stanchion:main"))?.issued, 1);
  await phone.page.getByRole("link", { name: "Back to your place" }).click();
  await phone.page.getByRole("heading", { name: "You are in line" }).waitFor();
});

// The waiting page in Chromium where the room tells of changes as they happen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { faults, shop, skip, tab } from "./_room.ts";

test("who is far is told by a stream, and asks where there is none", { skip }, async (t) => {
  const { url, fill, say, limit } = await shop(t, { eventStreams: 1 });
  await fill(12);
  const listener = await tab(t);
  const asked: string[] = [];
  listener.page.on(
    "request",
    (request) => asked.push(new URL(request.url()).pathname.split("/").at(-1) ?? ""),
  );
  const opened = listener.page.waitForResponse(/\/events$/);
  await listener.page.goto(url);
  assert.equal((await opened).status(), 200);

  const other = await tab(t);
  const refused = other.page.waitForResponse(/\/events$/);
  await other.page.goto(url);
  assert.equal((await refused).status(), 503);

  await say("Doors in a minute");
  await listener.page.getByText("Doors in a minute").waitFor();
  assert.deepEqual(asked.filter((name) => name === "status" || name === "check-in"), []);
  await other.page.evaluate(() => dispatchEvent(new Event("online")));
  await other.page.getByText("Doors in a minute").waitFor();

  await limit(600);
  for (const { page } of [listener, other]) await page.getByRole("heading", { name: "Shop /" }).waitFor();
  assert.ok(!asked.includes("status"), asked.join(" "));
  assert.deepEqual([...faults(listener.said), ...faults(other.said)], []);
});

test("who is told by a stream sees when that was", { skip }, async (t) => {
  const { url, fill, say } = await shop(t, { eventStreams: 1 });
  await fill(12);
  const { page } = await tab(t);
  const opened = page.waitForResponse(/\/events$/);
  await page.goto(url);
  await opened;
  await page.locator("[data-part=checked]").evaluate((node) => node.textContent = "long ago");
  await say("Doors in a minute");
  await page.getByText("Doors in a minute").waitFor();
  assert.match(await page.locator("[data-part=checked]").textContent() ?? "", /^Last checked at \d/);
});

test("who is called by a stream checks in, though an older status comes after it", { skip }, async (t) => {
  const { url, fill, limit } = await shop(t, { eventStreams: 1 });
  await fill(12);
  const { page } = await tab(t);
  await page.addInitScript(() => {
    // As long as a page may wait until it checks in.
    Math.random = () => 0.99;
    const { close } = EventSource.prototype;
    EventSource.prototype.close = function () {
      close.call(this);
      document.title = "called";
    };
  });
  const opened = page.waitForResponse(/\/events$/);
  await page.goto(url);
  await opened;
  const asked = Promise.withResolvers<void>();
  await page.route(/\/status$/, async (route) => {
    const response = await route.fetch();
    // As a crowd is told.
    const json = { ...await response.json(), poll: 1800 };
    asked.resolve();
    await page.waitForFunction(() => document.title === "called");
    await route.fulfill({ json });
  });
  await page.evaluate(() => void dispatchEvent(new Event("online")));
  await asked.promise;
  await limit(600);
  await page.getByRole("heading", { name: "Shop /" }).waitFor();
});

// The waiting page in Chromium where some have a lane of their own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { faults, shop, skip, tab } from "./_room.ts";

const member = { "x-member": "1" };
const priority = { when: (ctx: { request: Request }) => ctx.request.headers.has("x-member"), weight: 3 };

for (const eventStreams of [0, 10]) {
  test(`everybody sees the own lane, with ${eventStreams} streams of events`, { skip }, async (t) => {
    const { url, fill, say, change, limit, reasons } = await shop(t, { priority, eventStreams });
    await fill(12);
    await fill(15, true);
    // Nobody is called meanwhile, however long it takes.
    await change({ mode: "paused" });
    const some = await tab(t, { extraHTTPHeaders: member });
    const others = await tab(t);
    const asked: string[] = [];
    some.page.on("request", (request) => asked.push(new URL(request.url()).pathname.split("/").at(-1) ?? ""));
    await some.page.goto(url);
    await others.page.goto(url);
    // How many of those behind them are expected to come changes from second to second.
    const tabs = [[some, 16], [others, 13]] as const;
    await say("Doors in a minute");
    for (const [{ page }, place] of tabs) {
      await page.evaluate(() => dispatchEvent(new Event("online")));
      await page.getByText("Doors in a minute").waitFor();
      const shown = Number(await page.locator('[data-part="place"]').textContent());
      assert.ok(shown <= place && shown >= Math.floor(0.7 * place), `${shown} of ${place}`);
    }
    assert.ok(!asked.includes("check-in"), asked.join(" "));

    await limit(6000);
    await change({ mode: "open" });
    for (const [{ page }] of tabs) {
      await page.evaluate(() => dispatchEvent(new Event("online")));
      await page.getByRole("heading", { name: "Shop /" }).waitFor();
    }
    assert.ok(reasons.includes("waiting-room/pass"), reasons.join(" "));
    assert.deepEqual([...faults(some.said), ...faults(others.said)], []);
  });
}

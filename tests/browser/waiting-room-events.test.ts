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

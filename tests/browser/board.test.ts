// The board in Chromium: on a phone, by keyboard, with two owners at once, and with texts that would be markup.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import type { BoardOptions } from "../../plugins/waiting-room/board/mod.ts";
import type { WaitingRoomOptions } from "../../plugins/waiting-room/mod.ts";
import { createSandbox } from "../../sandbox/mod.ts";
import { serve } from "../src/_serve.ts";
import { confirm, openShop, secret, type Shop, viewSecret } from "./_board.ts";
import { browserForTests, keepPicture, newContext, skip } from "./_chromium.ts";

const axe = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

const browser = browserForTests();

const shop = (
  t: TestContext,
  options?: Partial<WaitingRoomOptions>,
  more?: Partial<BoardOptions>,
): Promise<Shop> => openShop(t, browser(), options, more);

/** What axe finds wrong with a page. */
async function faults(page: Page): Promise<readonly string[]> {
  // Past the policy of the page, as the tools of a developer are.
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: object[] }> } };
    return (await axe.run()).violations;
  }) as { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`.slice(0, 300));
}

const figure = (page: Page, name: string) =>
  page.locator("dl.figures div").filter({ has: page.getByText(name, { exact: true }) }).locator("dd");

for (
  const [how, options] of Object.entries({
    "on a phone": { viewport: { width: 320, height: 640 } },
    "on a phone in the dark": { viewport: { width: 375, height: 700 }, colorScheme: "dark" },
    "on a desk": { viewport: { width: 1280, height: 900 } },
    "in forced colours": { viewport: { width: 800, height: 900 }, forcedColors: "active" },
  }) as [string, BrowserContextOptions][]
) {
  test(`the board is whole, and free of barriers, ${how}`, { skip }, async (t) => {
    const { open, complaints } = await shop(t);
    const stranger = await open("Nobody", "", options);
    assert.deepEqual(await faults(stranger), []);
    const page = await open("Zoë", secret, options);
    await page.getByText("Live. Updated every second.").waitFor();
    await figure(page, "Inside").filter({ hasText: "2 of 2" }).waitFor();
    // Of the three who wait some have gone where the browser was slow: they do not call again.
    assert.match(await figure(page, "Present").innerText(), /^[0-3]$/);
    assert.match(await page.locator(".verdict").innerText(), /^The room is full: 2 of 2 are inside\./);
    await page.getByText("Limits, note, times and line").click();
    await page.locator(".uplot canvas").first().waitFor();
    const { wide, there } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      there: document.documentElement.clientWidth,
    }));
    assert.ok(wide <= there, `${wide} of ${there}`);
    assert.deepEqual(await faults(page), []);
    await keepPicture(page, `board-${how.replaceAll(" ", "-")}`, { fullPage: true });
    await page.getByRole("button", { name: "Pause" }).click();
    assert.deepEqual(await faults(page), []);
    assert.deepEqual(complaints, []);
  });
}

test("an owner pauses the room by keyboard alone, after one more question", { skip }, async (t) => {
  const { open, rooms: [room] } = await shop(t);
  const page = await open("Zoë", secret);
  await page.locator("[data-mode=open][aria-pressed=true]").waitFor();
  await page.getByRole("button", { name: "Pause" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText("open → paused").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  assert.equal((await room.status()).mode, "open", "what was called off is not done");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Pause");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Cancel");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("Changed. It is in force everywhere within two seconds.").waitFor();
  assert.equal((await room.status()).mode, "paused");
  await page.locator(".badge", { hasText: "paused" }).waitFor();
  await page.getByRole("cell", { name: "What the room does: paused" }).waitFor();
  await page.getByRole("cell", { name: "Zoë" }).waitFor();
});

test("an owner changes limits, note and times, and drops the line only by its words", { skip }, async (t) => {
  const { open, rooms: [room] } = await shop(t);
  const page = await open("Zoë", secret);
  await page.getByText("Limits, note, times and line").click();
  const settled = async (text: string) => {
    await confirm(page);
    await page.getByRole("cell", { name: text }).waitFor();
  };
  await page.getByRole("textbox", { name: "Let in a minute" }).fill("12,5");
  await page.getByLabel("Inside at once").fill("");
  await page.getByRole("button", { name: "Change the limits" }).click();
  await settled("Let in a minute: 13; Inside at once: unlimited");
  const { limits } = await room.status();
  assert.deepEqual([limits.admitPerMinute, limits.capacity], [12.5, -1]);
  await page.getByLabel("Note to those who wait").fill("Back at three.");
  await page.getByRole("button", { name: "Change the note" }).click();
  await settled("Note: “Back at three.”");
  await page.getByLabel("Opens, in your time").fill("2100-01-01T12:00");
  await page.getByRole("button", { name: "Change the times" }).click();
  await settled("Opens: Jan 1, 2100, 12:00:00 PM");
  assert.equal((await room.status()).mode, "scheduled");
  await page.getByLabel("To take everybody's place").fill("drop it");
  await page.getByRole("button", { name: "Drop the line" }).click();
  await confirm(page);
  await page.getByText(/^Nothing was changed\. "dropTheLine" must be the words "drop the line"/).waitFor();
  assert.equal((await room.status()).epoch, 1);
  await page.getByLabel("To take everybody's place").fill("drop the line");
  await page.getByRole("button", { name: "Drop the line" }).click();
  await settled("Line: dropped: everybody joins anew");
  assert.equal((await room.status()).epoch, 2);
  await page.getByRole("textbox", { name: "Let in a minute" }).fill("many");
  await page.getByRole("button", { name: "Change the limits" }).click();
  await page.getByText("Let in a minute: write a number, such as 1200 or 12.5.").waitFor();
});

test(
  "of two boards one is told that the other was faster, overwrites nothing, and loses nothing that was written",
  { skip },
  async (t) => {
    const { open, rooms: [room] } = await shop(t);
    const [anna, ben] = [await open("Anna", secret), await open("Ben", secret)];
    for (const page of [anna, ben]) await page.getByText("Limits, note, times and line").click();
    await anna.getByRole("textbox", { name: "Let in a minute" }).fill("10");
    await ben.getByRole("textbox", { name: "Let in a minute" }).fill("20");
    await ben.getByRole("button", { name: "Change the limits" }).click();
    await confirm(ben);
    await ben.getByText("Changed.").waitFor();
    await anna.getByText("Let in a minute: 20").waitFor();
    assert.equal(
      await anna.getByRole("textbox", { name: "Let in a minute" }).inputValue(),
      "10",
      "what somebody writes is left alone",
    );
    await anna.getByRole("button", { name: "Change the limits" }).click();
    await confirm(anna);
    await anna.getByText("Nothing was changed: Ben was faster. Look at the room as it is now").waitFor();
    assert.equal((await room.status()).limits.admitPerMinute, 20);
    await anna.getByRole("button", { name: "Change the limits" }).click();
    await anna.getByRole("dialog").getByText("Let in a minute: 20 → 10").waitFor();
    await confirm(anna);
    await anna.getByRole("cell", { name: "Let in a minute: 10" }).waitFor();
    assert.equal((await room.status()).limits.admitPerMinute, 10, "once it was decided anew");
  },
);

test("texts of others stay texts on the board", { skip }, async (t) => {
  const { open, rooms: [room], complaints } = await shop(t, {}, { title: "<img src=x onerror=alert(1)>" });
  const markup = `"><img src=x onerror="document.title='taken'"><script>alert(1)</script>`;
  const { revision } = await room.status();
  await room.change({ note: markup }, { by: `<b onclick=alert(1)>${"n".repeat(40)}`, revision });
  const page = await open("<i>Zoë</i>", secret);
  await page.getByText(`Note: ${markup}`).waitFor();
  await page.getByRole("cell", { name: `Note: “${markup}”` }).waitFor();
  await page.getByText("<i>Zoë</i>").waitFor();
  assert.equal(await page.locator("img, main script, td b, i").count(), 0);
  assert.equal(await page.title(), "<img src=x onerror=alert(1)>");
  assert.deepEqual(complaints, []);
});

test("whoever may only look sees the room, and no controls", { skip }, async (t) => {
  const { open } = await shop(t);
  const page = await open("Vera", viewSecret);
  await page.getByText("You may look, and change nothing.").waitFor();
  await page.getByText("Live. Updated every second.").waitFor();
  await figure(page, "Inside").waitFor();
  assert.equal(await page.locator(".controls").count(), 0);
  assert.deepEqual(await faults(page), []);
});

test("of several rooms one is chosen, and a link leads to it", { skip }, async (t) => {
  const rooms = [{ name: "hall", match: { path: "/hall" }, admitPerMinute: 5 }, {
    name: "garden",
    capacity: 7,
  }];
  const { open, url } = await shop(t, { rooms, admitPerMinute: undefined, capacity: undefined } as object);
  const page = await open("Zoë", secret);
  await page.getByRole("link", { name: "garden" }).click();
  await page.getByRole("heading", { name: "garden" }).waitFor();
  await page.goto(`${url}/.stanchion-board#hall`);
  await page.getByRole("heading", { name: "hall open" }).waitFor();
  assert.deepEqual(await faults(page), []);
});

test(
  "a board that cannot be reached says so, goes on by itself, and asks again who it is",
  { skip },
  async (t) => {
    const { open } = await shop(t);
    const page = await open("Zoë", secret);
    await page.getByText("Live.").waitFor();
    await page.context().setOffline(true);
    await page.getByText("The board cannot be reached. What you see is old").waitFor();
    await page.context().setOffline(false);
    await page.getByText("Live. Updated every second.").waitFor();
    await page.context().clearCookies();
    await page.getByLabel("Secret").waitFor();
  },
);

/** What a gate tells of a decision, with a path that would be markup. */
const decision = {
  time: "2030-01-15T12:30:01.005Z",
  action: "queue",
  reason: "crowdhandler/queued",
  provider: "crowdhandler",
  room: "hall",
  enforced: true,
  served: false,
  threw: false,
  status: 302,
  durationMs: 31.25,
  failure: "timeout",
  failedPlugin: "crowdhandler",
  method: "GET",
  host: "shop.example.com",
  path: "/<img src=x>",
} as const;

for (
  const [how, options] of Object.entries({
    "on a phone": { viewport: { width: 390, height: 700 } },
    "on a desk in the dark": { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  }) as [string, BrowserContextOptions][]
) {
  test(`the sandbox's board switches faults, changes rooms, and shows what is decided and asked, ${how}`, {
    skip,
  }, async (t) => {
    const sandbox = createSandbox({
      rooms: [{ slug: "hall", domain: "https://shop.example.com", title: "<b>Hall</b>", capacity: 3 }],
    });
    const server = await serve((request: Request) => sandbox.fetch(request));
    const context = await newContext(browser(), options);
    t.after(async () => {
      await context.close();
      await server.close();
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", ({ message }) => complaints.push(message));
    await page.goto(server.url);
    await page.getByText("Live. Updated every second.").waitFor();
    await page.getByText(`decisionLog({ write: tellSandbox("${server.url}") })`).waitFor();
    await page.getByLabel("requests").selectOption({ label: "answers 500" });
    await page.getByText("requests answers 500.").waitFor();
    assert.equal(sandbox.state.faults.requests?.kind, "500");
    const token = "tok_0123456789abcdefghijkl";
    const asked = new Request(
      `${server.url}/v1/requests/${token}<img%20src=x>?url=https://shop.example.com/`,
      {
        headers: { "x-api-key": sandbox.publicKey },
      },
    );
    await sandbox.fetch(asked);
    await page.getByRole("cell", { name: "GET /v1/requests/tok_0123…" }).waitFor();
    assert.equal(await page.getByText(token).count(), 0, "by its token somebody could take the place");
    sandbox.noteDecision(decision);
    const row = page.getByRole("region", { name: "Decisions" }).getByRole("row").filter({
      hasText: "<img src=x>",
    });
    await row.waitFor();
    for (const text of ["sent to wait", "crowdhandler/queued", "31.3 ms", "timeout in crowdhandler"]) {
      await row.getByRole("cell", { name: text }).waitFor();
    }
    const chart = page.getByRole("img", { name: /^Decisions of the gate, in two seconds\. Now: / });
    await chart.locator("canvas").waitFor();
    const heads = await page.getByRole("region", { name: "Decisions" }).getByRole("columnheader")
      .allInnerTexts();
    assert.deepEqual(heads, ["When", "Decided", "Page", "Why", "Room", "Answered", "Took", "Fault"]);
    const cells = await row.getByRole("cell").allInnerTexts();
    assert.deepEqual(cells.slice(1, 4), [
      "sent to wait",
      "GET shop.example.com/<img src=x>",
      "crowdhandler/queued",
    ]);
    assert.equal(await page.locator("main img:not(.chart img)").count(), 0);
    assert.deepEqual(await faults(page), []);
    const { wide, there } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      there: document.documentElement.clientWidth,
    }));
    assert.ok(wide <= there, `${wide} of ${there}`);
    await page.getByRole("button", { name: "Switch all faults off" }).click();
    await page.getByText("Everything works again.").waitFor();
    assert.equal(sandbox.state.faults.requests, undefined);
    const capacity = page.getByLabel("May be inside hall");
    await capacity.fill("7");
    await capacity.press("Enter");
    await page.getByText("hall is changed.").waitFor();
    assert.equal(sandbox.state.rooms[0]?.capacity, 7);
    await keepPicture(page, `sandbox-board-${how.replaceAll(" ", "-")}`, { fullPage: true });
    assert.deepEqual(complaints, []);
  });
}

test(
  "the board says why a rate is what it is, and lets its operator hold it and hand it back",
  { skip },
  async (t) => {
    const autotune = { targetMs: 300, min: 6, max: 600 };
    const { open, rooms, complaints } = await shop(t, { capacity: 20, autotune });
    const page = await open("Zoë", secret);
    await figure(page, "The rate").filter({ hasText: "60 follows the application" }).waitFor();
    await page.getByText("Limits, note, times and line").click();
    const group = page.getByRole("group", { name: "How the rate is set" });
    await group.getByRole("button", { name: "Hold the rate" }).click();
    await confirm(page);
    await page.getByText("Changed. It is in force everywhere within two seconds.").waitFor();
    await group.locator('[data-rate="held"][aria-pressed="true"]').waitFor();
    await figure(page, "The rate").filter({ hasText: "60 held by hand" }).waitFor();
    assert.ok(((await rooms[0].status()).tuned?.heldSince ?? 0) > 0);
    assert.deepEqual(await faults(page), []);
    await keepPicture(page, "board-rate", { fullPage: true });
    await group.getByRole("button", { name: "Let the rate follow the application" }).click();
    await confirm(page);
    await group.locator('[data-rate="tuned"][aria-pressed="true"]').waitFor();
    assert.equal((await rooms[0].status()).tuned?.heldSince, 0);
    // The application brings the rate to just what somebody has begun to write.
    await page.getByRole("textbox", { name: "Let in a minute" }).fill("61");
    await page.route("**/rooms", async (route) => {
      const response = await route.fetch();
      const told = await response.json();
      told.rooms[0].room.limits.admitPerMinute = 61;
      await route.fulfill({ response, json: told });
    });
    const read = page.waitForResponse("**/rooms");
    await (await read).finished();
    await page.getByRole("button", { name: "Change the limits" }).click();
    await confirm(page);
    await group.locator('[data-rate="held"][aria-pressed="true"]').waitFor();
    const { limits, tuned } = await rooms[0].status();
    assert.deepEqual([limits.admitPerMinute, (tuned?.heldSince ?? 0) > 0], [61, true]);
    assert.deepEqual(complaints, []);
  },
);

test("the board of a room whose rate nobody tunes says nothing of that", { skip }, async (t) => {
  const { open } = await shop(t);
  const page = await open("Zoë", secret);
  await figure(page, "Inside").filter({ hasText: "2 of 2" }).waitFor();
  await page.getByText("Limits, note, times and line").click();
  assert.equal(await page.getByRole("button", { name: "Hold the rate" }).isVisible(), false);
  assert.equal(await page.getByText("The rate", { exact: true }).count(), 0);
});

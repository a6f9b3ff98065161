// The forms of the board in Chromium, where another owner is at work, the board answers late, or another room is chosen meanwhile.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Page, Route } from "playwright-core";
import type { WaitingRoomOptions } from "../../plugins/waiting-room/mod.ts";
import { confirm, openShop, secret, type Shop } from "./_board.ts";
import { browserForTests, skip } from "./_chromium.ts";

const browser = browserForTests();

/** The board of an owner with its forms open. */
async function atForms(
  t: TestContext,
  options: Partial<WaitingRoomOptions> = {},
): Promise<Shop & ReturnType<typeof formsOf> & { readonly page: Page }> {
  const shop = await openShop(t, browser(), options);
  const page = await shop.open("Zoë", secret);
  await page.getByText("Limits, note, times and line").click();
  return { ...shop, ...formsOf(page), page };
}

function formsOf(page: Page) {
  return {
    rate: page.getByRole("textbox", { name: "Let in a minute" }),
    inside: page.getByLabel("Inside at once"),
    note: page.getByLabel("Note to those who wait"),
    closes: page.getByLabel("Closes, in your time"),
    drop: page.getByLabel("To take everybody's place"),
    async press(name: string): Promise<void> {
      await page.getByRole("button", { name, exact: true }).click();
    },
    async logged(text: string): Promise<void> {
      await page.getByRole("cell", { name: text }).waitFor();
    },
  };
}

/** Answers the requests of a page to a path otherwise, where they have a method. */
async function intercept(
  page: Page,
  path: string,
  method: string,
  answer: (route: Route) => Promise<void>,
): Promise<void> {
  await page.route(path, (route) => route.request().method() === method ? answer(route) : route.fallback());
}

/** Holds back the answers to some requests of a page, until it is told to let go. */
async function holdBack(page: Page, path: string, method: string): Promise<() => Promise<void>> {
  const letGo = Promise.withResolvers<void>();
  const held: Promise<void>[] = [];
  async function hold(route: Route): Promise<void> {
    const response = await route.fetch();
    await letGo.promise;
    // The page may have given up meanwhile.
    await route.fulfill({ response }).catch(() => {});
  }
  await intercept(page, path, method, async (route) => {
    const holding = hold(route);
    held.push(holding);
    await holding;
  });
  return async () => {
    letGo.resolve();
    await Promise.all(held);
  };
}

const changed = "Changed. It is in force everywhere within two seconds.";

/** Lets so many milliseconds pass in a page, by its own clock. */
async function passed(page: Page, ms: number): Promise<void> {
  const before = await page.evaluate(() => performance.now());
  await page.waitForFunction((until) => performance.now() > until, before + ms);
}

test("what an owner has begun to write stays while another change of the same owner is made", {
  skip,
}, async (t) => {
  const { page, rooms: [room], rate, note, press, logged, complaints } = await atForms(t);
  const letGo = await holdBack(page, "**/rooms/*", "POST");
  await rate.fill("12");
  await press("Change the limits");
  await confirm(page);
  // The board has read the change before it was told that it is made.
  await logged("Let in a minute: 12");
  await note.fill("Back at three.");
  await rate.fill("13");
  await letGo();
  await page.getByText(changed).waitFor();
  await press("Pause");
  await confirm(page);
  await page.locator("[data-mode=paused][aria-pressed=true]").waitFor();
  assert.deepEqual([await note.inputValue(), await rate.inputValue()], ["Back at three.", "13"]);
  await press("Change the note");
  await confirm(page);
  await logged("Note: “Back at three.”");
  await press("Change the limits");
  await confirm(page);
  await logged("Let in a minute: 13");
  const { limits, note: told } = await room.status();
  assert.deepEqual([limits.admitPerMinute, told], [13, "Back at three."]);
  assert.deepEqual(complaints, []);
});

test("a form changes only what somebody wrote in it", { skip }, async (t) => {
  const { page, rooms: [room], closes, press, logged } = await atForms(t);
  const opensAt = Date.now() + 3_600_000;
  const { revision } = await room.status();
  await room.change({ opensAt: new Date(opensAt).toISOString() }, { by: "Ben", revision });
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>("[name=opensAt]")?.value !== "");
  await closes.fill("2100-01-01T12:00");
  await press("Open");
  await confirm(page);
  await page.locator("[data-mode=open][aria-pressed=true]").waitFor();
  await press("Change the times");
  assert.equal(await page.getByRole("dialog").getByRole("listitem").count(), 1);
  await confirm(page);
  await logged("Closes: Jan 1, 2100");
  const { mode, opensAt: opened } = await room.status();
  assert.equal(mode, "open");
  assert.ok(opened < opensAt, "it is open already");
});

test("nobody changes what they have not seen, however late the log of changes comes", { skip }, async (t) => {
  const { page, rooms: [room], rate, inside, press } = await atForms(t);
  const letGo = await holdBack(page, "**/rooms/*", "GET");
  const { revision } = await room.status();
  await room.change({ capacity: 500 }, { by: "Ben", revision });
  await page.waitForFunction(() =>
    document.querySelector<HTMLInputElement>("[name=capacity]")?.value === "500"
  );
  await rate.fill("10");
  await press("Change the limits");
  await confirm(page);
  await page.getByText(changed).waitFor();
  const { limits } = await room.status();
  assert.deepEqual([limits.admitPerMinute, limits.capacity], [10, 500]);
  await rate.fill("11");
  await room.change({ mode: "closed" }, { by: "Ben", revision: (await room.status()).revision });
  await page.locator("[data-mode=closed][aria-pressed=true]").waitFor();
  await press("Change the limits");
  await confirm(page);
  await page.getByText("Nothing was changed: Ben was faster.").waitFor();
  assert.equal((await room.status()).limits.admitPerMinute, 10);
  await letGo();
  assert.equal(await inside.inputValue(), "500");
});

test(
  "two changes that are under way at once are no conflict of an owner with themselves",
  { skip },
  async (t) => {
    const { page, rooms: [room], note, press, logged } = await atForms(t);
    await note.fill("Back at three.");
    const letGo = await holdBack(page, "**/rooms/*", "POST");
    await press("Pause");
    await confirm(page);
    await page.locator("[data-mode=paused][aria-pressed=true]").waitFor();
    await press("Change the note");
    const refused = page.waitForResponse((response) => response.status() === 409);
    await confirm(page);
    await letGo();
    await refused;
    await logged("Note: “Back at three.”");
    assert.deepEqual([(await room.status()).mode, (await room.status()).note], ["paused", "Back at three."]);
  },
);

test("the line is not dropped twice by words that were there already", { skip }, async (t) => {
  const { page, rooms: [room], drop, press } = await atForms(t);
  await drop.fill("drop the line");
  await press("Drop the line");
  await confirm(page);
  await page.getByText(changed).waitFor();
  assert.equal(await drop.inputValue(), "");
  await press("Drop the line");
  await page.getByText("There is nothing to change").waitFor();
  assert.equal((await room.status()).epoch, 2);
});

test("what is written goes to the room that is shown, and an answer to the room that it is of", {
  skip,
}, async (t) => {
  const rooms = [{ name: "hall", admitPerMinute: 5, match: { path: "/hall" } }, {
    name: "garden",
    admitPerMinute: 7,
  }];
  const options = { rooms, admitPerMinute: undefined, capacity: undefined } as object;
  const { page, rooms: [hall, garden], rate, note, press } = await atForms(t, options);
  await rate.fill("50");
  await note.fill("Come to the hall.");
  const letGo = await holdBack(page, "**/rooms/hall", "POST");
  await press("Change the limits");
  await page.getByText("Change the limits: hall?").waitFor();
  await confirm(page);
  const late = await holdBack(page, "**/rooms", "GET");
  await page.getByRole("link", { name: "garden" }).click();
  await page.getByRole("heading", { name: "garden" }).waitFor();
  assert.deepEqual([await rate.inputValue(), await note.inputValue()], ["7", ""]);
  await rate.fill("50");
  await note.fill("Come to the garden.");
  await letGo();
  await late();
  await page.getByText(`hall: ${changed}`).waitFor();
  assert.deepEqual([await rate.inputValue(), await note.inputValue()], ["50", "Come to the garden."]);
  await press("Change the note");
  await page.getByText("Change the note: garden?").waitFor();
  await confirm(page);
  // That of the hall may stand there still.
  await page.getByText(changed, { exact: true }).waitFor();
  const told = await Promise.all([hall, garden].map(async (room) => {
    const { limits, note } = await room?.status() ?? {};
    return [limits?.admitPerMinute, note];
  }));
  assert.deepEqual(told, [[50, ""], [7, "Come to the garden."]]);
});

test("what something else answers in the place of the board is no change", { skip }, async (t) => {
  const { page, rooms: [room], note, press, complaints } = await atForms(t);
  await intercept(page, "**/rooms/*", "POST", async (route) => {
    await route.fulfill({ status: 200, contentType: "text/html", body: "<h1>Sign in</h1>" });
  });
  await note.fill("Back at three.");
  await press("Change the note");
  await confirm(page);
  await page.getByText("Something else than the board answered.").waitFor();
  await page.unrouteAll({ behavior: "wait" });
  assert.equal(await note.inputValue(), "Back at three.");
  await press("Change the note");
  await confirm(page);
  await page.getByText(changed).waitFor();
  assert.equal((await room.status()).note, "Back at three.");
  assert.deepEqual(complaints, []);
});

test("a board whose log cannot be read shows the room as it is now", { skip }, async (t) => {
  const { page, rooms: [room], complaints } = await atForms(t);
  await page.route("**/rooms/*", (route) => route.fulfill({ status: 200, body: "no log" }));
  await room.change({ note: "Back at three." }, { by: "Ben", revision: (await room.status()).revision });
  await page.getByText("Note: Back at three.").waitFor();
  await page.getByText("Live, but for the last hours and the log, which cannot be read.").waitFor();
  await page.unrouteAll({ behavior: "wait" });
  await page.getByText("Live. Updated every second.").waitFor();
  await page.getByRole("cell", { name: "Note: “Back at three.”" }).waitFor();
  assert.deepEqual(complaints, []);
});

test("a link to a room that cannot be one leads to the first", { skip }, async (t) => {
  const { page, url, complaints } = await atForms(t);
  await page.goto(`${url}/.stanchion-board#100%`);
  await page.reload();
  await page.getByText("Live. Updated every second.").waitFor();
  await page.getByRole("heading", { name: "main" }).waitFor();
  assert.deepEqual(complaints, []);
});

test(
  "an older reading of another process is not shown, and keeps no change from anybody",
  { skip },
  async (t) => {
    const { page, rooms: [room], note, press, logged } = await atForms(t);
    await note.fill("Back at three.");
    const old = await (await page.request.get(`${page.url()}/rooms`)).text();
    await room.change({ note: "Ben was here." }, { by: "Ben", revision: (await room.status()).revision });
    await page.getByText("Note: Ben was here.").waitFor();
    let readings = 0;
    await page.route("**/rooms", async (route) => {
      // Every other one is of the process that does not know yet.
      if (++readings % 2 === 0) await route.fulfill({ contentType: "application/json", body: old });
      else await route.continue();
    });
    await passed(page, 4000);
    await press("Pause");
    await confirm(page);
    await page.locator("[data-mode=paused][aria-pressed=true]").waitFor();
    await press("Change the note");
    await confirm(page);
    await page.getByText("Nothing was changed: Ben was faster.").waitFor();
    await note.fill("Back at four.");
    await press("Change the note");
    await confirm(page);
    await logged("Note: “Back at four.”");
    assert.equal((await room.status()).note, "Back at four.");
  },
);

test("a room that counts its revisions anew takes nothing that was decided before", { skip }, async (t) => {
  const { page, rooms: [room], note, press } = await atForms(t);
  await press("Pause");
  await confirm(page);
  await page.locator("[data-mode=paused][aria-pressed=true]").waitFor();
  await note.fill("Back at three.");
  await page.route("**/rooms", async (route) => {
    const response = await route.fetch();
    const told = await response.json();
    for (const { room } of told.rooms) room.revision = 0;
    await route.fulfill({ response, json: told });
  });
  await page.locator("[data-mode=paused]").waitFor();
  await passed(page, 2500);
  await press("Change the note");
  await confirm(page);
  await page.getByText("Nothing was changed: Somebody was faster.").waitFor();
  assert.equal((await room.status()).note, "");
});

test("where nobody knows whether a change was made the board says so", { skip }, async (t) => {
  const { page, note, press } = await atForms(t);
  await intercept(page, "**/rooms/*", "POST", async (route) => {
    await route.fetch();
    await route.fulfill({ status: 504, body: "too late" });
  });
  await note.fill("Back at three.");
  await press("Change the note");
  await confirm(page);
  await page.getByText("The change may have been made: look at the room before you try again.").waitFor();
});

test("what is no number or no time is not sent", { skip }, async (t) => {
  const { page, rooms: [room], rate, closes, press } = await atForms(t);
  for (const text of ["1,200", "1.200", "many", "1 200", ""]) {
    await rate.fill(text);
    await press("Change the limits");
    await page.getByText("Let in a minute: write a number, such as 1200 or 12.5.").waitFor();
    await rate.fill("60");
    await press("Change the limits");
    await page.getByText("There is nothing to change").waitFor();
  }
  await closes.evaluate((input: HTMLInputElement) => input.removeAttribute("max"));
  await closes.fill("202612-12-01T12:00");
  await press("Change the times");
  await page.getByText(/^(?:Closes: write a time\.|Nothing was changed\.)/).waitFor();
  assert.equal((await room.status()).revision, 0);
});

test("what is written is not lost where the sign-in is over", { skip }, async (t) => {
  const { page, note } = await atForms(t);
  await note.fill("Back at three.");
  await page.route("**/rooms", (route) => route.fulfill({ status: 401, body: "{}" }));
  await page.getByText("You are not signed in any more: load the page anew.").waitFor();
  await page.waitForFunction(() => performance.now() > 8000);
  assert.equal(await note.inputValue(), "Back at three.");
});

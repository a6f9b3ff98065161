// The notes of an owner in pages that are open in Chromium, told by a stream and by the status.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { faults, shop, skip, tab } from "./_room.ts";
import { serveStates } from "./_waiting-pages.ts";

const long = "Bring your card.\r\nDoors open at nine. <script>document.title = 1</script> \ud83d&amp; "
  .repeat(5);

for (const eventStreams of [0, 1]) {
  const how = eventStreams === 0 ? "the status" : "a stream";
  test(`a page that is open shows the note that there is, as ${how} tells it`, { skip }, async (t) => {
    const { url, fill, say } = await shop(t, { note: long, eventStreams });
    await fill(12);
    const { page, said } = await tab(t);
    const note = page.locator("[data-part=note]");
    await page.goto(url);
    const whole = await note.textContent();
    assert.ok(whole?.includes("</script>") && whole.length > 300, whole ?? "");

    /** Waits until the page has heard what the room says by now. */
    const hear = async () => {
      const told = page.waitForResponse(/\/status$/);
      await page.evaluate(() => dispatchEvent(new Event("online")));
      await (await told).finished();
    };
    await hear();
    assert.equal(await note.textContent(), whole, "what is cut replaces nothing");
    for (const next of ["Bring your card…", "Bring…", `${long}Or ten.`, "<img src=x onerror=alert(1)>"]) {
      await say(next);
      const shown = next.length > 300 ? "Bring your card." : next;
      while (!(await note.textContent())?.startsWith(shown)) {
        if (eventStreams === 0) await hear();
        await page.waitForTimeout(100);
      }
      if (shown !== next) assert.match(await note.textContent() ?? "", /…$/);
      else assert.equal(await note.textContent(), next);
    }
    await say("");
    while (await note.isVisible()) {
      if (eventStreams === 0) await hear();
      await page.waitForTimeout(100);
    }
    assert.deepEqual(faults(said), []);
  });
}

/** Where a character of an element stands, from the left. */
function leftOf(page: Page, element: string, at: number): Promise<number> {
  return page.locator(element).evaluate((node, at) => {
    const text = [...node.childNodes].find((each) => each.nodeType === 3);
    const range = document.createRange();
    range.setStart(text as Node, at);
    range.setEnd(text as Node, at + 1);
    return range.getBoundingClientRect().left;
  }, at);
}

test(
  "texts of the owner are read from the side from which they are written, on every page",
  { skip },
  async (t) => {
    const [english, hebrew] = ["Doors (main).", "הדלתות (ראשי)."];
    for (
      const [title, note] of [[english, `${english}\n${hebrew}`], [hebrew, `${hebrew}\n${english}`]] as const
    ) {
      const pages = await serveStates({ title, note });
      t.after(() => pages.close());
      const { page, said } = await tab(t);
      for (const language of ["en", "ar"]) {
        await page.goto(`${pages.url}/${language}/far`);
        const isBefore = async (element: string, text: string, from = 0) =>
          await leftOf(page, element, from) < await leftOf(page, element, from + text.length - 1);
        const [first = "", second = ""] = note.split("\n");
        assert.equal(await isBefore("header p", title), title === english, `${title}, ${language}`);
        assert.equal(await isBefore("[data-part=note]", first), first === english, `${first}, ${language}`);
        const from = first.length + 1;
        assert.equal(
          await isBefore("[data-part=note]", second, from),
          second === english,
          `${second}, ${language}`,
        );
      }
      assert.deepEqual(faults(said), []);
    }
  },
);

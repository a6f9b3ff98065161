// The documentation as a site, in Chromium: what `npm run docs` has built. Pictures are kept in .cache/screenshots.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { Served } from "../src/_serve.ts";
import { launch, newContext, skip as noBrowser } from "./_chromium.ts";
import { notBuilt, serveSite } from "./_docs-site.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = new URL("../../.cache/screenshots/", import.meta.url);
const skip = noBrowser === false ? notBuilt : noBrowser;
const desk = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 375, height: 667 }, hasTouch: true };
const dark = { ...desk, colorScheme: "dark" as const };
const mainPages = [
  "",
  "documentation",
  "waiting-room",
  "concepts",
  "api/stanchion.waiting-room",
  "project/changelog",
];

let browser: Browser | undefined;
let server: Served | undefined;

before(async () => {
  if (skip !== false) return;
  mkdirSync(pictures, { recursive: true });
  browser = await launch();
  server = await serveSite();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens a page, and afterwards holds it to ask nobody but the site and to have no errors. */
async function open(
  path: string,
  options: BrowserContextOptions,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  assert.ok(browser !== undefined && server !== undefined);
  const { url } = server;
  const context = await newContext(browser, options);
  const wrong: string[] = [];
  context.on("request", (request) => {
    if (!request.url().startsWith(`${url}/`) && !/^(?:blob|data):/.test(request.url())) {
      wrong.push(request.url());
    }
  });
  context.on("response", (response) => {
    if (response.status() >= 400) wrong.push(`${response.status()} ${response.url()}`);
  });
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(message.text());
  });
  context.on("weberror", (error) => wrong.push(String(error.error())));
  try {
    const page = await context.newPage();
    await page.goto(`${url}/${path}`, { waitUntil: "networkidle" });
    await look(page);
    assert.deepEqual(wrong, [], `/${path}`);
  } finally {
    await context.close();
  }
}

/** What axe-core finds wrong. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  return await page.evaluate(async () => {
    // The script above has put it there.
    const { axe } = globalThis as unknown as {
      readonly axe: {
        run(): Promise<{
          violations: readonly { id: string; nodes: readonly { html: string; failureSummary: string }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("\n")}`
    );
  });
}

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: new URL(`docs-${name}.png`, pictures).pathname, animations: "disabled" });
}

describe("the documentation as a site", { skip }, () => {
  for (const path of mainPages) {
    for (const [name, options] of Object.entries({ desk, phone, dark })) {
      test(`/${path} asks nobody else, has nothing that axe finds, and scrolls in one direction: ${name}`, async () => {
        await open(path, options, async (page) => {
          await picture(page, `${path.replaceAll(/[/.]/g, "-") || "home"}-${name}`);
          const [content, window] = await page.evaluate(
            () => [document.documentElement.scrollWidth, innerWidth],
          );
          assert.equal(content, window);
          assert.deepEqual(await violations(page), []);
        });
      });
    }
  }

  test("finds a page by its words, without any server", async () => {
    await open("", desk, async (page) => {
      await page.getByRole("button", { name: "Search" }).click();
      await page.getByRole("searchbox").fill("bulkhead queueWaitMs");
      const result = page.getByRole("option").first();
      await result.waitFor();
      await result.click();
      await page.waitForURL(/bulkhead/);
      await page.getByRole("heading", { level: 1, name: /bulkhead/ }).waitFor();
    });
  });

  test("shows the names of JSR everywhere once they are chosen, and on the next page", async () => {
    await open("waiting-room", desk, async (page) => {
      await page.getByText("JSR", { exact: true }).first().click();
      const shown = page.locator(".vp-code-group .blocks > .active");
      await shown.filter({ hasText: '"@stanchion/stanchion"' }).first().waitFor();
      assert.equal(await shown.filter({ hasText: '"stanchion"' }).count(), 0);
      await page.getByRole("link", { name: "Concepts" }).first().click();
      await page.getByRole("heading", { level: 1, name: "Concepts" }).waitFor();
      await shown.filter({ hasText: '"@stanchion/stanchion"' }).first().waitFor();
    });
  });

  test("has the reference of every entry point, and the same for programs", async () => {
    assert.ok(server !== undefined);
    // The manifest is ours; tests/package/manifests.test.ts checks its form.
    const { exports } = JSON.parse(readFileSync(new URL("../../deno.json", import.meta.url), "utf8")) as {
      readonly exports: Readonly<Record<string, string>>;
    };
    const read = async (path: string) => await (await fetch(`${server?.url}/${path}`)).text();
    const [list, whole] = await Promise.all([read("llms.txt"), read("llms-full.txt")]);
    for (const subpath of Object.keys(exports)) {
      const name = `stanchion${subpath.slice(1)}`;
      const page = `api/${name.replaceAll("/", ".")}`;
      assert.ok(list.includes(`- [${name}](/${page}.md)`) || list.includes(`/${page}.md)`), name);
      assert.ok(whole.includes(`# ${name}\n`), name);
      assert.match(await read(`${page}.md`), new RegExp(`^# ${name}$`, "m"));
    }
    assert.match(list, /^# Stanchion\n\n> A virtual waiting room/);
    assert.doesNotMatch(whole, /^:::|\[JSR\]$/m);
  });
});

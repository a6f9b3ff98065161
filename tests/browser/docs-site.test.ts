// The documentation as a site, in Chromium: what `npm run docs` has built.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import type { Served } from "../src/_serve.ts";
import { browserForTests, keepPicture, newContext, skip as noBrowser } from "./_chromium.ts";
import { notBuilt, serveSite } from "./_docs-site.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
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
  "playground",
  "simulation",
];

const browser = browserForTests();
let server: Served | undefined;

before(async () => {
  if (skip !== false) return;
  server = await serveSite();
});
after(async () => {
  await server?.close();
});

/** Opens a page, and afterwards holds it to ask nobody but the site and to have no errors. */
async function open(
  path: string,
  options: BrowserContextOptions,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  assert.ok(server !== undefined);
  const { url } = server;
  const context = await newContext(browser(), options);
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
  await keepPicture(page, `docs-${name}`, { animations: "disabled" });
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

describe("the playground", { skip }, () => {
  /** The parts of its page. */
  function partsOf(page: Page) {
    return {
      choose: (example: string) => page.getByLabel("Example").selectOption(example),
      type: (code: string) => page.locator(".cm-content").fill(code),
      run: () => page.getByRole("button", { name: "Run" }).click(),
      stop: () => page.getByRole("button", { name: "Stop" }).click(),
      send: () => page.getByRole("button", { name: "Send" }).click(),
      follow: () => page.getByRole("button", { name: "Follow the redirect" }).click(),
      visit: (name: string) => page.locator("select[name=visitor]").selectOption({ label: name }),
      ready: () => page.getByRole("status").filter({ hasText: "The gate is ready" }).waitFor(),
      wrong: (words: string | RegExp) => page.getByRole("alert").filter({ hasText: words }).waitFor(),
      answered: (status: number) => page.locator(`[data-status="${status}"]`).waitFor(),
      explained: page.getByRole("region", { name: "What each hook said" }),
      cookies: page.getByRole("region", { name: "Cookies of this visitor" }),
      body: page.getByLabel("The body"),
    };
  }

  test("lets visitors wait in a room, each with cookies of their own, and explains why", async () => {
    await open("playground", desk, async (page) => {
      const { ready, visit, send, answered, explained, cookies, body } = partsOf(page);
      await ready();
      for (const name of ["Ada", "Ben"]) {
        await visit(name);
        await send();
        await page.getByRole("heading", { name: "Answer" }).waitFor();
        await body.filter({ hasText: "Welcome to /tickets" }).waitFor();
        await cookies.filter({ hasText: "__Host-stanchion-main" }).waitFor();
      }
      await visit("Cleo");
      await page.getByText("This visitor has no cookies.").waitFor();
      await send();
      await answered(503);
      await page.frameLocator("iframe").getByRole("heading", { name: "You are in line" }).waitFor();
      await explained.filter({ hasText: "the visitor brought no ticket" }).waitFor();
      await send();
      await explained.filter({ hasText: "waiting-room/" }).waitFor();
      await page.getByRole("button", { name: "Forget __Host-stanchion-main" }).click();
      await page.getByText("This visitor has no cookies.").waitFor();
      await visit("Ada");
      await send();
      await answered(200);
      await picture(page, "playground-used");
      assert.deepEqual(await violations(page), []);
    });
  });

  test("goes through Queue-it and back, and waits at CrowdHandler, by the sandbox", async () => {
    await open("playground", desk, async (page) => {
      const { choose, ready, send, follow, answered, body } = partsOf(page);
      await choose("queue-it");
      await ready();
      await send();
      await answered(302);
      for (const next of [/queue\.test/, /queueittoken=/]) {
        await follow();
        await page.locator(".own .status").filter({ hasText: next }).waitFor();
      }
      await follow();
      await body.filter({ hasText: "Welcome to https://shop.example.com/tickets" }).waitFor();
      await choose("crowdhandler");
      await ready();
      await send();
      await answered(302);
      await follow();
      await page.locator(".own .status").filter({ hasText: "wait.crowdhandler.com/hall" }).waitFor();
      await answered(200);
    });
  });

  test("runs what is typed, types and all, and tells what is wrong with it by its line", async () => {
    const plain = 'import { createGate, failOpen, type Decider } from "stanchion";\n' +
      'const open: Decider = { name: "open", decide: () => ({ action: "admit", reason: "open/always" }) };\n' +
      "export const gate = createGate({ plugins: [failOpen(), open] });\n";
    await open("playground", desk, async (page) => {
      const { ready, type, run, send, wrong, answered, explained, body } = partsOf(page);
      await ready();
      await type(`${plain}export default () => new Response("typed by hand");\n`);
      await send();
      await body.filter({ hasText: "typed by hand" }).waitFor();
      await explained.filter({ hasText: "open/always" }).waitFor();
      for (
        const [code, words] of [
          ["export const gate = ;", "Line 1"],
          [`${plain}const x = {`, /Line [45]/],
          [`${plain}\n\nnothing();`, /Line 6.*ReferenceError: nothing is not defined/],
          [
            '\nimport { nothing } from "stanchion";\nnothing();',
            /Line 2.*"stanchion" has no nothing.*createGate/,
          ],
          ['\n\nimport "left-pad";', /Line 3.*There is no "left-pad" here.*stanchion\/waiting-room/],
          ['await import("https://example" + ".com/x.js");', /Line 1.*must name its module/],
          ["export default 1;", 'Export the gate as "gate"'],
          [plain.replace("failOpen(), ", ""), /TypeError/],
        ] as const
      ) {
        await type(code);
        await run();
        await wrong(words);
      }
      await type(
        `${plain}export default async () => new Response(await (await fetch("https://example.com")).text());`,
      );
      await send();
      await wrong("The playground reaches no network");
      await type(
        `${plain}export default () => { console.log("printed", 1); return new Response("again"); };`,
      );
      await send();
      await answered(200);
      await page.getByLabel("What the code prints").filter({ hasText: "printed 1" }).waitFor();
    });
  });

  test("ends an endless loop: at a button, and by itself", async () => {
    await open("playground", desk, async (page) => {
      const { ready, type, run, stop, send, wrong, choose, answered } = partsOf(page);
      await ready();
      await type("for (;;);");
      await run();
      await page.locator(".own[data-busy]").waitFor();
      await stop();
      await wrong("You stopped the code");
      await run();
      await wrong("did not answer within 5 seconds");
      await type('for (;;) console.log("it prints without end");');
      await run();
      await wrong("did not answer within 5 seconds");
      await page.getByLabel("What the code prints").filter({ hasText: "more than 1000 lines are left out" })
        .waitFor();
      await choose("waiting-room");
      await ready();
      await send();
      await answered(200);
    });
  });
});

describe("the simulation", { skip }, () => {
  test("lets people come, wait and in, follows what is set, and breaks no promise", async () => {
    await open("simulation", desk, async (page) => {
      const figure = (name: string) => page.locator(`[data-figure="${name}"]`);
      const number = async (name: string) => Number((await figure(name).innerText()).replaceAll(",", ""));
      await page.getByLabel("Pace").selectOption("240");
      await page.waitForFunction(() =>
        Number(document.querySelector('[data-figure="inside"]')?.textContent) > 100
      );
      const before = await number("waiting");
      await page.getByRole("button", { name: /^A surge/ }).click();
      await page.waitForFunction(
        (before) =>
          Number(document.querySelector('[data-figure="waiting"]')?.textContent?.replaceAll(",", "")) >
            before + 800,
        before,
      );
      await page.getByRole("button", { name: "Stand in line" }).click();
      await page.getByText(/^You, with number [\d,]+: place/).waitFor();
      await page.getByLabel(/Fit in at once/).fill("2000");
      await page.getByLabel(/Let in a minute/).fill("600");
      await page.getByText(/it was your turn after/).waitFor();
      assert.equal(await number("broken"), 0);
      await page.getByRole("button", { name: "Pause" }).click();
      await picture(page, "simulation-used");
      assert.deepEqual(await violations(page), []);
    });
  });
});

/** The way through a room in front of a framework, which is the same for all of them: in Chromium and over raw sockets. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, BrowserContext, Page, Request } from "playwright-core";
import { exchange, type Received, received, requestText, valuesOf } from "../adapters/_node-server.ts";
import { launch, newContext, skip } from "../browser/_chromium.ts";
import { spellingOf } from "../routers/_spellings.ts";
import { randomOf } from "../torture/_tools.ts";
import { goThroughHosted, services, type Told } from "./_hosted-way.ts";
import { type Project, project, type Running } from "./_pages-project.ts";

type Command = readonly [command: string, ...args: string[]];

/** What one framework does in its own way. */
export interface Way {
  /** The folder of its project. */
  readonly name: string;
  readonly build: Command;
  readonly start: Command;
  /** The development server. */
  readonly dev: Command;
  /** Files that the build made of the page that is prerendered, by a pattern of their content. */
  readonly prerendered: { readonly file: string; readonly has: RegExp };
  /** Addresses of the data of the protected page, which a router in the browser asks for, with the headers that it sends. */
  readonly data: readonly (readonly [target: string, headers?: string])[];
  /** Tells in the page, as an expression, whether the router has taken over. */
  readonly ready: string;
  /** The buttons of the protected page that buy: those that scripts handle, and plain ones. */
  readonly buttons: readonly string[];
  /** What would do by `POST` at other addresses what the buttons of the protected page do, made of its HTML. */
  around?(
    html: string,
  ): readonly { readonly target: string; readonly headers: string; readonly body?: string }[];
  /** The status of a page that fails; none where the framework streams before it knows. */
  readonly failing?: number;
  /** Whether the framework tells the address of the visitor. */
  readonly knowsAddress: boolean;
  /** What it makes of the query `?day=3&q=a%20b%26c` before the gate sees it; nothing unless said. */
  readonly query?: string;
  /** What a page of the visitor's own says of caches. */
  readonly cacheControl: RegExp;
}

/** A page of the application that only those see who are inside. */
const inside = /INSIDE/;
/** So many spellings a router serves as the page at least, or the trial tells nothing. */
const leastServed = 200;
/** What the waiting page alone has. */
const heading = "[data-part=heading]";
const lines = "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";

let browser: Browser | undefined;

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** Declares the tests of a framework. */
export function testWay(way: Way): void {
  describe(way.name, { skip }, () => {
    let made: Project;
    let server: Running;
    let built = "";

    before(async () => {
      made = project(way.name);
      const [command, ...args] = way.build;
      built = await made.run(command, args);
      server = await started(made, way.start);
    });
    after(() => server?.close());

    test("a build asks the gate for nothing, and prerenders the page itself", async () => {
      assert.doesNotMatch(built, /the gate was asked/);
      const { readFile } = await import("node:fs/promises");
      assert.match(await readFile(made.folder + way.prerendered.file, "utf8"), way.prerendered.has);
    });

    test("a visitor is queued who opens the page, and comes in at its own address", () =>
      story(server, async (page) => {
        await page.goto(`${server.url}/tickets?day=3`);
        await waits(page, `${server.url}/tickets?day=3`);
        await server.control("?rate=600");
        await page.getByText("Tickets of day 3: INSIDE").waitFor();
        assert.equal(page.url(), `${server.url}/tickets?day=3`);
      }));

    for (const from of ["/", "/about"]) {
      test(`a visitor is queued who follows a link of the router on ${from}, and comes in at the page of the link`, () =>
        story(server, async (page) => {
          await page.goto(server.url + from);
          await page.waitForFunction(way.ready);
          const asked = page.waitForRequest(isCall);
          await page.locator("#client").click();
          await asked;
          await waits(page, `${server.url}/tickets?day=2`);
          await turn(server, page);
          await page.getByRole("heading", { name: "Tickets of day 2: INSIDE" }).waitFor();
          assert.equal(page.url(), `${server.url}/tickets?day=2`);
        }));
    }

    test("a visitor inside goes to and fro by the router, without waiting again", () =>
      story(server, async (page) => {
        await enters(server, page);
        await page.waitForFunction(way.ready);
        await page.locator("#home").click();
        await page.getByRole("heading", { name: "Home" }).waitFor();
        await page.locator("#client").click();
        await page.getByRole("heading", { name: "Tickets of day 2: INSIDE" }).waitFor();
      }));

    test("a visitor is queued who follows a link for which the router asks nothing, because the page asks before", () =>
      story(server, async (page) => {
        await page.goto(server.url);
        await page.waitForFunction(way.ready);
        await page.locator("#map").click();
        await waits(page, `${server.url}/tickets/map`);
        await turn(server, page);
        await page.getByRole("heading", { name: "The map: INSIDE" }).waitFor();
      }));

    test("so is one who lost the place after the router had fetched the page in advance", () =>
      story(server, async (page, context) => {
        await enters(server, page);
        await page.waitForFunction(way.ready);
        await page.locator("#home").click();
        const link = page.locator("#map");
        await link.hover();
        await page.waitForLoadState("networkidle");
        await server.control("?rate=0");
        await context.clearCookies();
        const asked: string[] = [];
        page.on("request", (request) => {
          if (request.url().includes("/tickets/map")) asked.push(request.method());
        });
        await link.click();
        await waits(page, `${server.url}/tickets/map`);
        // The question, and the page that leads to the room.
        assert.deepEqual(asked, ["HEAD", "GET"]);
      }));

    for (const button of way.buttons) {
      test(`a visitor inside buys by ${button}; one who lost the cookie is queued, buys nothing, and comes back to the page`, () =>
        story(server, async (page, context) => {
          await enters(server, page);
          await page.waitForFunction(way.ready);
          const before = await boughtOn(page);
          await page.locator(button).click();
          await page.getByText(`Bought: ${before + 1}`).waitFor();
          const url = page.url();
          await server.control("?rate=0");
          await context.clearCookies();
          await page.locator(button).click();
          await page.locator(heading).waitFor();
          assert.match(page.url(), /\/tickets/);
          await server.control("?rate=600");
          await page.getByText(inside).waitFor();
          assert.equal(page.url(), url);
          assert.equal(await boughtOn(page), before + 1);
        }));
    }

    test("data of the page are refused as the page is", async () => {
      await server.control("?rate=0");
      for (const [target, headers = ""] of way.data) {
        const answer = await exchange(server.port, requestText(target, { more: headers }));
        assert.doesNotMatch(answer, inside, target);
      }
    });

    const { around } = way;
    if (around !== undefined) {
      test("what the page does is done at no other address for who has to wait, though for who is inside", async () => {
        const cookie = await cookieOf(server);
        const requests = around((await visit(server, "/tickets", cookie)).body);
        const sold = () => server.output().split("the application sold").length;
        const send = async (more: string) => {
          for (const { target, headers, body = "" } of requests) {
            const own = { method: "POST", host: `Host: localhost:${server.port}\r\n`, body };
            await exchange(server.port, requestText(target, { ...own, more: `${headers}${lines}${more}` }));
          }
        };
        const before = sold();
        await server.control("?rate=0");
        await send("");
        assert.equal(sold(), before);
        await send(`Cookie: ${cookie}\r\n`);
        assert.ok(sold() > before);
      });
    }

    if (way.failing !== undefined) {
      test("a page that fails keeps its status, and the visitor's place", async () => {
        const { failing } = way;
        const answer = await visit(server, "/tickets/fail", await cookieOf(server));
        assert.equal(answer.status, failing);
      });
    }

    test("a page that streams goes on streaming", async () => {
      const cookie = await cookieOf(server);
      // Crawlers are given whole pages.
      const headers = {
        cookie,
        accept: "text/html",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/150",
      };
      const response = await fetch(`${server.url}/tickets/slow`, { headers });
      const pieces: string[] = [];
      const decoder = new TextDecoder();
      for await (const piece of response.body ?? []) pieces.push(decoder.decode(piece, { stream: true }));
      const first = pieces.findIndex((piece) => piece.includes("first"));
      const late = pieces.findIndex((piece) => piece.includes("late INSIDE"));
      assert.ok(first !== -1 && first < late, `${first} ${late}`);
    });

    test("a page inside is kept by no shared cache, and gets the gate's cookie", async () => {
      const answer = await visit(server, "/tickets", await cookieOf(server));
      assert.match(answer.body, inside);
      const headers = new Headers(answer.headers.map(([name, value]) => [name, value]));
      assert.match(headers.get("cache-control") ?? "", way.cacheControl);
    });

    test("no spelling of 1,000 reaches the page past the gate, though many lead whoever is inside there", async () => {
      const cookie = await cookieOf(server);
      await server.control("?rate=0");
      const random = randomOf(16);
      const route = {
        name: "plain",
        pattern: "/tickets",
        path: "/tickets",
        rule: { on: "path", equals: "/tickets" },
      } as const;
      const leaks: string[] = [];
      let served = 0;
      for (let count = 0; count < 1000;) {
        const batch = Array.from({ length: 20 }, () => spellingOf(route, random));
        const ask = (more: string) => Promise.all(batch.map((target) => answerTo(server, target, more)));
        const outside = await ask(lines);
        leaks.push(...batch.filter((_, at) => inside.test(outside[at] ?? "")));
        const within = await ask(`${lines}Cookie: ${cookie}\r\n`);
        served += within.filter((answer) => inside.test(answer)).length;
        count += batch.length;
      }
      assert.deepEqual(leaks, []);
      assert.ok(served >= leastServed, `${served} of them lead to the page`);
    });

    for (const host of ["", "localhost/x?", "a@b", "localhost/tickets#", "x\\y", "localhost:port"]) {
      test(`a Host that is none, "${host}", opens nothing`, async () => {
        const own = `Host: ${host}\r\n`;
        const answer = await answerTo(server, "/tickets", lines, own);
        assert.doesNotMatch(answer, inside);
      });
    }

    test(`the address of the visitor is ${way.knowsAddress ? "" : "not "}known`, async () => {
      const { address } = await server.control();
      if (way.knowsAddress) assert.match(String(address), /127\.0\.0\.1|::1/);
      else assert.equal(address, null);
    });

    test("the development server has the gate in front as well", async () => {
      const own = await started(made, way.dev);
      try {
        await story(own, async (page) => {
          await page.goto(`${own.url}/tickets?day=3`);
          await waits(page, `${own.url}/tickets?day=3`);
          await own.control("?rate=600");
          await page.getByText("Tickets of day 3: INSIDE").waitFor();
        });
      } finally {
        await own.close();
      }
    });

    for (const service of services) {
      test(`a room of ${service} takes the visitor, who comes back to the page, by the address and by a link of the router`, async () => {
        assert.ok(browser);
        const [command, ...args] = way.start;
        const { ready, query } = way;
        const serve = (told: Told, port: number) => made.serve(command, args, told, port);
        await goThroughHosted(browser, service, { serve, ready, inside, query });
      });
    }
  });
}

async function started(
  made: Project,
  [command, ...args]: Command,
  more?: Record<string, string>,
): Promise<Running> {
  return await made.serve(command, args, more);
}

/** Runs a story in a tab of its own, with nobody let in at first. */
async function story(
  server: Running,
  tell: (page: Page, context: BrowserContext) => Promise<void>,
): Promise<void> {
  assert.ok(browser);
  await server.control("?rate=0");
  const context = await newContext(browser);
  context.setDefaultTimeout(30_000);
  try {
    await tell(await context.newPage(), context);
  } finally {
    await context.close();
  }
}

/** What the router asks for, and not the browser. */
function isCall(request: Request): boolean {
  return request.resourceType() === "fetch" && request.url().includes("/tickets");
}

async function waits(page: Page, url: string): Promise<void> {
  await page.locator(heading).waitFor();
  assert.equal(page.url(), url);
}

/** It is the visitor's turn, who looks again before the page does; the page may be about to do the same. */
async function turn(server: Running, page: Page): Promise<void> {
  await server.control("?rate=600");
  while (!(await page.getByText(inside).first().isVisible())) await page.goto(page.url()).catch(() => {});
}

async function enters(server: Running, page: Page): Promise<void> {
  await server.control("?rate=600");
  await page.goto(`${server.url}/tickets`);
  await page.getByText("Tickets of day 1: INSIDE").waitFor();
}

async function boughtOn(page: Page): Promise<number> {
  return Number(/Bought: (\d+)/.exec(await page.locator("body").innerText())?.[1]);
}

/** The cookie of somebody inside. */
async function cookieOf(server: Running): Promise<string> {
  await server.control("?rate=600");
  for (let cookie = "";;) {
    const answer = await visit(server, "/tickets", cookie);
    const given = valuesOf(answer, "set-cookie").map((text) => text.split(";", 1)[0]).join("; ");
    if (given !== "") cookie = given;
    if (inside.test(answer.body)) return cookie;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** What a browser is shown that has a cookie. */
async function visit(server: Running, target: string, cookie: string): Promise<Received> {
  const more = cookie === "" ? lines : `${lines}Cookie: ${cookie}\r\n`;
  return received(await answerTo(server, target, more));
}

/** What a server says to a target; nothing where it breaks the connection. */
async function answerTo(server: Running, target: string, more: string, host?: string): Promise<string> {
  const own = host ?? `Host: localhost:${server.port}\r\n`;
  try {
    return await exchange(server.port, requestText(target, { host: own, more }));
  } catch {
    return "";
  }
}

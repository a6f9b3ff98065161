/** Visits of the room and of the page behind it, which go the same way wherever the gate stands. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { exchange, requestText, valuesOf } from "../adapters/_node-server.ts";
import { spellingOf } from "../routers/_spellings.ts";
import { randomOf } from "../torture/_tools.ts";
import type { Command, Running } from "./_pages-project.ts";
import {
  answerTo,
  boughtOn,
  cookieOf,
  enters,
  heading,
  inside,
  isCall,
  lines,
  type Scene,
  story,
  turn,
  visit,
  waits,
} from "./_steps.ts";

/** What one framework does in its own way. */
export interface Way {
  /** The folder of its project. */
  readonly name: string;
  readonly build: Command;
  readonly start: Command;
  /** The development server. */
  readonly dev: Command;
  /** The source of its first page. */
  readonly home: string;
  /** Whether the development server has pages load anew, where its own source was changed. */
  readonly reloads?: boolean;
  /** Files that the build made of the page that is prerendered, by a pattern of their content. */
  readonly prerendered: { readonly file: string; readonly has: RegExp };
  /** Addresses of the data of the protected page, which a router in the browser asks for, with the headers that it sends. */
  readonly data: readonly (readonly [target: string, headers?: string])[];
  /** Tells in the page, as an expression, whether the router has taken over. */
  readonly ready: string;
  /** The buttons of the protected page that buy: those that scripts handle, and plain ones. */
  readonly buttons: readonly string[];
  /** What would do by `POST` at other addresses what the buttons of the protected page do, made of its HTML. */
  readonly around?: (
    html: string,
  ) => readonly { readonly target: string; readonly headers: string; readonly body?: string }[];
  /** The status of a page that fails; none where the framework streams before it knows. */
  readonly failing?: number;
  /** Whether the framework tells the address of the visitor. */
  readonly knowsAddress: boolean;
  /** What it makes of the query `?day=3&q=a%20b%26c` before the gate sees it; nothing unless said. */
  readonly query?: string;
  /** What a page of the visitor's own says of caches. */
  readonly cacheControl: RegExp;
}

/** So many spellings a router serves as the page at least, or the trial tells nothing. */
const leastServed = 200;

/** Declares them. */
export function testVisits(way: Way, serverOf: () => Running): void {
  const visitor = (tell: (scene: Scene) => Promise<void>) => () => story(serverOf(), tell);

  test(
    "a visitor is queued who opens the page, and comes in at its own address",
    visitor(async ({ page, server }) => {
      await page.goto(`${server.url}/tickets?day=3`);
      await waits(page, `${server.url}/tickets?day=3`);
      await server.control("?rate=600");
      await page.getByText("Tickets of day 3: INSIDE").waitFor();
      assert.equal(page.url(), `${server.url}/tickets?day=3`);
    }),
  );

  for (const from of ["/", "/about"]) {
    test(
      `a visitor is queued who follows a link of the router on ${from}, and comes in at the page of the link`,
      visitor(async ({ page, server }) => {
        await page.goto(server.url + from);
        await page.waitForFunction(way.ready);
        const asked = page.waitForRequest(isCall);
        await page.locator("#client").click();
        await asked;
        await waits(page, `${server.url}/tickets?day=2`);
        await turn(server, page);
        await page.getByRole("heading", { name: "Tickets of day 2: INSIDE" }).waitFor();
        assert.equal(page.url(), `${server.url}/tickets?day=2`);
      }),
    );
  }

  test(
    "the room's own address leads who is inside back to a page",
    visitor(async ({ server }) => {
      const target = "/.stanchion/main/wait?page=%2Fabout%3Fa%3D1";
      const answer = await visit(server, target, await cookieOf(server));
      const [location = ""] = valuesOf(answer, "location");
      assert.deepEqual([answer.status, new URL(location, server.url).href], [303, `${server.url}/about?a=1`]);
    }),
  );

  test(
    "a visitor inside goes to and fro by the router, without waiting again",
    visitor(async ({ page, server }) => {
      await enters(server, page);
      await page.waitForFunction(way.ready);
      await page.locator("#home").click();
      await page.getByRole("heading", { name: "Home" }).waitFor();
      await page.locator("#client").click();
      await page.getByRole("heading", { name: "Tickets of day 2: INSIDE" }).waitFor();
    }),
  );

  test(
    "a visitor is queued who follows a link for which the router asks nothing, because the page asks before",
    visitor(async ({ page, server }) => {
      await page.goto(server.url);
      await page.waitForFunction(way.ready);
      await page.locator("#map").click();
      await waits(page, `${server.url}/tickets/map`);
      await turn(server, page);
      await page.getByRole("heading", { name: "The map: INSIDE" }).waitFor();
    }),
  );

  test(
    "so is one who lost the place after the router had fetched the page in advance",
    visitor(async ({ page, context, server }) => {
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
    }),
  );

  for (const button of way.buttons) {
    test(
      `a visitor inside buys by ${button}; one who lost the cookie is queued, buys nothing, and comes back to the page`,
      visitor(async ({ page, context, server }) => {
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
        // In its place, or by the address of the room, which names it.
        assert.match(decodeURIComponent(page.url()), /\/tickets/);
        await server.control("?rate=600");
        await page.getByText(inside).waitFor();
        assert.equal(page.url(), url);
        assert.equal(await boughtOn(page), before + 1);
      }),
    );
  }

  test("data of the page are refused as the page is", async () => {
    const server = serverOf();
    await server.control("?rate=0");
    for (const [target, headers = ""] of way.data) {
      const answer = await exchange(server.port, requestText(target, { more: headers }));
      assert.doesNotMatch(answer, inside, target);
    }
  });

  test("no spelling of 1,000 reaches the page past the gate, though many lead whoever is inside there", async () => {
    const server = serverOf();
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
}

/** Declares that the protected functions are called at no other address. */
export function testElsewhere({ around }: Way, serverOf: () => Running): void {
  if (around !== undefined) {
    test("what the page does is done at no other address for who has to wait, though for who is inside", async () => {
      const server = serverOf();
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
}

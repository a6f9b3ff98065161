/** The way through a room in front of a framework, which is the same for all of them: in Chromium and over raw sockets. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { skip } from "../browser/_chromium.ts";
import { testBehindGateway } from "./_gateway-way.ts";
import { goThroughHosted, services, type Told } from "./_hosted-way.ts";
import { type Project, project, type Running } from "./_pages-project.ts";
import { answerTo, browser, cookieOf, inside, lines, story, visit, waits } from "./_steps.ts";
import { testElsewhere, testVisits, type Way } from "./_visits.ts";

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
      server = await made.serve(way.start);
    });
    after(() => server?.close());

    test("a build asks the gate for nothing, and prerenders the page itself", async () => {
      assert.doesNotMatch(built, /the gate was asked/);
      const { readFile } = await import("node:fs/promises");
      assert.match(await readFile(made.folder + way.prerendered.file, "utf8"), way.prerendered.has);
    });

    testVisits(way, () => server);
    testElsewhere(way, () => server);

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
      const own = await made.serve(way.dev);
      try {
        await story(own, async ({ page }) => {
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
        const { ready, query } = way;
        const serve = (told: Told, port: number) => made.serve(way.start, told, port);
        await goThroughHosted(browser(), service, { serve, ready, inside, query });
      });
    }

    testBehindGateway(way, () => made);
  });
}

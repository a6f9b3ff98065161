/** The same builds without a gate of their own, behind `stanchion serve`. */

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import process from "node:process";
import type { Locator } from "playwright-core";
import { root, tools } from "../../scripts/_tools.ts";
import { answersAt, type Command, end, ended, type Project, type Running, start } from "./_pages-project.ts";
import { freePort } from "./_project.ts";
import { enters, story } from "./_steps.ts";
import { testElsewhere, testVisits, type Way } from "./_visits.ts";

const secret = "a-secret-of-the-tests";

/** How each runtime begins to run the command. */
const runtimes = {
  node: [tools.node],
  deno: [tools.deno, "run", "-A", "--no-check", "--quiet"],
  bun: [tools.bun, "run"],
} as const satisfies Readonly<Record<string, Command>>;

/** Declares the tests of a framework behind the gateway, on each runtime that `GATEWAY_ON` names; all of them where it names none. */
export function testBehindGateway(way: Way, madeOf: () => Project): void {
  const wanted = process.env["GATEWAY_ON"]?.split(",");
  for (const [name, runtime] of Object.entries(runtimes)) {
    if (wanted === undefined || wanted.includes(name)) testOn(name, runtime, way, madeOf);
  }
}

function testOn(runtimeName: string, runtime: Command, way: Way, madeOf: () => Project): void {
  describe(`${way.name} behind the gateway on ${runtimeName}`, () => {
    let server: Running;

    before(async () => {
      server = await serveBehind(madeOf(), way.start, runtime);
    });
    after(() => server?.close());

    testVisits(way, () => server);
    // The functions of Next have no address of their own.
    if (way.name !== "next") testElsewhere(way, () => server);

    test("a visitor who lost the place waits after a reload, and comes back to the page's own address", () =>
      story(server, async ({ page, context }) => {
        await enters(server, page);
        await page.goto(`${server.url}/tickets?day=3`);
        await page.getByText("Tickets of day 3: INSIDE").waitFor();
        await server.control("?rate=0");
        await context.clearCookies();
        await page.reload();
        await page.locator("[data-part=heading]").waitFor();
        await server.control("?rate=600");
        await page.getByText("Tickets of day 3: INSIDE").waitFor();
        assert.equal(page.url(), `${server.url}/tickets?day=3`);
      }));

    test("the development server changes the page that is open", async () => {
      const made = madeOf();
      const own = await serveBehind(made, way.dev, runtime);
      const file = made.folder + way.home;
      const source = await readFile(file, "utf8");
      try {
        await story(own, async ({ page }) => {
          // What is changed before the page listens it does not hear of.
          const isListening = new Promise((resolve) =>
            page.on("websocket", (socket) => socket.once("framereceived", resolve))
          );
          await page.goto(own.url);
          await page.waitForFunction(way.ready);
          await isListening;
          await page.evaluate("globalThis.same = true");
          const changed = source.replace("<h1>Home</h1>", "<h1>Home, changed</h1>");
          await writeUntil(file, changed, page.getByRole("heading", { name: "Home, changed" }));
          // Without loading it anew, unless the framework itself wants that.
          if (way.reloads !== true) assert.equal(await page.evaluate("globalThis.same"), true);
        });
      } finally {
        await writeFile(file, source);
        await own.close();
      }
    });
  });
}

/** How often a file is written at most, and how long it may take each time until it is shown, in milliseconds. */
const mostWrites = 6;
const shownMs = 10_000;

/**
 * Writes a file until a page shows it. On a busy machine a development server may not have looked at all files yet, and takes what is written
 * meanwhile for what was there before.
 */
async function writeUntil(file: string, text: string, shown: Locator): Promise<void> {
  for (let left = mostWrites; left > 0; left--) {
    await writeFile(file, text);
    const seen = await shown.waitFor({ timeout: shownMs }).then(() => true, (cause: unknown) => {
      if (left === 1) throw cause;
      return false;
    });
    if (seen) return;
  }
}

/** Serves a project on Node, and in front of it the gateway on a runtime. */
async function serveBehind(
  made: Project,
  command: Command,
  [program, ...before]: Command,
): Promise<Running> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const url = `http://localhost:${port}`;
  const site = await made.serve(command, { GATE: "off", ORIGIN: url });
  const cli = (...args: string[]) =>
    start(root, program, [...before, "cli/main.ts", ...args], {
      STANCHION_ADMIN_SECRET: secret,
      STANCHION_BOARD_SECRET: secret,
    });
  const ports = ["--port", String(port), "--admin-port", String(adminPort)];
  const paths = ["--protect", "/tickets", "--protect", "/_app/remote"];
  const gateway = cli("serve", "--to", site.url, "--rate", "600", ...ports, ...paths);
  await answersAt(gateway, `http://127.0.0.1:${adminPort}/readyz`);
  const order = (...args: string[]) =>
    ended(cli("rooms", ...args, "--yes", "--board", `http://127.0.0.1:${adminPort}/board`));
  return {
    ...{ port, url, output: site.output },
    async control(query = "") {
      if (query.endsWith("=0")) await order("pause");
      else if (query !== "") await order("resume");
      return { reasons: [], address: null };
    },
    async close() {
      await end(gateway);
      await site.close();
    },
  };
}

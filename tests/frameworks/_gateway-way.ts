/** The same builds without a gate of their own, behind `stanchion serve` on each runtime. */

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { root, tools } from "../../scripts/_tools.ts";
import { answersAt, type Command, end, ended, type Project, type Running, start } from "./_pages-project.ts";
import { freePort } from "./_project.ts";
import { enters, story } from "./_steps.ts";
import { testElsewhere, testVisits, type Way } from "./_visits.ts";

const secret = "a-secret-of-the-tests";
/** What runs the command of the gateway. The server of the framework is the same each time. */
const runtimes: Readonly<Record<string, Command>> = {
  node: [tools.node],
  deno: [tools.deno, "run", "-A", "--no-check", "--quiet"],
  bun: [tools.bun, "run"],
};

/** Declares the tests of a framework behind the gateway. */
export function testBehindGateway(way: Way, madeOf: () => Project): void {
  for (const [name, runtime] of Object.entries(runtimes)) testBehind(way, madeOf, name, runtime);
}

function testBehind(way: Way, madeOf: () => Project, name: string, runtime: Command): void {
  const serveBehind = (command: Command) => serveOn(runtime, madeOf(), command);

  describe(`${way.name} behind the gateway on ${name}`, () => {
    let server: Running;

    before(async () => {
      server = await serveBehind(way.start);
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
      const own = await serveBehind(way.dev);
      const file = madeOf().folder + way.home;
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
          await writeFile(file, source.replace("<h1>Home</h1>", "<h1>Home, changed</h1>"));
          await page.getByRole("heading", { name: "Home, changed" }).waitFor();
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

/** Serves a project, and on a runtime the gateway in front of it. */
async function serveOn([program, ...flags]: Command, made: Project, command: Command): Promise<Running> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const url = `http://localhost:${port}`;
  const site = await made.serve(command, { GATE: "off", ORIGIN: url });
  const cli = (...args: string[]) =>
    start(root, program, [...flags, "cli/main.ts", ...args], {
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

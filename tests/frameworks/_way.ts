/** The whole way of a visitor through the shop of a framework, and of one who spells addresses oddly. */

import { strict as assert } from "node:assert";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { closeConnections, createVisitor, type Visitor } from "../../examples/demo/visitor.ts";
import { ask, exchange, open, received, requestText, valuesOf } from "../adapters/_node-server.ts";
import { routes } from "../routers/_routes.ts";
import { spellingOf } from "../routers/_spellings.ts";
import { randomOf } from "../torture/_tools.ts";
import { type Project, startProject, type Told } from "./_project.ts";

/** What a framework does in a way of its own. */
export interface Framework {
  /** Its folder below this one. */
  readonly name: string;
  /** The program of the documentation that is run. */
  readonly program: string;
  /** What runs it. @default {Node} */
  readonly command?: string;
  /** Whether an error page of the framework gets the gate's cookies; others are made behind everything else. @default {true} */
  readonly keepsCookiesOnErrors?: boolean;
}

const spellings = 1000;
/** So many of them a router serves as the page while nobody protects it, or the trial tells nothing. */
const leastServed = 300;

/** Some turn forms down that come from nowhere. */
const own = "Origin: http://shop.example\r\n";

/** Goes the whole way through a framework. */
export function goThrough(
  { name, program, command = process.execPath, keepsCookiesOnErrors = true }: Framework,
): void {
  const start = { name, command, args: [program] };

  describe(`${program}: a visitor`, () => {
    let project: Project;
    const visitor = createVisitor({ sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) });
    before(async () => void (project = await startProject(start)));
    after(async () => {
      closeConnections();
      await project.stop();
    });

    test("sees open pages without the gate", async () => {
      const answer = await ask(project.port, "/open");
      assert.equal(answer.status, 200);
      assert.match(answer.body, /open page/);
      assert.equal(valuesOf(answer, "set-cookie").length, 0);
    });

    test("waits in the place of a protected page, whatever it is asked by", async () => {
      for (
        const [path, method] of [["/tickets", "GET"], ["/tickets", "POST"], [
          "/tickets/error",
          "GET",
        ]] as const
      ) {
        const answer = await ask(project.port, path, { method, more: own });
        assert.equal(answer.status, 503, `${method} ${path}`);
        assert.doesNotMatch(answer.body, /protected page|bought|broken/);
        assert.deepEqual(valuesOf(answer, "cache-control"), ["no-store"]);
      }
    });

    test("is let in when it is their turn, with the page's own headers beside the gate's", async () => {
      const waiting = await visitor.open(`${project.url}/tickets`);
      assert.equal(waiting.status, 503);
      await project.limit(6000);
      const page = await letIn(visitor, project, waiting.text);
      assert.match(page.text, /protected page/);
      assert.ok(page.cookies.includes("own") && page.cookies.length > 1, page.cookies.join());
      const { outcomes } = await project.told();
      assert.deepEqual(lastOf(outcomes, "/tickets"), { status: 200, threw: false });
    });

    test("sends a form, which the framework reads", async () => {
      const cookie = await cookieOf(project);
      const answer = await ask(project.port, "/tickets", {
        method: "POST",
        more:
          `${own}Cookie: ${cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n`,
        body: "seat=7",
      });
      assert.match(answer.body, /bought 7/);
    });

    test("sees the framework's own error page, with the gate's cookies where it lets one add to it", async () => {
      const cookie = await cookieOf(project);
      const answer = await ask(project.port, "/tickets/error", { more: `Cookie: ${cookie}\r\n` });
      assert.equal(answer.status, 500);
      const hasCookie = valuesOf(answer, "set-cookie").length > 0;
      assert.equal(hasCookie, keepsCookiesOnErrors);
      if (hasCookie) assert.match(valuesOf(answer, "cache-control").join(), /(?:^|, )(?:private|no-store)$/);
      const { outcomes } = await project.told();
      const { status, threw } = lastOf(outcomes, "/tickets/error");
      assert.ok(status === 500 || threw, "the gate knows of it");
    });

    test("reads a stream as it comes", async () => {
      const cookie = await cookieOf(project);
      const { socket, ended } = await open(project.port);
      const first = new Promise<void>((resolve) => {
        socket.on("data", (text) => `${text}`.includes("one") && resolve());
      });
      socket.write(requestText("/tickets/stream", { more: `Cookie: ${cookie}\r\n` }));
      await first;
      await ask(project.port, "/more");
      assert.match(await ended, /two/);
    });

    test("waits again without the cookie", async () => {
      await project.limit(0);
      assert.equal((await ask(project.port, "/tickets")).status, 503);
      assert.equal((await visitor.open(`${project.url}/tickets`)).status, 200);
    });

    test("makes no fault in the gate", async () => {
      assert.equal((await project.told()).errors, 0);
    });
  });

  describe(`${program}: ${spellings} spellings of a protected address`, () => {
    // The list has it.
    const route = routes.find(({ name }) => name === "plain") as (typeof routes)[number];

    test("serve the page only while nobody protects it", async (t) => {
      const found: number[] = [];
      const leaks: string[] = [];
      for (const mode of ["off", "enforce"]) {
        const project = await startProject({ ...start, env: { MODE: mode } });
        const random = randomOf(17);
        let served = 0;
        try {
          for (let count = 0; count < spellings; count++) {
            const target = spellingOf(route, random);
            const answer = received(await exchange(project.port, requestText(target)));
            if (!answer.body.includes("protected page")) continue;
            served++;
            if (mode === "enforce") leaks.push(JSON.stringify(target));
          }
        } finally {
          await project.stop();
        }
        found.push(served);
      }
      t.diagnostic(`${found[0]} of them were served without a gate`);
      assert.deepEqual(leaks, []);
      assert.ok((found[0] ?? 0) >= leastServed);
    });
  });
}

/** Waits as the page does, until the page that was asked for is there. */
async function letIn(visitor: Visitor, { url }: Project, page: string) {
  for (let text = page;;) {
    await visitor.wait(text, () => url, () => {});
    const answer = await visitor.open(`${url}/tickets`);
    if (answer.status === 200) return answer;
    text = answer.text;
  }
}

/** The cookie of somebody who was let in at once, because nobody waits. */
async function cookieOf({ port }: Project): Promise<string> {
  for (;;) {
    const cookies = new Map<string, string>();
    const answer = await ask(port, "/tickets");
    for (const line of valuesOf(answer, "set-cookie")) {
      const [, name = "", value = ""] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    if (answer.status === 200) return [...cookies].map((pair) => pair.join("=")).join("; ");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function lastOf(outcomes: readonly Told[], path: string): Pick<Told, "status" | "threw"> {
  const { status, threw } = outcomes.findLast((each) => each.path === path) ?? { threw: false };
  return { ...(status !== undefined && { status }), threw };
}

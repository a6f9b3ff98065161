// A crowd in front of one opening, in Chromium and by programs that do what its pages do; who came in is counted at the shop's door.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeConnections, createVisitor } from "../../examples/demo/visitor.ts";
import { clientIp, createGate, failClosed } from "../../mod.ts";
import { memoryStore, waitingRoom } from "../../plugins/waiting-room/mod.ts";
import type { Plugin } from "../../src/plugin.ts";
import { serve } from "../src/_serve.ts";
import { browserForTests, keepPicture, newContext, skip } from "./_chromium.ts";

/** How many there are of each kind, and how many come in a second. */
const programs = 60;
const browsers = 4;
const perSecond = 10;

const browser = browserForTests();

after(closeConnections);

/** Says on which of the addresses that are set aside for benchmarks (RFC 2544) somebody is; the door knows people by it. */
function addressOf(person: number): string {
  return `198.18.${person >> 8}.${person & 255}`;
}

test("a crowd comes in at the opening in the order of its numbers, and is told when all is sold", {
  skip,
  timeout: 300_000,
}, async (t) => {
  const store = memoryStore();
  const reasons = new Set<string>();
  const witness: Plugin = {
    name: "witness",
    settled: (_ctx, { decision }) => void reasons.add(decision.reason),
  };
  const line = waitingRoom({
    store,
    admitPerMinute: 60 * perSecond,
    opensAt: new Date(Date.now() + 10_000),
    warn() {},
  });
  const gate = createGate({
    plugins: [clientIp({ trustedProxies: ["127.0.0.0/8"] }), failClosed(), line, witness],
    onError() {},
  });
  const door: string[] = [];
  const early: string[] = [];
  const numbers = new Map<string, number>();
  const gated = gate.wrap(async (request: Request, _info: unknown) => {
    const who = request.headers.get("x-forwarded-for") ?? "";
    if (!door.includes(who)) {
      door.push(who);
      const { frontier = 0 } = await store.status("stanchion:main") ?? {};
      if ((numbers.get(who) ?? Infinity) > frontier) early.push(who);
    }
    return new Response("<!doctype html><title>Shop</title><h1>Shop</h1>", {
      headers: { "content-type": "text/html" },
    });
  });
  const server = await serve(async (request: Request, info: unknown) => {
    const response = await gated(request, info);
    const who = request.headers.get("x-forwarded-for") ?? "";
    if (response.status !== 503 || request.method !== "GET" || numbers.has(who)) return response;
    const text = await response.text();
    const [, number] = /(?:"|&quot;)number(?:"|&quot;):(\d+)/.exec(text) ?? [];
    if (number !== undefined) numbers.set(who, Number(number));
    return new Response(text, response);
  });
  t.after(() => server.close());

  async function program(person: number): Promise<void> {
    const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    const visitor = createVisitor({ address: addressOf(person), sleep });
    await sleep(Math.random() * 5000);
    for (;;) {
      try {
        const { status, text } = await visitor.open(`${server.url}/tickets`);
        if (status !== 503) return;
        await visitor.wait(text, () => server.url, () => {});
      } catch (error) {
        // On a machine that has more to do people open the page again, as they do everywhere.
        if (!String(error).includes("no answer within")) throw error;
      }
    }
  }

  async function tab(person: number, at: number): Promise<void> {
    const headers = { "x-forwarded-for": addressOf(person) };
    const context = await newContext(browser(), { extraHTTPHeaders: headers });
    try {
      const page = await context.newPage();
      await page.goto(`${server.url}/tickets`);
      await keepPicture(page, `crowd-scheduled-${at}`);
      if (at === 0) {
        await page.getByRole("button", { name: "Leave the line" }).click();
        await page.getByRole("heading", { name: "You have left the line." }).waitFor();
        return;
      }
      // Browsers wake a page that nobody looks at once a minute; that is as long as this one sleeps at the most.
      if (at === 1) {
        await page.evaluate(() =>
          Object.defineProperty(document, "hidden", { configurable: true, get: () => true })
        );
      }
      await page.getByRole("heading", { name: "Shop" }).waitFor();
    } finally {
      await context.close();
    }
  }

  const people = Array.from({ length: programs }, (_, at) => program(at));
  const tabs = Array.from({ length: browsers }, (_, at) => tab(programs + at, at));
  await Promise.all([...people, ...tabs]);

  assert.equal(door.includes(addressOf(programs)), false, "who has left the line");
  assert.equal(door.length, programs + browsers - 1);
  // Whoever calls late on a busy machine comes in after others with higher numbers; but nobody before their own is called.
  assert.deepEqual(early, [], "nobody is let in before their number is called");
  assert.equal(
    (await store.status("stanchion:main"))?.admitted,
    door.length,
    "as many as the room has let in",
  );

  const [room] = line.rooms;
  const { revision } = await room.status();
  const { is } = await room.change({ mode: "sold-out" }, { by: "the owner", revision });
  assert.equal(is, "changed");
  const context = await newContext(browser());
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`${server.url}/tickets`);
  await keepPicture(page, "crowd-sold-out");
  assert.ok(reasons.has("waiting-room/sold-out"), [...reasons].join());
  assert.equal(door.length, programs + browsers - 1);
});

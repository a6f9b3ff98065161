/** W27: who comes from an address from which very many come. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Plugin } from "../../../src/plugin.ts";
import { steadily } from "../../support/steadily.ts";
import { puzzleScript } from "../../../plugins/waiting-room/tickets/mod.ts";
import { type Browser, type RoomBench, roomBench, site } from "./_room.ts";

const full = { admitPerMinute: 60, capacity: 0 };
/** All come from one address, unless they say another one. */
const addresses: Plugin = {
  name: "addresses",
  supplies: { address: ({ request }) => request.headers.get("x-address") ?? "192.0.2.7" },
};
const puzzle = "stanchion_puzzle_main";

/** Lets an address take all that it may at once. */
async function crowded(
  options: Parameters<typeof roomBench>[0] = full,
  more: Parameters<typeof roomBench>[4] = {},
) {
  const bench = roomBench(options, [addresses], undefined, undefined, more);
  assert.ok(!(await openAll(newcomers(bench, 200))).includes("waiting-room/challenge"));
  return bench;
}

function newcomers(bench: RoomBench, count: number, headers?: Record<string, string>): readonly Browser[] {
  return Array.from({ length: count }, () => bench.browser(headers));
}

/** Has all of them open a page, some at a time, and gives the reasons. */
async function openAll(browsers: readonly Browser[]): Promise<readonly string[]> {
  const reasons: string[] = [];
  for (let at = 0; at < browsers.length; at += 50) {
    const some = await Promise.all(browsers.slice(at, at + 50).map((browser) => browser.open("/")));
    reasons.push(...some.map(({ reason }) => reason));
  }
  return reasons;
}

/** Lets another address take all that it may at once; its next visitor has a challenge. */
async function crowdedAddress(bench: RoomBench, address: string): Promise<Browser> {
  const headers = { "x-address": address };
  await openAll(newcomers(bench, 200, headers));
  const visitor = bench.browser(headers);
  assert.equal((await visitor.open("/")).reason, "waiting-room/challenge");
  return visitor;
}

/** Solves the puzzle of a page as a browser does. */
async function solved(page: string): Promise<string> {
  const [, challenge = "", bits = "", parts = ""] = /\}\)\("([\w.!-]+)", (\d+), (\d+), function/.exec(page) ??
    [];
  // The text is ours; only here it is more than a text.
  const solve = new Function(`return ${puzzleScript}`)() as (
    challenge: string,
    bits: number,
    parts: number,
    done: (text: string) => void,
  ) => void;
  return await new Promise((done) => solve(challenge, Number(bits), Number(parts), done));
}

describe("waitingRoom() and very many newcomers of one address", () => {
  test("has their browsers earn a number, and leaves other addresses alone", async () => {
    const bench = await crowded();
    const visitor = bench.browser();
    const { reason, status, text, response } = await visitor.open("/tickets");
    assert.deepEqual([reason, status], ["waiting-room/challenge", 503]);
    assert.ok(visitor.jar.has(puzzle) && visitor.jar.size === 1, "there is no number yet");
    assert.match(response.headers.get("content-security-policy") ?? "", /^default-src 'none'/);
    assert.match(text, /<noscript><meta http-equiv="refresh" content="17"><\/noscript>/);
    visitor.jar.set(puzzle, await solved(text));
    assert.equal((await visitor.open("/tickets")).reason, "waiting-room/far");
    assert.deepEqual([...visitor.jar.keys()], ["__Host-stanchion-main"]);
    const other = await bench.browser({ "x-address": "192.0.2.8" }).open("/");
    assert.equal(other.reason, "waiting-room/far");
  });

  test("gives a number to who waits in place of that, and one only", async () => {
    const bench = await crowded();
    const visitor = bench.browser();
    await visitor.open("/");
    const brought = visitor.jar.get(puzzle) ?? "";
    assert.equal((await visitor.open("/")).reason, "waiting-room/challenge", "it is too early");
    visitor.jar.set(puzzle, brought);
    await bench.pass(15_000);
    assert.equal((await visitor.open("/")).reason, "waiting-room/far");
    const issued = (await bench.store.status("stanchion:main"))?.issued;
    const twin = bench.browser();
    twin.jar.set(puzzle, brought);
    await twin.open("/");
    assert.equal((await bench.store.status("stanchion:main"))?.issued, issued);
  });

  test("gives an address no more numbers by waiting than it may have at once, however many wait (W27)", async () => {
    const bench = await crowded();
    const waiting = newcomers(bench, 300);
    await openAll(waiting);
    const other = await crowdedAddress(bench, "192.0.2.9");
    await bench.pass(15_000);
    const reasons = await openAll(waiting);
    // Meanwhile the address may have 30 further numbers without having waited.
    assert.equal(reasons.filter((reason) => reason === "waiting-room/far").length, 230);
    const late = waiting.filter((_, at) => reasons[at] === "waiting-room/challenge");
    assert.equal(late.length, 70);
    assert.ok(late.every(({ jar }) => jar.has(puzzle)), "nobody is refused: who was late waits again");
    assert.equal((await other.open("/")).reason, "waiting-room/far", "other addresses wait no longer");
    await bench.pass(15_000);
    const later = await openAll(late);
    assert.equal(later.filter((reason) => reason === "waiting-room/far").length, 60);
  });

  test("takes no challenge that was made for another address", async () => {
    const bench = await crowded();
    const visitor = bench.browser();
    const { text } = await visitor.open("/");
    const others = bench.browser({ "x-address": "192.0.2.9" });
    await openAll(newcomers(bench, 200, { "x-address": "192.0.2.9" }));
    others.jar.set(puzzle, await solved(text));
    assert.equal((await others.open("/")).reason, "waiting-room/challenge");
  });

  test("tells a program to come again, by the same document", async () => {
    const bench = await crowded();
    const request = new Request(site, { headers: { accept: "application/json" } });
    const { status, response } = await bench.ask(request);
    assert.equal(status, 503);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.ok(Number(response.headers.get("retry-after")) >= 15);
  });

  test("asks the owner's challenge in place of the puzzle, and lets in whom it lets go on", async () => {
    const bench = await crowded({
      ...full,
      challenge: ({ request }) =>
        Promise.resolve(
          request.headers.has("x-human") ? undefined : new Response("Are you a person?", { status: 403 }),
        ),
    });
    const asked = await bench.browser().open("/");
    assert.deepEqual([asked.reason, asked.status, asked.text], [
      "waiting-room/challenge",
      403,
      "Are you a person?",
    ]);
    assert.equal((await bench.browser({ "x-human": "1" }).open("/")).reason, "waiting-room/far");
  });

  const wrong: readonly [what: string, challenge: () => unknown][] = [
    ["throws", () => {
      throw new Error("a fault of the owner's");
    }],
    ["is rejected", () => Promise.reject(new Error("a fault of the owner's"))],
    ["returns something else", () => true],
  ];
  for (const [what, challenge] of wrong) {
    test(`leaves it to the policy where the owner's challenge ${what}`, async () => {
      const bench = await crowded({ ...full, challenge: challenge as () => undefined });
      const { served, outcome } = await bench.browser().open("/");
      assert.deepEqual([served, outcome.failure?.code], [false, "internal"]);
    });
  }

  test(
    "leaves it to the policy where the owner's challenge never answers: timeout (W56)",
    steadily(async () => {
      const bench = await crowded({ ...full, storeTimeoutMs: 10, challenge: () => new Promise(() => {}) }, {
        hookTimeoutMs: 100,
      });
      const { served, outcome } = await bench.browser().open("/");
      assert.deepEqual([served, outcome.failure?.code], [false, "timeout"]);
    }),
  );

  test("never asks who has a place already, or is known", async () => {
    const bench = roomBench({ ...full, identify: ({ request }) => request.headers.get("x-account") ?? "" }, [
      addresses,
    ]);
    const early = bench.browser();
    await early.open("/");
    await openAll(newcomers(bench, 200));
    assert.equal((await early.open("/")).reason, "waiting-room/waiting");
    assert.equal((await bench.browser({ "x-account": "ada" }).open("/")).reason, "waiting-room/far");
    assert.equal((await bench.browser().open("/")).reason, "waiting-room/challenge");
  });
});

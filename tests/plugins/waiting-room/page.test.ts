/** W28 to W30, W33: what somebody sees who waits. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../../support/random-cases.ts";
import type { WaitingView } from "../../../plugins/waiting-room/mod.ts";
import { english, type Texts } from "../../../plugins/waiting-room/page/texts.ts";
import { wordsOf } from "../../../plugins/waiting-room/page/words.ts";
import {
  estimate,
  nextLookMs,
  openingLookMs,
  progressOf,
  type StatusDocument,
} from "../../../src/line/estimate.ts";
import { start } from "./_node.ts";
import { ofScript } from "./_page-script.ts";
import { roomBench, site } from "./_room.ts";

const full = { admitPerMinute: 60, capacity: 0 };

interface OfScript {
  estimate(number: number, status: StatusDocument): { place: number; waitMs?: number };
  nextLookMs(waitMs: number | undefined, status: StatusDocument): number;
  openingLookMs(number: number, usualMs: number, status: StatusDocument, random: number): number | undefined;
  progressOf(number: number, from: number, passed: number): number;
  aheadText(place: number): string;
  waitText(ms: number | undefined): string;
}

const scriptOf = (texts: Texts) =>
  ofScript<OfScript>(texts, [
    "estimate",
    "nextLookMs",
    "openingLookMs",
    "progressOf",
    "aheadText",
    "range",
    "waitText",
  ]);

const documents: fc.Arbitrary<StatusDocument> = fc.record({
  epoch: fc.constant(1),
  revision: fc.nat(),
  now: fc.integer({ min: 1_000_000, max: 2_000_000 }),
  mode: fc.constantFrom("open", "paused", "scheduled"),
  opensAt: fc.constantFrom(0, 970_000, 1_000_000, 1_990_000),
  F: fc.nat(),
  issued: fc.nat(),
  passed: fc.nat({ max: 10_000 }),
  pace: fc.constantFrom(0, 0.01, 1, 17.5),
  flow: fc.constantFrom(0, 0.01, 0.7, 12.25),
  y: fc.constantFrom(0.001, 0.3, 1),
  rate: fc.constantFrom(0, 0.5, 600, 600_000),
  poll: fc.integer({ min: 20, max: 1800 }),
  note: fc.constant(""),
});

describe("the page of somebody who waits", () => {
  test("computes in the browser what the server computes", () => {
    const own = scriptOf(english);
    const words = wordsOf(english);
    fc.assert(
      fc.property(documents, fc.integer({ min: 1, max: 20_000 }), fc.nat(10_000), (status, number, from) => {
        const expected = estimate(number, status);
        const found = own.estimate(number, status);
        assert.deepEqual({ waitMs: undefined, ...found }, expected);
        const lookMs = nextLookMs(expected.waitMs, status);
        assert.equal(own.nextLookMs(found.waitMs, status), lookMs);
        assert.equal(
          own.openingLookMs(number, lookMs, status, 0.3),
          openingLookMs(number, lookMs, status, 0.3),
        );
        assert.equal(own.progressOf(number, from, status.passed), progressOf(number, from, status.passed));
        assert.equal(own.waitText(found.waitMs), words.wait(expected.waitMs));
        assert.equal(own.aheadText(found.place), words.ahead(expected.place));
      }),
      { numRuns: 2000 },
    );
  });

  const status: StatusDocument = {
    epoch: 1,
    revision: 0,
    now: 1_000_000,
    mode: "open",
    opensAt: 900_000,
    F: 0,
    issued: 1000,
    passed: 100,
    pace: 10,
    flow: 7,
    y: 0.5,
    rate: 600,
    poll: 60,
    note: "",
  };
  const estimates: readonly [
    what: string,
    number: number,
    of: Partial<StatusDocument>,
    place: number,
    waitMs?: number,
  ][] = [
    ["the place counts people, and the time numbers", 200, {}, 70, 10_000],
    ["who was passed is next", 50, {}, 1, 0],
    ["who is next to the door is next", 100, {}, 1, 0],
    ["nothing moves", 200, { pace: 0 }, 50],
    ["nothing is told in the first half minute", 200, { opensAt: 971_000 }, 70],
    ["half of what was measured after half a minute", 200, { opensAt: 970_000 }, 70, 6667],
    ["all of it after a minute", 200, { opensAt: 940_000 }, 70, 10_000],
    ["before the opening the place is the number", 2, {
      mode: "scheduled",
      opensAt: 2_000_000,
      passed: 0,
      pace: 0,
    }, 2],
    ["it stood still before it opened", 200, { mode: "paused", opensAt: 2_000_000, pace: 0 }, 50],
  ];
  for (const [what, number, more, place, waitMs] of estimates) {
    test(`estimates: ${what}`, () => {
      assert.deepEqual(estimate(number, { ...status, ...more }), { place, waitMs });
    });
  }

  test("looks again after a tenth of the time, in bounds", () => {
    const looks = [undefined, 0, 10_000, 100_000, 10_000_000].map((waitMs) =>
      nextLookMs(waitMs, { poll: 60 })
    );
    assert.deepEqual(looks, [60_000, 3000, 3000, 10_000, 60_000]);
  });

  const waits: readonly [ms: number | undefined, text: string][] = [
    [undefined, "not known yet"],
    [0, "less than a minute"],
    [40_000, "less than a minute"],
    [60_000, "1–2 minutes"],
    [600_000, "8–13 minutes"],
    [9_000_000, "2–4 hours"],
    [36_000_000, "8–13 hours"],
  ];
  for (const [ms, text] of waits) {
    // Which spaces stand around the dash is the platform's affair.
    test(`writes ${ms} ms as an interval`, () => {
      assert.equal(wordsOf(english).wait(ms).replaceAll(/\s*–\s*/g, "–"), text);
    });
  }

  const ways: readonly [number: number, from: number, passed: number, progress: number][] = [
    [200, 100, 100, 0],
    [200, 100, 150, 0.5],
    [200, 100, 199, 0.99],
    [200, 100, 200, 1],
    [200, 100, 300, 1],
    [200, 100, 50, 0],
    [200, 300, 100, 0],
    [1, 0, 0, 0],
  ];
  for (const [number, from, passed, progress] of ways) {
    test(`the way of ${number} from ${from} is done by ${progress} at ${passed}`, () => {
      assert.equal(progressOf(number, from, passed), progress);
    });
  }

  test("is one strict document in which nothing comes from elsewhere", async () => {
    const { browser } = roomBench(full);
    const { text, response } = await browser().open("/tickets");
    const policy = response.headers.get("content-security-policy") ?? "";
    const nonce = /script-src 'nonce-([\w-]{20})'/.exec(policy)?.[1];
    assert.ok(nonce !== undefined && policy.startsWith("default-src 'none'; "), policy);
    assert.equal(text.split(`nonce="${nonce}"`).length, 3);
    assert.ok(!/\b(?:src|href)="(?!\/|#|data:)/.test(text), "it loads nothing");
    assert.ok(!/\son\w+="|style="/.test(text), "it has nothing that the policy forbids");
    assert.match(text, /^<!doctype html>\n<html lang="en">/);
    assert.match(text, /<noscript><meta http-equiv="refresh" content="\d+"><\/noscript>/);
    assert.match(
      text,
      /<form method="post" action="\/\.stanchion\/main\/leave"><button class="quiet">Leave the line/,
    );
    assert.match(text, /<p class=unseen role=status/);
    assert.ok(text.includes("When it is your turn you have 5 minutes to come back."));
    const other = await browser().open("/tickets");
    assert.notEqual(other.response.headers.get("content-security-policy"), policy);
  });

  test("writes what the owner and the visitor say as text", async () => {
    const bad = `"><script>alert(1)</script>'&`;
    const { browser } = roomBench({ ...full, note: bad, page: { title: bad } });
    const { text } = await browser().open(`/tickets?x=${bad}`, { headers: { referer: `${site}/${bad}` } });
    assert.ok(!text.includes("<script>alert"));
    assert.ok(text.includes("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
  });

  test("says that a form has to be sent again, and sends nothing by itself", async () => {
    const { browser } = roomBench(full);
    const referer = `${site}/cart`;
    const { text } = await browser().open("/order", { method: "POST", body: "card=1", headers: { referer } });
    assert.ok(text.includes("please send the form again"));
    assert.ok(text.includes(`"sentFrom":"${referer}"`));
    assert.match(text, new RegExp(`http-equiv="refresh" content="\\d+; url=${referer}"`));
    assert.ok(!text.includes("card=1"));
  });

  test("says that a place has passed, and how to join again", async () => {
    const bench = roomBench({ admitPerMinute: 60, burstSeconds: 0, returnMinutes: 0.1 });
    await Promise.all(Array.from({ length: 3 }, () => bench.browser().open("/")));
    const away = bench.browser();
    assert.equal((await away.open("/tickets")).reason, "waiting-room/waiting");
    for (let at = 0; at < 30; at++) {
      await bench.pass(3000);
      const other = bench.browser();
      await other.open("/");
      await bench.pass(3000);
      await other.open("/");
    }
    const { reason, text, served } = await away.open("/tickets");
    assert.deepEqual([reason, served], ["waiting-room/lapsed", false]);
    assert.ok(
      text.includes("Your place has passed") && text.includes(`href="${site}/tickets">Join the line again`),
    );
    assert.ok(!text.includes("<script") && !text.includes("http-equiv"), "nothing goes on by itself");
    assert.equal(away.jar.size, 0);
    assert.notEqual((await away.open("/tickets")).reason, "waiting-room/lapsed");
  });

  for (const [mode, words] of [["closed", "closed at the moment"], ["sold-out", "Sold out"]] as const) {
    test(`has words of its own where the room is ${mode}`, async () => {
      const bench = roomBench();
      const { status: room } = { status: await bench.browser().open("/") };
      assert.ok(room.served);
      await change(bench, { mode });
      for (let at = 0; at < 2; at++) {
        const { reason, text } = await bench.browser().open("/");
        assert.equal(reason, `waiting-room/${mode}`);
        assert.ok(text.includes(words));
      }
    });
  }

  test("says when the room opens, and lets nobody in before", async () => {
    const opensAt = new Date(start + 3_600_000);
    const bench = roomBench({ admitPerMinute: 60, opensAt });
    const { text, reason, served } = await bench.browser().open("/");
    assert.deepEqual([reason, served], ["waiting-room/far", false]);
    assert.ok(text.includes("The doors open soon"));
    assert.ok(
      /It opens at <time datetime="2030-01-15T13:00:00.000Z">January 15, 2030 at 1:00\sPM UTC<\/time>\./.test(
        text,
      ),
    );
    await bench.pass(3_600_000);
    assert.equal((await bench.browser().open("/")).text.includes("<time"), false);
  });

  test("lets everybody in, and says so, where the room is bypassed", async () => {
    const bench = roomBench(full);
    await bench.browser().open("/");
    await change(bench, { mode: "bypass" });
    const { served, reason } = await bench.browser().open("/");
    assert.deepEqual([served, reason], [true, "waiting-room/bypass"]);
  });

  test("says that the line stands still where it is paused, and for how long nobody knows", async () => {
    const bench = roomBench({ admitPerMinute: 60, burstSeconds: 0 });
    await bench.browser().open("/");
    await change(bench, { mode: "paused" });
    const { text } = await bench.browser().open("/");
    assert.ok(text.includes("The line stands still at the moment"));
    assert.ok(text.includes("not known yet"));
  });
});

describe("a page of the owner's own", () => {
  test("is a text, with the status, the cookie and the headers of the waiting room", async () => {
    let seen: WaitingView | undefined;
    const { browser } = roomBench({
      ...full,
      note: "Doors at nine",
      page: (view) => {
        seen = view;
        return `<!doctype html><title>Mine</title>${view.script}`;
      },
    });
    const { status, text, response } = await browser().open("/");
    assert.equal(status, 503);
    assert.ok(text.startsWith("<!doctype html><title>Mine</title><script nonce="));
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(response.headers.getSetCookie().length, 1);
    const { room, note, situation, mode, number, place, wasForm } = seen ?? {};
    assert.deepEqual([room, note, situation, mode, number, place, wasForm], [
      "main",
      "Doors at nine",
      "waiting",
      "open",
      1,
      1,
      false,
    ]);
  });

  test("is a response, later, with headers of its own", async () => {
    const { browser } = roomBench({
      ...full,
      page: () =>
        Promise.resolve(
          new Response("mine", { status: 200, headers: { "content-type": "text/plain", "x-own": "1" } }),
        ),
    });
    const { status, text, response } = await browser().open("/");
    assert.deepEqual([status, text], [503, "mine"]);
    assert.equal(response.headers.get("content-type"), "text/plain");
    assert.equal(response.headers.get("x-own"), "1");
    assert.equal(response.headers.get("cache-control"), "no-store");
  });
});

/** Changes the room as its owner would, and lets the node hear of it. */
async function change(bench: ReturnType<typeof roomBench>, what: object): Promise<void> {
  const room = bench.store.batches[0]?.room;
  assert.ok(room);
  const commands = [{ do: "control", change: what, revision: undefined }] as const;
  await bench.store.run("stanchion:main", { room, seen: undefined, commands });
  await bench.pass(1500);
}

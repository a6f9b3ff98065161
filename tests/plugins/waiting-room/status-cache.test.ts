/** W19: the status by way of a cache that processes share, such as the platform's. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { StatusCache } from "../../../plugins/waiting-room/mod.ts";
import { steadily } from "../../support/steadily.ts";
import { start } from "./_node.ts";
import { type Browser, type RoomBench, roomBench } from "./_room.ts";

const statusPath = "/.stanchion/main/status";
const cookie = "__Host-stanchion-main";

/** A cache that keeps texts until it is told something else: how long they are good is not left to it. */
function mapCache(): StatusCache & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    match(url) {
      const text = kept.get(url);
      return Promise.resolve(text === undefined ? undefined : new Response(text));
    },
    async put(url, response) {
      kept.set(url, await response.text());
    },
  };
}

/** A room in which somebody waits, as several processes see it that begin with nothing. */
async function crowded(cache: StatusCache) {
  const clock = { now: start };
  const limits = { capacity: 1, now: () => clock.now, cache };
  const first = roomBench(limits);
  const [inside, waiting] = [first.browser(), first.browser()];
  for (const visitor of [inside, inside, waiting]) await visitor.open("/");
  const { store } = first;
  const calls = () => store.batches.length + store.reads.count;
  const another = () => roomBench({ ...limits, store });
  const pass = (ms: number) => {
    clock.now += ms;
    first.clock.now += ms;
  };
  return { another, calls, pass, inside, store };
}

function withCookies(bench: RoomBench, from: Browser): Browser {
  const browser = bench.browser();
  browser.jar.set(cookie, from.jar.get(cookie) ?? "");
  return browser;
}

describe("waitingRoom() with a cache", () => {
  test("asks the store once a second for all processes together, the time of the room included", async () => {
    const { another, calls, pass, inside } = await crowded(mapCache());
    for (let second = 0; second < 5; second++) {
      pass(1001);
      const before = calls();
      const texts = new Set<string>();
      for (let process = 0; process < 10; process++) {
        const bench = another();
        const { status, text } = await bench.browser().fetch(statusPath);
        assert.equal(status, 200);
        texts.add(text);
        // Who is inside is not asked about either, though this process has never asked for the time.
        assert.equal((await withCookies(bench, inside).open("/")).reason, "waiting-room/pass");
      }
      assert.equal(texts.size, 1);
      // The first one reads the status, and looks at the room.
      assert.equal(calls() - before, 2, `in second ${second}`);
    }
  });

  test("takes nothing that is older than a second, whatever the cache does", async () => {
    const { another, calls, pass } = await crowded(mapCache());
    await another().browser().fetch(statusPath);
    let before = calls();
    pass(1000);
    await another().browser().fetch(statusPath);
    assert.equal(calls(), before);
    pass(1);
    await another().browser().fetch(statusPath);
    assert.ok(calls() > before);
    before = calls();
    // A process whose clock is wrong cannot tell.
    pass(-5000);
    await another().browser().fetch(statusPath);
    assert.ok(calls() > before);
  });

  test("takes no pass for good by the time of a room that was idle for long", async () => {
    const { another, pass, inside, store } = await crowded(mapCache());
    pass(3_600_000);
    // What the store has is an hour old, and so it says.
    const idle = another();
    await idle.browser().fetch(statusPath);
    assert.equal((await withCookies(another(), inside).open("/")).reason === "waiting-room/pass", false);
    assert.ok(store.batches.length > 0);
  });

  const faults: readonly [what: string, cache: Partial<StatusCache>][] = [
    ["throws", {
      match() {
        throw new Error("No Cache was configured");
      },
    }],
    ["fails", {
      match: () => Promise.reject(new TypeError("x")),
      put: () => Promise.reject(new TypeError("x")),
    }],
    ["has something else", { match: () => Promise.resolve(new Response("<html>")) }],
    ["never answers", { match: () => new Promise(() => {}), put: () => new Promise(() => {}) }],
  ];
  for (const [what, fault] of faults) {
    test(
      `asks the store where the cache ${what}, and says so once`,
      steadily(async () => {
        const bench = roomBench({ capacity: 1, storeTimeoutMs: 20, cache: { ...mapCache(), ...fault } });
        assert.equal((await bench.browser().open("/")).reason, "waiting-room/admitted");
        assert.equal((await bench.browser().fetch(statusPath)).status, 200);
        await bench.pass(3000);
        assert.equal((await bench.browser().fetch(statusPath)).status, 200);
        assert.equal(bench.warnings.length, 1);
        assert.match(
          bench.warnings[0] ?? "",
          /^waiting-room: the cache failed \(\w+\), so the store is asked/,
        );
      }),
    );
  }

  for (const text of ["{}", "null", "[]", '{"at":1}', `{"at":${start},"status":{"epoch":"1","now":1}}`]) {
    test(`takes ${text} for nothing`, async () => {
      const cache: StatusCache = { ...mapCache(), match: () => Promise.resolve(new Response(text)) };
      const bench = roomBench({ capacity: 1, cache });
      assert.equal((await bench.browser().fetch(statusPath)).status, 200);
    });
  }

  test("takes nothing that is behind what this process has seen", async () => {
    const cache = mapCache();
    const { another, store } = await crowded(cache);
    const bench = another();
    await bench.browser().fetch(statusPath);
    const old = new Map(cache.kept);
    await bench.browser().open("/");
    for (const [url, text] of old) cache.kept.set(url, text);
    await bench.pass(2000);
    const { text } = await bench.browser().fetch(statusPath);
    assert.equal((JSON.parse(text) as { issued: number }).issued, 3);
    assert.equal((await store.status("stanchion:main"))?.recoveries, 0);
  });
});

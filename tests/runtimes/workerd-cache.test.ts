/** W19: the status from the platform's cache, in workerd, so that not every request of every isolate asks the Durable Object. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { jar, send } from "../conformance/_http.ts";
import { startWorker } from "./_workerd.ts";

test("on workerd, requests without a memory ask the room once a second, where there is caches.default", async () => {
  const folder = mkdtempSync(join(tmpdir(), "stanchion-cache-"));
  const worker = await startWorker({
    entry: "tests/runtimes/cache-worker.ts",
    bindings: {},
    objects: { folder, classes: { ROOMS: "Room" } },
    hasCache: true,
  });
  try {
    const { port } = worker;
    let now = Date.parse("2030-01-15T12:00:00Z");
    const calls = async () => Number((await send(port, { path: "/calls" })).text);
    const ask = (path: string, more: Record<string, string> = {}) =>
      send(port, { path, headers: { "x-now": String(now), accept: "text/html", ...more } });
    const status = (more: Record<string, string> = {}) => ask("/.stanchion/main/status", more);

    const inside = jar();
    for (const visitor of [inside, inside, jar()]) visitor.take(await ask("/", visitor.header()));
    for (let second = 0; second < 3; second++) {
      now += 1001;
      const before = await calls();
      const texts = new Set<string>();
      for (let at = 0; at < 20; at++) {
        texts.add((await status()).text);
        const page = await ask("/", inside.header());
        assert.deepEqual([page.status, page.text], [200, "the shop"]);
      }
      assert.equal(texts.size, 1);
      // The first request reads the status, and looks at the room.
      assert.equal(await calls() - before, 2);
    }
    const before = await calls();
    for (let at = 0; at < 20; at++) await status({ "x-cache": "none" });
    assert.ok(await calls() - before >= 20);
  } finally {
    await worker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

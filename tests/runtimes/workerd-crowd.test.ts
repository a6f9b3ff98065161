/** Many who come at once, in workerd, Cloudflare's runtime, where nobody may wait for what another request began. */

import assert from "node:assert/strict";
import { request } from "node:http";
import { after, describe, test } from "node:test";
import { startWorker } from "./_workerd.ts";

const worker = await startWorker({ entry: "tests/runtimes/crowd-worker.ts", bindings: {} });
after(() => worker.stop());

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

/** By a connection of its own, as each visitor has. */
function get(path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const place = { host: "127.0.0.1", port: worker.port, path, agent: false };
    const call = request({ ...place, headers: { accept: "text/html" } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => text += part)
        .on("end", () => resolve({ status: answer.statusCode, text }));
    });
    call.on("error", reject).end();
  });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

for (const store of ["alone", "batched"]) {
  describe(`on workerd, a room whose store takes commands ${store}`, () => {
    test("answers those who come while others are answered, and lets nobody in for it", async () => {
      const since = performance.now();
      const all: Promise<Answer>[] = [];
      for (let visitor = 0; visitor < 8; visitor++) {
        all.push(get(`/${store}/page`));
        await pause(60);
      }
      for (const { status, text } of await Promise.all(all)) {
        assert.equal(status, 503);
        assert.match(text, /You are in line/);
      }
      assert.ok(performance.now() - since < 5000, "nobody waited for what never comes");
    });

    test("tells the status while whoever asked for it first has been answered", async () => {
      await pause(1500);
      const since = performance.now();
      const first = get(`/${store}/page`);
      await pause(50);
      assert.equal((await get(`/${store}/room/main/status`)).status, 200);
      assert.ok(performance.now() - since < 5000, "nobody waited for what never comes");
      await first;
    });
  });
}

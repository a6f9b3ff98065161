/** What goes on behind the answers, in workerd, Cloudflare's runtime, which ends what a request began together with it. */

import assert from "node:assert/strict";
import { request } from "node:http";
import { after, test } from "node:test";
import { startWorker } from "./_workerd.ts";

const worker = await startWorker({ entry: "tests/runtimes/behind-worker.ts", bindings: {} });
after(() => worker.stop());

/** By a connection of its own, and as a browser opens a page: `fetch` says that it is a script. */
function get(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { accept: path.endsWith("/lottery") ? "application/json" : "text/html" };
    const call = request({ host: "127.0.0.1", port: worker.port, path, headers, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => text += part).on("end", () => resolve(text));
    });
    call.on("error", reject).end();
  });
}

const opensAt = 2_000_000_000_000;
const at = (time: number) => get(`/at?time=${time}`);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("on workerd, a lottery is drawn though its beacon takes longer than any answer", async () => {
  await at(opensAt - 600_000);
  assert.match(await get("/"), /You are registered/);
  let drawnBy: string | null = null;
  for (let look = 0; look < 12 && drawnBy === null; look++) {
    await at(opensAt - 58_000 + look * 3000);
    await get("/.stanchion/main/status");
    await pause(500);
    drawnBy = (JSON.parse(await get("/.stanchion/main/lottery")) as { drawnBy: string | null }).drawnBy;
  }
  assert.equal(drawnBy, "beacon");
});

test("on workerd, webhooks go on after a call that the platform ended", async () => {
  await at(opensAt + 10_000);
  await get("/look");
  await get("/pause");
  await get("/lost");
  await pause(600);
  assert.equal((JSON.parse(await get("/told")) as string[]).includes("paused"), false, "it was ended");
  for (let look = 1; look <= 3; look++) {
    await at(opensAt + 10_000 + look * 30_000);
    await get("/look");
  }
  assert.equal((JSON.parse(await get("/told")) as string[]).filter((each) => each === "paused").length, 1);
});

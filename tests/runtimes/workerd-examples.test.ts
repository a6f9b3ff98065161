/** The examples that are Workers, in workerd. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { jar, send } from "../conformance/_http.ts";
import { lookAll, queuesAndServes, seatsOne, withService } from "./_examples.ts";
import { startWorker } from "./_workerd.ts";

/** What Cloudflare's edge writes into each request. */
const edge = { "cf-connecting-ip": "198.51.100.23" };

test("on workerd, examples/worker.ts queues by the address from the edge, and serves the promoted", async () => {
  await withService(async (sandbox, url) => {
    const bindings = { CROWDHANDLER_PUBLIC_KEY: sandbox.publicKey, CROWDHANDLER_API_URL: url };
    const worker = await startWorker({ entry: "examples/worker.ts", bindings });
    try {
      const { port } = worker;
      await queuesAndServes({ port, sandbox }, "/tickets?a=1", /^Welcome to \/tickets\n$/, edge);
      assert.equal(
        (await send(port, { path: "/assets/logo.png", headers: edge })).text,
        "Welcome to /assets/logo.png\n",
      );
      const told = sandbox.state.calls.filter(({ endpoint }) => endpoint === "requests").map((
        { method, body, query },
      ) => method === "POST" ? (body as { readonly ip: string }).ip : query["ip"]);
      assert.deepEqual(told, ["198.51.100.23", "198.51.100.23"]);
    } finally {
      await worker.stop();
    }
  });
});

test("on workerd, examples/few-at-once.ts seats two and turns the third away", async () => {
  const worker = await startWorker({ entry: "examples/few-at-once.ts", bindings: {} });
  try {
    const visitors = [jar(), jar(), jar()];
    const statuses: number[] = [];
    for (const cookies of [...visitors, ...visitors]) {
      const headers = { ...edge, ...cookies.header() };
      statuses.push(cookies.take(await send(worker.port, { path: "/tickets", headers })).status);
    }
    assert.deepEqual(statuses, [200, 200, 503, 200, 200, 503]);
  } finally {
    await worker.stop();
  }
});

test("on workerd, examples/worker-room.ts has one room, also over a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "stanchion-room-"));
  const start = () =>
    startWorker({
      entry: "examples/worker-room.ts",
      bindings: { CAPACITY: "1" },
      objects: { folder, classes: { ROOMS: "StanchionRoom" } },
      hasCache: true,
    });
  let worker = await start();
  try {
    const visitors = await seatsOne(worker.port, edge);
    await worker.stop();
    worker = await start();
    const answers = await lookAll(worker.port, [...visitors, jar()], edge);
    assert.deepEqual(answers.map(({ status }) => status), [200, 503, 503]);
  } finally {
    await worker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What the gate recognises of a Worker that is a class, in Cloudflare's own runtime. */

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { eventually } from "../conformance/_world.ts";

const skip = "Deno" in globalThis || "Bun" in globalThis ? "Node starts workerd" : false;

test("gate() takes a WorkerEntrypoint as it is: the address that the platform writes, and waitUntil", {
  skip,
}, async () => {
  const { startWorker } = await import("../runtimes/_workerd.ts");
  const worker = await startWorker({ entry: "tests/adapters/_entrypoint.ts", bindings: {} });
  const ask = async (path: string): Promise<{ address: string; settled: string[] }> => {
    const headers = { "cf-connecting-ip": "192.0.2.7", "x-forwarded-for": "6.6.6.6" };
    return await (await fetch(`http://127.0.0.1:${worker.port}${path}`, { headers })).json();
  };
  try {
    assert.deepEqual(await ask("/first"), { address: "192.0.2.7", settled: [] });
    await eventually("the work after the response is done", async () => {
      const { address, settled: [first] } = await ask("/second");
      assert.equal(address, "192.0.2.7");
      assert.ok(first === undefined || first === "/first", first);
      return first !== undefined;
    });
  } finally {
    await worker.stop();
  }
});

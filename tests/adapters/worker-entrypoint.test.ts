/** What the gate recognises of a Worker that is a class, in Cloudflare's own runtime. */

import { strict as assert } from "node:assert";
import { test } from "node:test";

const skip = "Deno" in globalThis || "Bun" in globalThis ? "Node starts workerd" : false;

test("gate() takes a WorkerEntrypoint as it is: the address that the platform writes, and waitUntil", {
  skip,
}, async () => {
  const { startWorker } = await import("../runtimes/_workerd.ts");
  const worker = await startWorker({ entry: "tests/adapters/_entrypoint.ts", bindings: {} });
  const ask = async (path: string): Promise<unknown> => {
    const headers = { "cf-connecting-ip": "192.0.2.7", "x-forwarded-for": "6.6.6.6" };
    return await (await fetch(`http://127.0.0.1:${worker.port}${path}`, { headers })).json();
  };
  try {
    assert.deepEqual(await ask("/first"), { address: "192.0.2.7", settled: [] });
    await new Promise((resolve) => setTimeout(resolve, 900));
    assert.deepEqual(await ask("/second"), { address: "192.0.2.7", settled: ["/first"] });
  } finally {
    await worker.stop();
  }
});

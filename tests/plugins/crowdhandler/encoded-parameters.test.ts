import assert from "node:assert/strict";
import { test } from "node:test";
import { benchOf, hybridBench } from "./_helpers.ts";

test("crowdhandler() tells the service nothing of its parameters, however their names are written", async () => {
  for (const make of [benchOf, hybridBench]) {
    for (const name of ["%63h-id", "ch%2Did", "%43H-ID", "%63h-code", "ch%2dpublic-key"]) {
      for (const method of ["GET", "POST"]) {
        const bench = make({ address: "203.0.113.9" });
        await bench.visit(`/tickets?a=1&${name}=tok_7pDi5dRB2nUi&b=2`, { method });
        const asked = bench.calls.filter(({ path }) => path.startsWith("requests"))
          .map(({ query, body }) => query["url"] ?? body["url"]);
        assert.deepEqual(asked, ["https://shop.example.com/tickets?a=1&b=2"], `${method} ${name}`);
      }
    }
  }
});

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { bun, deno } from "./_serve.ts";

// Serving with `@hono/node-server` replaces the global Response by one that looks at its arguments only when asked for them: what
// a Response of the platform refuses when it is made, this one refuses when it is sent. The same tests must hold.
if (!deno && !bun) {
  const { getRequestListener } = await import("@hono/node-server");
  const platform = Response;
  getRequestListener(() => new Response("page"));
  assert.notEqual(Response, platform);
  for (
    const file of [
      "application",
      "body",
      "failures",
      "headers",
      "made-once",
      "mode",
      "pipeline",
      "settled",
      "sync",
    ]
  ) {
    await import(`./gate-${file}.test.ts`);
  }
}

test("the gate was tested behind @hono/node-server", { skip: Boolean(deno ?? bun) }, () => {});

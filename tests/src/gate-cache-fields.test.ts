import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import type { Plugin } from "../../mod.ts";
import { gateOf, request } from "./_gates.ts";

describe("a cookie of the gate on a page", () => {
  const cookie: Plugin = { name: "cookie", headers: () => [["set-cookie", "token=1"]] };

  test("keeps the page out of caches that heed a field of their own instead of Cache-Control", async () => {
    const fields = ["cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control"];
    const headers = Object.fromEntries(fields.map((name) => [name, "max-age=600"]));
    const { gate } = gateOf([cookie]);
    const response = await gate(request(), () => new Response("page", { headers }));
    for (const name of fields) assert.equal(response.headers.get(name), "no-store", name);
  });

  test("leaves these fields alone on a page without one", async () => {
    const headers = { "cdn-cache-control": "max-age=600" };
    const { gate } = gateOf([{ name: "other", headers: () => [["x-a", "b"]] }]);
    const response = await gate(request(), () => new Response("page", { headers }));
    assert.equal(response.headers.get("cdn-cache-control"), "max-age=600");
  });
});

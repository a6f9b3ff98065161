import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { goThrough } from "../_way.ts";
import { projects } from "../_project.ts";

goThrough({ name: "astro", program: "dist/server/entry.mjs", keepsCookiesOnErrors: false });

test("a page that is prerendered was built without the gate", () => {
  assert.ok(existsSync(`${projects}astro/dist/client/built`));
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pageScript, pageScriptFile } from "../../scripts/_page-script.ts";

test("the small script of the waiting page is made of the one that is read: otherwise run npm run page-script", () => {
  assert.equal(readFileSync(new URL(`../../${pageScriptFile}`, import.meta.url), "utf8"), pageScript());
});

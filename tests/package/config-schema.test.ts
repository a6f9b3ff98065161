import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { jsonSchema, schemaFile } from "../../scripts/_config-schema.ts";

test("the published schema of the gateway's configuration is that by which it is checked: otherwise run npm run config-schema", () => {
  assert.equal(readFileSync(schemaFile, "utf8"), jsonSchema());
});

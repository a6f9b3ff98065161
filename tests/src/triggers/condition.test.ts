import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, isOfUrl, textPart } from "../../../src/triggers/condition.ts";
import type { Subject } from "../../../src/triggers/target.ts";

test("isOfUrl() tells the parts that the URL alone settles", () => {
  const table: Readonly<Record<Subject, boolean>> = {
    url: true,
    path: true,
    host: true,
    hostname: true,
    userAgent: false,
    cookie: false,
    header: false,
    body: false,
  };
  for (const [subject, wanted] of Object.entries(table)) {
    // A key of the table.
    const target = { subject: subject as Subject, name: "", normalized: false };
    const part = textPart(target, "equals", ["a"], { ignoreCase: false, negative: false });
    assert.equal(isOfUrl(part), wanted, subject);
  }
  assert.equal(isOfUrl(constant(true)), false);
  assert.equal(isOfUrl({ kind: "damaged" }), false);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldsOf, isSegment, isToken } from "../../../plugins/crowdhandler/values.ts";

test("fieldsOf() gives the fields of an object, and none of anything else", () => {
  const object = { a: 1 };
  assert.equal(fieldsOf(object), object);
  for (const value of [undefined, null, 5, "text", true, Symbol.iterator, () => {}]) {
    assert.deepEqual(fieldsOf(value), {});
  }
});

test("isToken() takes texts of 4 to 127 plain characters that begin with tok", () => {
  for (const text of ["tok_", "tok0", "tok-A_z9", `tok${"a".repeat(124)}`]) assert.ok(isToken(text), text);
  for (
    const text of ["tok", "", "Tok_a", "atok_a", "tok_a\n", "tok a", "tok/", `tok${"a".repeat(125)}`, 5, {}]
  ) {
    assert.equal(isToken(text), false, JSON.stringify(text));
  }
});

test("isSegment() takes what can be one segment of a path once it is encoded", () => {
  for (const text of ["a", "...", ".a", "a/b", "é", "x".repeat(512)]) assert.ok(isSegment(text), text);
  for (const text of ["", ".", "..", "\ud800", "x".repeat(513), undefined, null, 5, ["a"]]) {
    assert.equal(isSegment(text), false, JSON.stringify(text));
  }
});

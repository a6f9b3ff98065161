import assert from "node:assert/strict";
import { test } from "node:test";
import { constantTimeEqual } from "../../../src/crypto/constant-time.ts";

test("constantTimeEqual() tells whether two texts are the same, to their last character", () => {
  const table: [string, string, boolean][] = [
    ["", "", true],
    ["a", "a", true],
    ["", "a", false],
    ["a", "", false],
    ["abc", "abc", true],
    ["abc", "abd", false],
    ["abc", "bbc", false],
    ["abc", "ab", false],
    ["ab", "abc", false],
    ["abc", "abc\0", false],
    ["abc\0", "abc", false],
    // Differences that cancel each other out in a sum or an exclusive or.
    ["ab", "ba", false],
    ["aabb", "bbaa", false],
    ["ac", "bb", false],
    ["é", "e\u0301", false],
    ["\u0161", "a", false],
  ];
  for (const [left, right, expected] of table) {
    assert.equal(constantTimeEqual(left, right), expected, JSON.stringify([left, right]));
  }
});

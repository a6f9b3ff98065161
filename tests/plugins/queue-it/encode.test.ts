import assert from "node:assert/strict";
import { test } from "node:test";
import { decoded, enc, hexOf, isHeaderSafe } from "../../../plugins/queue-it/protocol/encode.ts";

test("enc() leaves nothing that means something in a URL, and gives nothing for what cannot be encoded", () => {
  const table: [text: string | null | undefined, encoded: string][] = [
    [undefined, ""],
    [null, ""],
    ["", ""],
    ["aZ09-_.~", "aZ09-_.~"],
    ["!'()*", "%21%27%28%29%2a"],
    ["a!b!c", "a%21b%21c"],
    ["&=?#/+ %", "%26%3D%3F%23%2F%2B%20%25"],
    ["\u20ac\u{1f600}", "%E2%82%AC%F0%9F%98%80"],
    ["a\ud800b", ""],
  ];
  for (const [text, encoded] of table) assert.equal(enc(text), encoded);
});

test("decoded() decodes once, and nothing that is broken", () => {
  const table: [text: string, expected: string | undefined][] = [
    ["", ""],
    ["a+b", "a+b"],
    ["%61", "a"],
    ["a%2562", "a%62"],
    ["%", undefined],
    ["a%zz", undefined],
    ["%ff", undefined],
  ];
  for (const [text, expected] of table) assert.equal(decoded(text), expected, text);
});

test("hexOf() spells every unit in two digits at least", () => {
  assert.deepEqual(["", "a", "\n", "\0z", "\u20ac"].map(hexOf), ["", "61", "0a", "007a", "20ac"]);
});

test("isHeaderSafe() takes printable ASCII from the first to the last character", () => {
  for (const text of ["", " ", "~", "a b", "https://x/?a=1"]) assert.ok(isHeaderSafe(text), text);
  for (const text of ["\n", "a\n", "\na", "a\r\nx: y", "\t", "\u007f", "a\u00e9", "\u00e9a", "\u20ac"]) {
    assert.ok(!isHeaderSafe(text), JSON.stringify(text));
  }
});

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { bytesToHex } from "@noble/hashes/utils.js";
import { hashBehind, keyedHash } from "../../../src/crypto/hmac.ts";

/** Texts around the ends of blocks and of what is encoded in place, in one, two and three bytes a character. */
const texts = [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 128, 1023, 1024, 1025, 5000].flatMap((length) =>
  ["a", "é", "語", "\ud800"].map((character) => character.repeat(length))
);

test("hashBehind() is SHA-256 of a prefix of 64 characters and a text, one text after the other", () => {
  const prefix = "0123456789abcdef".repeat(4);
  const hash = hashBehind(prefix);
  for (const text of texts) {
    const expected = createHash("sha256").update(prefix + text.toWellFormed()).digest("hex");
    assert.equal(bytesToHex(hash(text)), expected, `${text.length}`);
  }
});

test("keyedHash() is HMAC-SHA256, for keys that are shorter and longer than a block", () => {
  for (const length of [0, 1, 63, 64, 65, 200]) {
    const key = "k".repeat(length);
    const hash = keyedHash(key);
    for (const text of texts) {
      const expected = createHmac("sha256", key).update(text.toWellFormed()).digest("hex");
      assert.equal(bytesToHex(hash(text)), expected, `${length}, ${text.length}`);
    }
  }
});

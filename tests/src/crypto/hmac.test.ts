import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { bytesToHex } from "@noble/hashes/utils.js";
import { createMac, hashBehind, keyedHash } from "../../../src/crypto/hmac.ts";
import { base64, hexadecimal } from "../../../src/crypto/spelling.ts";

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

test("verifies() takes the one spelling of the hash and nothing else", () => {
  const key = "k".repeat(32);
  const mac = createMac(key);
  for (const spelling of [hexadecimal, base64]) {
    for (const text of texts) {
      const hash = createHmac("sha256", key).update(text.toWellFormed());
      const spelled = hash.digest(spelling === base64 ? "base64url" : "hex");
      assert.ok(mac.verifies(text, spelled, spelling), `${text.length}`);
      for (const others of changed(spelled)) {
        assert.equal(
          mac.verifies(text, others, spelling),
          false,
          `${text.length}, ${JSON.stringify(others)}`,
        );
      }
      assert.ok(mac.verifies(text, spelled, spelling), `${text.length}, once more`);
      assert.equal(mac.verifies(`${text}.`, spelled, spelling), false);
    }
  }
});

/** Other texts: shorter and longer ones, and such of the same length whose characters are up to three bytes long, or join what follows. */
function changed(spelled: string): string[] {
  const { length } = spelled;
  const list = ["", spelled.slice(1), `${spelled}a`, spelled.toUpperCase()];
  list.push(...["0", "é", "語", "\ud800"].map((character) => character.repeat(length)));
  for (const at of [0, 1, 31, length - 2, length - 1]) {
    const code = spelled.charCodeAt(at);
    for (const other of [code ^ 1, code | 0x80, code | 0x100, code | 0xff00, 0xd800, 0xdc00, 0]) {
      list.push(spelled.slice(0, at) + String.fromCharCode(other) + spelled.slice(at + 1));
    }
  }
  return list;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { base64Url } from "../../../src/crypto/base64url.ts";

test("base64Url() spells as RFC 4648 does, without padding", () => {
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 151 + length * 57) & 255);
    const standard = btoa(String.fromCharCode(...bytes));
    assert.equal(base64Url(bytes), standard.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
  }
  assert.equal(base64Url(new Uint8Array(100_000)), "A".repeat(133_334));
});

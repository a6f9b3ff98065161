import assert from "node:assert/strict";
import { test } from "node:test";
import { base64Url } from "../../../src/crypto/base64url.ts";

test("base64Url() spells as RFC 4648 does, without padding", () => {
  const many = [3070, 3071, 3072, 3073, 3074, 6144, 20_000];
  for (const length of [...Array(70).keys(), ...many]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 151 + length * 57) & 255);
    const standard = btoa(String.fromCharCode(...bytes));
    assert.equal(base64Url(bytes), standard.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
  }
});

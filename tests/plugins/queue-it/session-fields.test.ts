import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "../../support/random-cases.ts";

import { split, splitLeniently } from "../../../plugins/queue-it/protocol/session-fields.ts";
import { createSigner } from "../../../src/crypto/signer.ts";
import { cookieOf } from "./_helpers.ts";

test("split() reads a cookie in the order in which it is written as the deployed readers do", () => {
  const names = [
    "EventId",
    "QueueId",
    "FixedValidityMins",
    "RedirectType",
    "IssueTime",
    "Hip",
    "Seal",
    "Hash",
  ];
  const piece = fc.oneof(
    fc.constantFrom("", "&", "=", "a", "=a", "&a=b", "&Hash=", "EventId=", "%"),
    fc.string({ maxLength: 3 }),
  );
  const value = fc.tuple(fc.subarray(names), fc.array(piece, { minLength: 9, maxLength: 9 })).map((
    [fields, pieces],
  ) =>
    fields.map((name, at) => `${name}=${pieces[at]}`).join("&") + (pieces[8]?.length === 1 ? pieces[8] : "")
  );
  fc.assert(
    fc.property(value, (value) => assert.deepEqual(split(value), splitLeniently(value))),
    { numRuns: 5000 },
  );
  const { isOrdered, isPlain } = split(cookieOf());
  assert.deepEqual({ isOrdered, isPlain }, { isOrdered: true, isPlain: true });
});

test("createSigner() hashes texts of every length as the platform does", async () => {
  const encoder = new TextEncoder();
  const texts = [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 300, 1024, 1025, 5000].map((length) =>
    "x".repeat(length)
  );
  texts.push(
    "\u00e9".repeat(400),
    "\u{1f600}\ud800".repeat(500),
    "\u20ac".repeat(1024),
    "\u20ac".repeat(1025),
  );
  for (const key of ["k", "k".repeat(64), "k".repeat(65), "\u20ac".repeat(50)]) {
    const imported = await crypto.subtle.importKey(
      "raw",
      encoder.encode(key),
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    );
    const signer = createSigner([key]);
    for (const text of texts) {
      const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      assert.equal(signer.sign(text), hex);
      assert.equal(signer.verifies(text, hex), true);
      assert.equal(signer.verifies(text, hex.toUpperCase()), false);
      assert.equal(signer.verifies(`${text}.`, hex), false);
    }
  }
});

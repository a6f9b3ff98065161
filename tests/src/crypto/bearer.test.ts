import assert from "node:assert/strict";
import { test } from "node:test";
import { bearerCheck, isSecret } from "../../../src/crypto/bearer.ts";

const secret = "0123456789abcdef";
const other = "fedcba9876543210!";

test("isSecret() takes 16 to 512 printable characters without blanks", () => {
  for (const text of [secret, "!".repeat(16), "~".repeat(512)]) assert.ok(isSecret(text), text);
  const table = [
    "",
    secret.slice(1),
    "~".repeat(513),
    ` ${secret}`,
    `${secret} `,
    `${secret}\n`,
    `\u00e9${secret}`,
  ];
  for (const text of table) assert.ok(!isSecret(text), JSON.stringify(text));
});

test("bearerCheck() takes each secret, whole and alone, whatever the case of the scheme", () => {
  const isKnown = bearerCheck([secret, other]);
  const table: [header: string | null, known: boolean][] = [
    [`Bearer ${secret}`, true],
    [`bearer   ${other}`, true],
    [null, false],
    ["", false],
    ["Bearer", false],
    ["Bearer ", false],
    [secret, false],
    [`Basic ${secret}`, false],
    [`xBearer ${secret}`, false],
    [` Bearer ${secret}`, false],
    [`Bearer${secret}`, false],
    [`Bearer ${secret} `, false],
    [`Bearer ${secret},`, false],
    [`Bearer ${secret}, Bearer ${secret}`, false],
    [`Bearer ${secret.slice(1)}`, false],
    [`Bearer ${secret.slice(0, -1)}`, false],
    [`Bearer ${secret}${other}`, false],
    [`Bearer ${"x".repeat(513)}`, false],
  ];
  for (const [header, known] of table) assert.equal(isKnown(header), known, String(header));
  const longest = "~".repeat(512);
  assert.equal(bearerCheck([longest])(`Bearer ${longest}`), true);
  assert.equal(bearerCheck([])("Bearer "), false);
  assert.equal(bearerCheck([])(`Bearer ${secret}`), false);
});

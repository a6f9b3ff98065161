import assert from "node:assert/strict";
import { test } from "node:test";
import { isPlaceholder, isUnset, kindOfSecret } from "../../../src/options/secret-kind.ts";

test("kindOfSecret() tells length and kind, and never the secret", () => {
  const secret = "hunter2-hunter2";
  const table: readonly (readonly [given: unknown, kind: string])[] = [
    [undefined, "undefined: is the variable set?"],
    ["", "an empty text: is the variable set?"],
    [" \n", "an empty text: is the variable set?"],
    ["undefined", 'the text "undefined": is the variable set?'],
    ["null", 'the text "null": is the variable set?'],
    [null, "null"],
    [5, "something of the type number (not shown)"],
    [{ secret }, "something of the type object (not shown)"],
    [() => secret, "something of the type function (not shown)"],
    [secret, "a text of 15 characters (not shown)"],
    [`${secret}\n`, "a text of 16 characters with a line break (not shown)"],
    [`${secret} `, "a text of 16 characters with a blank at an end (not shown)"],
    [`\ufeff${secret}`, "a text of 16 characters with a byte-order mark (not shown)"],
    [`"${secret}"`, "a text of 17 characters in quotation marks (not shown)"],
    [[], "an empty list"],
    [[secret, ""], "a list of 2, of which number 1 is an empty text: is the variable set?"],
    [[undefined], "a list of 1, of which number 0 is undefined: is the variable set?"],
    [[secret, "short"], "a list of 2, with 15, 5 characters (not shown)"],
  ];
  for (const [given, kind] of table) {
    assert.equal(kindOfSecret(given), kind);
    assert.ok(!kindOfSecret(given).includes("hunter2"));
  }
});

test("isUnset() tells what is left of a variable that is not set", () => {
  for (const text of ["", " ", "undefined", "null", " undefined\n"]) assert.equal(isUnset(text), true, text);
  for (const text of ["none", "undefined-1", "0"]) assert.equal(isUnset(text), false, text);
});

test("isPlaceholder() tells words that stand for a secret, and no secret", () => {
  const words = [
    "your-public-key",
    "your_api_key_here",
    "YOUR API KEY",
    "<public key>",
    "{{ secret }}",
    "${CROWDHANDLER_KEY}",
    "$KEY",
    "%API_KEY%",
    "xxxxxxxx",
    "********",
    "changeme",
    "change-me",
    "TODO",
    "placeholder",
    "public-key",
    "apikey",
    "the-secret-key",
    "CROWDHANDLER_PUBLIC_KEY",
    "QUEUE_IT_SECRET",
    "insert-key-here",
    " your-public-key ",
  ];
  for (const word of words) assert.equal(isPlaceholder(word), true, word);
  const keys = [
    "04c39faf1b32d6b0a8a8b0c4a5ee0c1d2f4c7a9e",
    "e3c5a9c2-1b5f-4b0a-9d7c-2f4a0c6d8e1b",
    "aGVsbG8gd29ybGQgdGhpcyBpcyBhIGtleQ==",
    "yourself7d1c",
    "pub_9f8e7d6c",
    "X7Q",
    "example-4711-key",
  ];
  for (const key of keys) assert.equal(isPlaceholder(key), false, key);
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { createMemo } from "../../../src/crypto/memo.ts";

test("createMemo() gives back what was set, and nothing for another text with the same end", () => {
  for (const size of [1, 2, 3, 4, 5, 100]) {
    const memo = createMemo<number>(size);
    const end = "x".repeat(40);
    memo.set(`a${end}`, 1);
    assert.equal(memo.get(`a${end}`), 1);
    assert.equal(memo.get(`b${end}`), undefined);
    memo.set(`a${end}`, 2);
    assert.equal(memo.get(`a${end}`), 2);
    assert.equal(memo.get(""), undefined);
  }
});

test("createMemo() remembers no more texts than it is asked to, and hardly fewer", () => {
  const memo = createMemo<number>(1000);
  const texts = Array.from({ length: 20_000 }, (_, at) => `text${at * 7919}`);
  for (const [at, text] of texts.entries()) memo.set(text, at);
  const known = texts.filter((text, at) => memo.get(text) === at).length;
  assert.ok(known <= 1000 && known > 950, String(known));
});

test("createMemo() forgets what is not asked for before what is", () => {
  const memo = createMemo<number>(4);
  memo.set("regular", 1);
  for (let at = 0; at < 100; at++) {
    memo.set(`visitor${at}`, at);
    assert.equal(memo.get("regular"), 1);
  }
});

test("createMemo() of no texts remembers none", () => {
  const memo = createMemo<number>(0);
  memo.set("text", 1);
  assert.equal(memo.get("text"), undefined);
});

test("createMemo() holds four texts of one set, and lets the one give way that was not asked for", () => {
  const end = "x".repeat(40);
  const memo = createMemo<number>(4000);
  const texts = Array.from({ length: 5 }, (_, at) => String.fromCharCode(97 + at) + end);
  for (const [at, text] of texts.slice(0, 4).entries()) memo.set(text, at);
  assert.deepEqual(texts.map((text) => memo.get(text)), [0, 1, 2, 3, undefined]);
  // Behind the last that was asked for comes the first.
  memo.set(texts[4] ?? "", 4);
  assert.deepEqual(texts.map((text) => memo.get(text)), [undefined, 1, 2, 3, 4]);
});

test("createMemo() spreads texts with random ends over its sets, however they begin and however long they are", () => {
  const tokens = Array.from(
    { length: 400 },
    (_, at) => createHash("sha256").update(String(at)).digest("hex"),
  );
  const kinds: ((token: string, at: number) => string)[] = [
    (token) => token,
    (token) => `tok_${token.slice(0, 12)}`,
    (token) => "x".repeat(1000) + token.slice(0, 12),
    (token, at) => token.slice(0, 9) + "x".repeat(at % 20),
  ];
  for (const [kind, textOf] of kinds.entries()) {
    const texts = tokens.map(textOf);
    const memo = createMemo<number>(1600);
    for (const [at, text] of texts.entries()) memo.set(text, at);
    const known = texts.filter((text, at) => memo.get(text) === at).length;
    assert.ok(known >= texts.length * 0.95, `${kind}: ${known} of ${texts.length}`);
  }
});

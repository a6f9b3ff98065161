import assert from "node:assert/strict";
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

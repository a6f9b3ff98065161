import { strict as assert } from "node:assert";
import { test } from "node:test";
import { namesOtherCharset } from "../../../src/http/charset.ts";

test("namesOtherCharset() knows the charsets in which a text is spelled as in UTF-8", () => {
  const same = [
    "",
    "text/plain",
    "text/plain; charset",
    "text/plain; charset=",
    "text/plain; charset=utf-8",
    "text/plain; charset=UTF8",
    'text/plain; Charset = "utf-8"',
    "text/plain; charset='utf-8'",
    "text/plain; charset=US-ASCII; x=y",
    "text/plain; charset=utf-8, text/plain; charset=utf-8",
    "text/plain; charset=utf-8 (a remark)",
  ];
  for (const type of same) assert.equal(namesOtherCharset(type), false, type);
});

test("namesOtherCharset() tells others, however they are written", () => {
  const others = [
    "text/plain; charset=utf-16",
    "text/plain;charset=utf-7",
    'text/plain; CHARSET\t=\t"iso-8859-1"',
    "text/plain; charset='utf-16'",
    "text/plain; charset=utf-8x",
    "text/plain; charset=xutf-8",
    "text/plain; charset=utf--8",
    "text/plain; charset=us-asciix",
    // Any of two may count.
    "text/plain; charset=utf-8; charset=utf-16",
    "text/plain; charset=utf-16; charset=utf-8",
    // Split or encoded, it may be any.
    "text/plain; charset*=utf-8''utf-8",
    "text/plain; Charset*0=utf-; charset*1=8",
  ];
  for (const type of others) assert.equal(namesOtherCharset(type), true, type);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { forwardedFormat } from "../../../src/url/forwarded.ts";
import { spell } from "../../../src/url/ip-address.ts";

/** The first entries of a header, from the right. */
function entries(header: string, value: string): readonly string[] {
  const list: string[] = [];
  for (const entry of forwardedFormat(header).entries(value)) {
    list.push(entry);
    if (list.length === 10) break;
  }
  return list;
}

test("forwardedFormat() divides a header at its commas, the nearest proxy's entry first", () => {
  const long = "1".repeat(512);
  const table: [value: string, entries: readonly string[]][] = [
    ["", []],
    ["  ", []],
    ["a", ["a"]],
    [" a , b ", ["b", "a"]],
    ["a,,b", ["b", "", "a"]],
    [",a", ["a", ""]],
    ["a,", ["", "a"]],
    [",", ["", ""]],
    [`${long.slice(1)},b`, ["b", long.slice(1)]],
    [`${long},b`, ["b", ""]],
  ];
  for (const [value, wanted] of table) assert.deepEqual(entries("x-forwarded-for", value), wanted, value);
  assert.deepEqual(entries("x-real-ip", " a, b "), ["a, b"], "one that holds a single address has no commas");
});

test("forwardedFormat() divides Forwarded at no comma of a quoted text", () => {
  const table: [value: string, entries: readonly string[]][] = [
    ["for=a,for=b", ["for=b", "for=a"]],
    ['"a,b",c', ["c", '"a,b"']],
    ['a;b="c,d",e', ["e", 'a;b="c,d"']],
    // A quote within, which is escaped, and a backslash that is.
    ['"a\\",b",c', ["c", '"a\\",b"']],
    ['"a\\\\",b', ["b", '"a\\\\"']],
    ['"a\\\\\\",b",c', ["c", '"a\\\\\\",b"']],
    // One that never opens.
    ['a,b"', ['a,b"']],
  ];
  for (const [value, wanted] of table) assert.deepEqual(entries("forwarded", value), wanted, value);
});

test("forwardedFormat() reads the address of an entry, with or without a port", () => {
  const table: [header: string, entry: string, address: string | undefined][] = [
    ["x-forwarded-for", "1.2.3.4", "1.2.3.4"],
    ["x-forwarded-for", "1.2.3.4:80", "1.2.3.4"],
    ["x-forwarded-for", "1.2.3.4:x", undefined],
    ["x-forwarded-for", "::1", "::1"],
    ["x-forwarded-for", "[::1]", "::1"],
    ["x-forwarded-for", "[::1]:80", "::1"],
    ["x-forwarded-for", "[::1", undefined],
    ["x-forwarded-for", "[1.2.3.4]", undefined],
    ["x-forwarded-for", "[::1]x", undefined],
    ["forwarded", "for=1.2.3.4", "1.2.3.4"],
    ["forwarded", 'FOR="[::1]:_port"', "::1"],
    ["forwarded", 'for="1.2.3.4:80"', "1.2.3.4"],
    ["forwarded", 'for="\\1.2.3.4"', "1.2.3.4"],
    ["forwarded", 'for="1.2.3.4:"', undefined],
    ["forwarded", "for=unknown", undefined],
    ["forwarded", "proto=https", undefined],
    ["forwarded", "for=1.2.3.4;for=5.6.7.8", undefined],
    ["forwarded", " proto=https ; for=1.2.3.4;", "1.2.3.4"],
    ["forwarded", "for", undefined],
  ];
  for (const [header, entry, address] of table) {
    const found = forwardedFormat(header).parse(entry);
    assert.equal(found === undefined ? undefined : spell(found), address, `${header}: ${entry}`);
  }
});

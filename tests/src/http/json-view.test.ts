import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { compactJson, hexDigit, unescapeJson, unitAt } from "../../../src/http/json-view.ts";

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** A text that is to be left as it is. */
function same(text: string): readonly [string, string] {
  return [text, text];
}

describe("compactJson()", () => {
  const outside: readonly (readonly [text: string, wanted: string])[] = [
    // Blanks go where they part nothing.
    ["", ""],
    [" \t\r\n", ""],
    [" { } ", "{}"],
    ["[ 1 , 2 ]", "[1,2]"],
    ["{\n\ta\t:\r\nb\n}", "{a:b}"],
    ["  a", "a"],
    ["a  ", "a"],
    same("a  b"),
    same("a\tb"),
    ["a [", "a["],
    ["] a", "]a"],
    // No-break spaces and others are no blanks of JSON.
    same("[\u00a0]"),
    same("[\f]"),
    // Numbers, where a value is to be expected.
    ["1.50", "1.5"],
    ["[1.0,1e2,1E+2,10e-1,-0,-0.0,0.10]", "[1,100,100,1,0,0,0.1]"],
    [":1.0", ":1"],
    [": 1.0 ", ":1"],
    [",-1.0", ",-1"],
    same("{1.0"),
    same("a1.0"),
    same("]1.0"),
    same("a 1.0"),
    same("[12,0,9]"),
    // What is no number, or none that can be told, stays.
    ["[1e21,-2e-7]", "[1000000000000000000000,-0.0000002]"],
    ["[9007199254740993]", "[9007199254740993]"],
    same("[01.0,1.,.5,1.2.3,--1.0,1-1,+1.0,1e,1e+,1.0e]"),
    same("[x.0]"),
    ["[1.0x]", "[1x]"],
    ["[1.0true]", "[1true]"],
  ];
  for (const keepsStrings of [true, false]) {
    const how = keepsStrings ? "where strings keep their blanks" : "where quotes mean nothing";
    test(`compactJson() writes what is outside of strings in one way, ${how}`, () => {
      for (const [text, wanted] of outside) {
        assert.equal(textOf(compactJson(bytesOf(text), keepsStrings)), wanted, JSON.stringify(text));
      }
    });
  }

  test("compactJson() escapes in a string only what needs it, and keeps its blanks", () => {
    const table: readonly (readonly [text: string, wanted: string])[] = [
      same('" , "'),
      same('"a : 1.0"'),
      ['" , " , " , "', '" , "," , "'],
      ['"\\u0061\\U0062"', '"ab"'],
      ['"\\/"', '"/"'],
      ['"\\u002f\\u002F"', '"//"'],
      same('"\\"\\\\\\b\\t\\n\\f\\r"'),
      ['"\\u0022\\u005c\\u0008\\u0009\\u000a\\u000c\\u000d"', '"\\"\\\\\\b\\t\\n\\f\\r"'],
      ['"\\u0000\\u000b\\u001F"', '"\\u0000\\u000b\\u001f"'],
      ['"\\u0020\\u007f"', '" \u007f"'],
      ['"\\u00e9\\ud83d\\ude00\\ud83d"', '"é😀\uFFFD"'],
      // A backslash that begins no escape.
      same('"\\x\\u12\\u00g0\\1"'),
      same('"\\'),
      // A quote behind a backslash ends no string.
      ['"\\" , " , 1', '"\\" , ",1'],
      ['"\\\\" , 1', '"\\\\",1'],
      // Outside of strings escapes are none.
      same("\\u0061"),
      // No string goes on in the next line.
      ['" a\n { } ', '" a{}'],
      ['" a\r { } ', '" a{}'],
      ['"a": 1.0', '"a":1'],
      ['"a" : "b"', '"a":"b"'],
      ['"a" b', '"a" b'],
    ];
    for (const [text, wanted] of table) {
      assert.equal(textOf(compactJson(bytesOf(text), true)), wanted, JSON.stringify(text));
    }
  });

  test("compactJson() rewrites what stands in quotes, where quotes mean nothing", () => {
    assert.equal(textOf(compactJson(bytesOf('" { \\u0061 : 1.0 } "'), false)), '"{\\u0061:1}"');
  });

  test("compactJson() writes numbers as a double holds them, where that is wanted", () => {
    assert.equal(textOf(compactJson(bytesOf("[9007199254740993,1.00]"), true, true)), "[9007199254740992,1]");
  });

  test("compactJson() writes a number of any length in its one spelling", () => {
    assert.equal(textOf(compactJson(bytesOf(`[1.${"0".repeat(60_000)}]`), true)), "[1]");
    const digits = `1.${"0".repeat(500)}1`;
    assert.equal(textOf(compactJson(bytesOf(`[${digits}00]`), true)), `[${digits}]`);
  });

  test("compactJson() has nothing for a number that no double holds, if it is one", () => {
    for (
      const text of ["[1e999]", "1e400", '{"a":-1e309}', `[${"9".repeat(310)}]`, "[1e999 ]", '"a:1e999"']
    ) {
      assert.equal(compactJson(bytesOf(text), false), undefined, text);
    }
    for (const text of ["[1e999x]", "[1e999/]"]) {
      assert.equal(textOf(compactJson(bytesOf(text), false)), text);
    }
  });

  test("compactJson() has nothing where digits are out of proportion", () => {
    assert.equal(compactJson(bytesOf(`[${"1e308,".repeat(2000)}1]`), true), undefined);
    assert.notEqual(compactJson(bytesOf(`[${"1e308,".repeat(3)}1]`), true), undefined);
  });
});

describe("unescapeJson()", () => {
  test("unescapeJson() undoes all escapes, in strings and outside", () => {
    const table: readonly (readonly [text: string, wanted: string])[] = [
      ['\\"\\\\\\/\\b\\t\\n\\f\\r', '"\\/\b\t\n\f\r'],
      ["a\\u0062c\\U0064", "abcd"],
      ["\\u00e9\\u20AC\\ud83d\\uDE00", "é€😀"],
      ["\\ud83d\\Ude00", "😀"],
      // Halves of pairs, alone and in the wrong order.
      ["\\ud83d", "\uFFFD"],
      ["\\ud83dx\\ude00", "\uFFFDx\uFFFD"],
      ["\\ud83d\\u0041", "\uFFFDA"],
      ["\\ude00\\ud83d", "\uFFFD\uFFFD"],
      ["\\ud83d\\ud83d\\ude00", "\uFFFD😀"],
      ["\\ud83d\\n", "\uFFFD\n"],
      ["\\udbff\\udfff", "\u{10ffff}"],
      ["\\ud800\\udc00", "\u{10000}"],
      // What is no escape.
      same("\\a\\0\\u\\u1\\u12\\u123\\u123g\\ug123"),
      same("a\\"),
      same("\\u004"),
    ];
    for (const [text, wanted] of table) {
      assert.equal(textOf(unescapeJson(bytesOf(text))), wanted, JSON.stringify(text));
    }
  });

  test("unescapeJson() gives bytes without a backslash back as they are", () => {
    const bytes = bytesOf('{"a":"/u0061"}');
    assert.equal(unescapeJson(bytes), bytes);
  });
});

test("hexDigit() knows the digits of both cases, and no other byte", () => {
  assert.equal(hexDigit(undefined), -1);
  for (let byte = 0; byte < 256; byte++) {
    const value = "0123456789abcdef".indexOf(String.fromCharCode(byte).toLowerCase());
    assert.equal(hexDigit(byte), value, String(byte));
  }
});

test("unitAt() reads four digits, or none", () => {
  assert.equal(unitAt(bytesOf("x12aFx"), 1), 0x12af);
  assert.equal(unitAt(bytesOf("ffff"), 0), 0xffff);
  for (const text of ["12a", "g2af", "1g2a", "12ga", "12ag", ""]) {
    assert.equal(unitAt(bytesOf(text), 0), -1, text);
  }
});

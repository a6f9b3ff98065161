import { strict as assert } from "node:assert";
import process from "node:process";
import { describe, test } from "node:test";
import { linearPattern } from "../../../src/patterns/linear-pattern.ts";
import { parsePattern } from "../../../src/patterns/syntax.ts";

describe("parsePattern()", () => {
  const unreadable: readonly (readonly [what: string, sources: readonly string[]])[] = [
    ["look-around", ["(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "a(?=b)c"]],
    ["back references", ["(a)\\1", "(a)\\9", "(?<n>a)\\k<n>", "[\\k]"]],
    ["octal numbers of old", ["\\07", "\\00", "[\\07]", "[\\1]", "[\\9]"]],
    ["control letters that are none", ["\\c", "\\c1", "\\c_", "[\\c]", "[\\cA]"]],
    ["flags within", ["(?i:a)", "(?-i:a)"]],
    ["names that are none", ["(?<1>a)", "(?<>a)", "(?<a b>c)"]],
    ["what is not closed or not opened", ["(", "(a", ")", "a)", "[", "[a", "[a-", "\\", "[\\", "(a]"]],
    ["more than a thousand times", ["a{1001}", "a{1001,}", "a{0,1001}", "a{1000,1001}"]],
    ["more than a thousand characters", ["a".repeat(1001)]],
    ["groups in more than 49 others", ["(".repeat(50) + "a" + ")".repeat(50)]],
  ];
  for (const [what, sources] of unreadable) {
    test(`parsePattern() does not read ${what}`, () => {
      for (const source of sources) assert.equal(parsePattern(source, false), undefined, source.slice(0, 20));
    });
  }

  test("parsePattern() reads what stands at the edge of that", () => {
    const sources = [
      ..."\\0 \\0a [\\0] \\cA \\cz (?:a) (?<n>a) (?<$_9>a) a{1000} a{1000,} a{0,1000}".split(" "),
      "a".repeat(1000),
      "(".repeat(49) + "a" + ")".repeat(49),
      // Groups behind one another are in none.
      "(a)".repeat(60),
      "(a|b)".repeat(60),
    ];
    for (const source of sources) {
      new RegExp(source);
      assert.notEqual(parsePattern(source, false), undefined, source.slice(0, 20));
    }
  });

  test("parsePattern() gives a choice, a sequence and what is repeated their forms", () => {
    const a = { kind: "sequence", parts: [{ kind: "set", ranges: [[97, 97]] }] };
    assert.deepEqual(parsePattern("a", false), a);
    assert.deepEqual(parsePattern("a|a", false), { kind: "choice", parts: [a, a] });
    const [part] = a.parts;
    const repeats = [["*", 0, Infinity], ["+", 1, Infinity], ["?", 0, 1], ["{2}", 2, 2], [
      "{2,}",
      2,
      Infinity,
    ], [
      "{2,34}",
      2,
      34,
    ], ["{12}", 12, 12]] as const;
    for (const [sign, min, max] of repeats) {
      for (const lazy of ["", "?"]) {
        assert.deepEqual(parsePattern(`a${sign}${lazy}`, false), {
          kind: "sequence",
          parts: [{ kind: "repeat", part, min, max }],
        });
      }
    }
  });
});

describe("linearPattern() and RegExp", () => {
  const sets = [
    ...". \\d \\D \\w \\W \\s \\S \\t \\n \\v \\f \\r \\0 \\x41 \\x4 \\xg1 \\u0041 \\u2028 \\u004 \\u00g1"
      .split(" "),
    ...[
      "\\cA",
      "\\cJ",
      "\\cz",
      "\\a",
      "\\x",
      "\\u",
      "\\-",
      "[a-f]",
      "[^a-f]",
      "[]",
      "[^]",
      "[\\b]",
      "[\\d-f]",
    ],
    ...[
      "[a-\\d]",
      "[-a]",
      "[a-]",
      "[\\w-]",
      "[^\\s]",
      "[\\S\\x20-\\x22]",
      "[\\]]",
      "[\\u0041-\\u0043]",
      "[.^$]",
    ],
    ...["[\\x00-\\uffff]", "[\\ufff0-\\uffff]", "[é-ü]", "[à-þ]", "ſ", "[^K]", "]", "}", "{", "\\B", "\\b"],
  ];
  /** All of the Latin ones, and those about the edges of blanks, of ends of lines and of what differs by case only. */
  const codes = [
    [0, 0x180],
    [0x167e, 0x1682],
    [0x1e9e, 0x1e9f],
    [0x1ffe, 0x2062],
    [0x2129, 0x212c],
    [0x2ffe, 0x3002],
    [0xd7ff, 0xd801],
    [0xfefd, 0xff01],
    [0xffee, 0xffff],
  ].flatMap(([from = 0, to = 0]) => Array.from({ length: to - from + 1 }, (_, at) => from + at));
  /** To make a pattern that ignores case takes long: where properties are tried less often, fewer are made. */
  const some = (all: readonly string[], flags: string) =>
    flags.includes("i") && process.env["RUNS"] !== undefined ? all.filter((_, at) => at % 8 === 0) : all;
  for (const flags of ["", "i", "s", "m"]) {
    test(`they agree on each code unit with the flags "${flags}"`, () => {
      for (const source of some(sets, flags)) {
        const ours = linearPattern(`^${source}$`, flags);
        const theirs = new RegExp(`^${source}$`, flags);
        assert.ok(ours !== undefined, source);
        for (const code of codes) {
          const char = String.fromCharCode(code);
          if (ours.test(char) !== theirs.test(char)) assert.fail(`${source} of ${code.toString(16)}`);
        }
      }
    });
  }

  const sources = [
    ..."a ab a|b a||b |a (a) (?:a|b)c a(?:b|c)d (a|ab)(c|bcd)$ a* a+ a? ^a*$ ^a+$ ^a?$ ^a{2}$ ^a{2,}$".split(
      " ",
    ),
    ..."^a{1,3}$ ^a{0}$ ^a{0,0}b$ ^(ab)*$ ^(ab)+c$ ^(a*)*$ ^(a+)+$ ^(a|b)*c$ ^a*?b$ ^a+?$ ^a??b$".split(" "),
    ..."^a{1,2}?$ a{,2} a{ a{1 a{x} {} ^ $ ^$ ^^a a$$ a^b a$b (^a|b$) (?:^|/)x (?:a|$)b b(?:$|c)".split(" "),
    ..."\\ba \\Ba a\\b a\\B \\b \\B ^\\b$ ^\\B$ \\b\\B a\\b-\\bb ^(?:\\ba|\\Bb)+$ x(?:\\b|y)".split(" "),
    ..."[ab]+c ^[^ab]$ ^[^ab]+$ ^[a-c]{2,3}$ (?<year>\\d{4})-\\d\\d ^.$ ^..$ a.b ^\\w+\\W\\w+$".split(" "),
  ];
  const texts = [
    ..." a b c ab ba aa aaa aaaa abc abab ababc abcd acd abd ac bc bcd aab b- -a a-b a_b x / /x y/x xy".split(
      " ",
    ),
    ...[
      "\n",
      "\r",
      "\u2028",
      "a\n",
      "\na",
      "a\nb",
      "a\rb",
      "b\na\nb",
      "\n\n",
      "ab\nabc",
      "xa\nbx",
      "é",
      "aé",
      "éa",
    ],
    ...["{}", "a{", "a{1", "a{,2}", "a{x}", "A", "AB", "aB", "1999-12", "a b", "ab cd", "a b c", "xx"],
  ];
  for (const flags of ["", "i", "m", "s", "im"]) {
    test(`they agree on short texts with the flags "${flags}"`, () => {
      for (const source of some(sources, flags)) {
        const ours = linearPattern(source, flags);
        const theirs = new RegExp(source, flags);
        assert.ok(ours !== undefined, source);
        // In either order: what one text taught must not mislead the next.
        for (const text of [...texts, ...texts.toReversed()]) {
          assert.equal(ours.test(text), theirs.test(text), `${source} of ${JSON.stringify(text)}`);
        }
      }
    });
  }

  test("linearPattern() takes as many as 2000 states, and no more", () => {
    const thousand = "a".repeat(1000);
    // One state is that the pattern was found.
    const largest = linearPattern("^a{1000}a{998}");
    assert.equal(largest?.test(thousand + thousand.slice(2)), true);
    assert.equal(largest?.test(thousand + thousand.slice(3)), false);
    assert.equal(linearPattern("^a{1000}a{999}"), undefined);
    assert.equal(linearPattern("(?:a{1000}){1000}"), undefined);
    assert.equal(linearPattern("(?:a{0,1000}){0,1000}"), undefined);
    assert.equal(linearPattern("(?:(?:a{1000}){1000}){1000}|b"), undefined);
  });

  test("linearPattern() knows flags by their letters alone", () => {
    for (const flags of ["", "d", "g", "y", "dgimsy"]) {
      assert.equal(linearPattern("a", flags)?.test("ba"), true);
    }
    for (const flags of ["u", "v", "gu", "ug", "x", " ", "G"]) {
      assert.equal(linearPattern("a", flags), undefined);
    }
  });
});

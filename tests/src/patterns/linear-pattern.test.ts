import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "../../support/random-cases.ts";
import { linearPattern } from "../../../src/patterns/linear-pattern.ts";

/** Patterns as rooms have them, and each construct at least once. */
const sources = [
  "",
  "^/tickets",
  "^/tickets/?$",
  "^/(?:tickets|seats)/\\d+",
  ".*checkout.*",
  ".*a.*b",
  "(a+)+$",
  "(a|aa)*b$",
  "^(?:[a-z]{2}/){1,3}$",
  "a{0}b",
  "a{2,}",
  "a{,2}",
  "x{",
  "[^/]+\\.html?$",
  "\\bsale\\b",
  "\\Bale\\b",
  "[\\w-]+",
  "[\\d-x]",
  "[a-\\d]",
  "[]",
  "[^]",
  "(?<year>\\d{4})-\\d\\d",
  "\\/\\.\\?",
  "\\x41\\u0042\\cJ\\0",
  "\\p{L}",
  "\\a\\-\\_",
  "a||b",
  "(|a)*$",
  "(?:^|/)x",
  "(^a|b$)",
  "a??b*?c+?",
  "]}",
  "[\\b]",
  "\\s\\S\\W\\D",
  "é+ü",
];

const texts = fc.string({
  unit: fc.constantFrom(..."abAX/x-.1 \n_éÜü{}[]sale,2tickets\u2028\b\0".split("")),
  maxLength: 30,
});

describe("linearPattern()", () => {
  for (const source of sources) {
    test(`it says what RegExp says of ${JSON.stringify(source)}`, () => {
      for (const flags of ["", "i", "m", "s", "ims"]) {
        const ours = linearPattern(source, flags);
        const theirs = new RegExp(source, flags);
        assert.ok(ours !== undefined);
        fc.assert(fc.property(texts, (text) => ours.test(text) === theirs.test(text)), { numRuns: 200 });
      }
    });
  }

  test("it says what RegExp says of patterns made at random, or that it cannot read them", () => {
    const piece = fc.constantFrom(
      ..."abx/.^$|()[]*+?-\\".split(""),
      ..."(?: ) {2} {1,2} {0,} \\b \\B \\d \\w [ab] [^a] (?=a) (?!a) \\1 *? | $".split(" "),
    );
    let read = 0;
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }),
        fc.array(texts, { minLength: 3, maxLength: 3 }),
        (pieces, texts) => {
          const source = pieces.join("");
          let theirs: RegExp;
          try {
            theirs = new RegExp(source);
          } catch {
            return;
          }
          const ours = linearPattern(source);
          if (ours === undefined) return;
          read++;
          for (const text of texts) {
            assert.equal(
              ours.test(text),
              theirs.test(text),
              `${source} of ${JSON.stringify(text)}`,
            );
          }
        },
      ),
      { numRuns: 5000 },
    );
    assert.ok(read > 500);
  });

  test("it reads neither look-around nor back references, nor what is too large", () => {
    for (
      const source of [
        "^/(?!assets)",
        "(?<=a)b",
        "(a)\\1",
        "(?<n>a)\\k<n>",
        "\\07",
        "a{9999}",
        "(?:(?:a{900}){900}){900}",
        "(".repeat(60) + ")".repeat(60),
        "a".repeat(1001),
      ]
    ) {
      assert.equal(linearPattern(source), undefined, source.slice(0, 40));
    }
  });

  test("it takes the flags g, y and d for none, and does not know u and v", () => {
    assert.equal(linearPattern("a", "gyd")?.test("ba"), true);
    assert.equal(linearPattern("a", "u"), undefined);
    assert.equal(linearPattern("a", "v"), undefined);
  });

  test("it ignores the case as RegExp does", () => {
    for (const source of ["[à-þ]", "ſ", "K", "k", "ı", "ß", "σ", "[^Σ]"]) {
      const theirs = new RegExp(source, "i");
      const ours = linearPattern(source, "i");
      for (const text of "kKKsSſiIıİßẞσςΣàÀþÞÿŸ") {
        assert.equal(ours?.test(text), theirs.test(text), `${source} ${text}`);
      }
    }
  });

  test("the work for a text grows with its length alone, whatever the pattern", () => {
    // Engines that go back need more than the age of the universe for these.
    for (
      const source of ["(a+)+$", "(?:a|aa)+$", ".*a.*a.*a.*a.*a.*a.*b", "(?:a?){50}a{50}$", "^(?:(?:a*)*)*$"]
    ) {
      const pattern = linearPattern(source);
      assert.equal(pattern?.test(`${"a".repeat(100_000)}!`), false, source);
    }
  });

  test("it forgets sets of states rather than keep ever more", () => {
    const pattern = linearPattern("(?:a|b)*a(?:a|b){14}$");
    const reference = /[ab]*a[ab]{14}$/;
    let seed = 1;
    for (let at = 0; at < 400; at++) {
      let text = "";
      for (let bit = 0; bit < 60; bit++) {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        text += seed & 65536 ? "a" : "b";
      }
      assert.equal(pattern?.test(text), reference.test(text));
    }
  });
});

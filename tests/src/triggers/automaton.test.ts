import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../../support/random-cases.ts";
import { buildAutomaton, childOf, findsAny, skip, step } from "../../../src/triggers/automaton.ts";
import { runs } from "./_requests.ts";

function sorted(literals: readonly string[]): readonly string[] {
  return [...new Set(literals)].sort();
}

/** The literals that end at each place of a text, as the automaton tells them. */
function foundIn(literals: readonly string[], text: string): readonly string[] {
  const automaton = buildAutomaton(literals);
  const { fail, hit, literal } = automaton;
  const found: string[] = [];
  let state = 0;
  for (let at = 0; at < text.length; at++) {
    state = step(automaton, state, text.charCodeAt(at));
    for (let end = hit[state] ?? 0; end !== 0; end = hit[fail[end] ?? 0] ?? 0) {
      found.push(`${at} ${literals[literal[end] ?? -1]}`);
    }
  }
  return found.sort();
}

function naive(literals: readonly string[], text: string): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; at++) {
    for (const literal of literals) {
      if (text.slice(0, at + 1).endsWith(literal)) found.push(`${at} ${literal}`);
    }
  }
  return found.sort();
}

/** Letters with equal places in tables of ASCII, of pairs and of none. */
const letter = fc.constantFrom("a", "b", "c", "/", "A", "\x7f", "\x80", "é", "€", "\ud83d", "\ude00");
const literal = fc.string({ unit: letter, minLength: 1, maxLength: 5 });
const text = fc.string({ unit: letter, maxLength: 30 });

test("buildAutomaton() finds every literal wherever it ends, and findsAny() whether there is one", () => {
  fc.assert(
    fc.property(fc.array(literal, { minLength: 1, maxLength: 12 }), text, (list, text) => {
      const literals = sorted(list);
      const wanted = naive(literals, text);
      assert.deepEqual(foundIn(literals, text), wanted);
      assert.equal(findsAny(buildAutomaton(literals), text), wanted.length > 0);
    }),
    { numRuns: runs(3000) },
  );
});

test("findsAny() looks for literals of any length at every place of a text", () => {
  const long = "x".repeat(80);
  const table: [literals: readonly string[], text: string, found: boolean][] = [
    [["a"], "", false],
    [["a"], "a", true],
    [["a"], "bbba", true],
    [["a"], "bbbb", false],
    [["ab"], "a", false],
    [["ab"], "bbab", true],
    [["ab"], "abb", true],
    [["abc", "b"], "xxb", true],
    [["abcde", "xyz"], "abcdxyz", true],
    [["abcde", "xyz"], "abcdxy", false],
    [[long], long, true],
    [[long], `a${long}b`, true],
    [[long], long.slice(1), false],
    [["ab", long], `${long.slice(1)}ab`, true],
    [["\x7f", "\x80"], "a\x80", true],
    [["\x7f"], "\x80", false],
    [["\x80"], "\x7f", false],
  ];
  for (const [literals, text, found] of table) {
    assert.equal(findsAny(buildAutomaton(literals), text), found, JSON.stringify([literals, text]));
  }
});

test("childOf() tells the child of each letter among many", () => {
  for (const count of [1, 2, 4, 5, 6, 9, 40]) {
    const letters = Array.from({ length: count }, (_, at) => String.fromCharCode(65 + 2 * at));
    const automaton = buildAutomaton(letters.map((letter) => `${letter}x`).sort());
    for (const letter of letters) {
      const child = childOf(automaton, 0, letter.charCodeAt(0));
      assert.equal(automaton.label[child], letter.charCodeAt(0), `${count} ${letter}`);
      assert.equal(childOf(automaton, 0, letter.charCodeAt(0) + 1), 0);
    }
    assert.equal(childOf(automaton, 0, 0), 0);
  }
});

test("buildAutomaton() takes no more memory than its states need", () => {
  const { first, label, literal, fail, hit } = buildAutomaton(["abc", "abd", "abe", "b"]);
  // The root, a, b, ab, and the three ends.
  assert.deepEqual([label.length, literal.length, fail.length, hit.length, first.length], [7, 7, 7, 7, 8]);
});

test("skip() passes over a text in steps of almost the length of the shortest literal", () => {
  const automaton = buildAutomaton(["abcdefgh", "abcdefghi"]);
  let looked = 0;
  const text = "z".repeat(8000);
  const counting = new Proxy(automaton, {
    get(target, key) {
      if (key !== "shift") return Reflect.get(target, key);
      return new Proxy(target.shift, {
        get: (shift, at) => (looked++, Reflect.get(shift, at)),
      });
    },
  });
  assert.equal(skip(counting, text, 0), text.length);
  assert.ok(looked <= 8000 / 7 + 1, `${looked} looks`);
  assert.equal(skip(automaton, `zzz${"abcdefgh"}`, 0), 3);
  assert.equal(skip(automaton, "abcdefgh", 0), 0);
  assert.equal(skip(automaton, "abcdefgh", 1), 8);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../../support/random-cases.ts";
import { buildIndex } from "../../../src/triggers/build-index.ts";
import { textPart } from "../../../src/triggers/condition.ts";
import { factsOf } from "../../../src/triggers/facts.ts";
import { createScratch, pop, probe, reset, type Scratch } from "../../../src/triggers/probe.ts";
import { runs } from "./_requests.ts";

const plain = { ignoreCase: false, negative: false };

function indexOf(...texts: readonly (readonly string[])[]) {
  const target = { subject: "path", name: "", normalized: false } as const;
  const triggers = texts.map((operands, index) => ({
    index,
    any: true,
    parts: operands.map((text) => textPart(target, "contains", [text], plain)),
  }));
  return buildIndex([{ name: "", triggers }]);
}

/** What is found, in the order in which it is taken out. */
function foundIn(index: ReturnType<typeof indexOf>, path: string, scratch: Scratch): readonly number[] {
  const facts = factsOf({ url: `https://shop.example${path}`, header: () => "", cookie: () => "" });
  reset(scratch);
  for (const one of index.probes) probe(one, facts, index.postings, scratch);
  const found: number[] = [];
  while (scratch.size > 0) found.push(pop(scratch));
  return found;
}

test("probe() finds each trigger once and pop() gives them in order, whatever was found before", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "/"), minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(
      fc.array(fc.array(letters, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 30 }),
      fc.array(fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 12 }), {
        minLength: 1,
        maxLength: 4,
      }),
      (texts, paths) => {
        const index = indexOf(...texts);
        const scratch = createScratch(index.literals, index.candidates.length);
        for (const path of paths.map((text) => `/${text}`)) {
          const wanted = texts.flatMap((each, at) => each.some((text) => path.includes(text)) ? [at] : []);
          assert.deepEqual(foundIn(index, path, scratch), wanted);
        }
      },
    ),
    { numRuns: runs(500) },
  );
});

test("reset() forgets what was found even after four thousand million requests", () => {
  const index = indexOf(["/a"], ["/b"]);
  const scratch = createScratch(index.literals, index.candidates.length);
  assert.deepEqual(foundIn(index, "/a", scratch), [0]);
  // Its number comes again: what was marked with it must not count as found.
  scratch.generation = 0xffff_fffe;
  assert.deepEqual(foundIn(index, "/a", scratch), [0]);
  assert.equal(scratch.generation, 1);
  scratch.generation = 0xffff_fffd;
  for (let request = 0; request < 4; request++) {
    assert.deepEqual(foundIn(index, "/a", scratch), [0], `${request}`);
    assert.deepEqual(foundIn(index, "/c", scratch), []);
  }
  assert.ok(scratch.generation < 100);
});

test("probe() asks for the names that there are only where the rules name more than four", () => {
  for (const [count, isListed] of [[4, false], [5, true]] as const) {
    for (const subject of ["cookie", "header"] as const) {
      const triggers = Array.from({ length: count }, (_, index) => ({
        index,
        any: false,
        parts: [textPart({ subject, name: `n${index}`, normalized: false }, "equals", ["yes"], plain)],
      }));
      const index = buildIndex([{ name: "", triggers }]);
      const scratch = createScratch(index.literals, index.candidates.length);
      const asked: string[] = [];
      const names = () => (asked.push("names"), ["n3"]);
      const value = (name: string) => (asked.push(name), name === "n3" ? "yes" : "");
      const source = { url: "https://shop.example/", header: value, cookie: value };
      reset(scratch);
      const listing = { ...source, cookieNames: names, headerNames: names };
      for (const one of index.probes) probe(one, factsOf(listing), index.postings, scratch);
      assert.deepEqual(asked, isListed ? ["names", "n3"] : ["n0", "n1", "n2", "n3"], `${subject} ${count}`);
      assert.equal(pop(scratch), 3);
      // Who cannot list them is asked for each.
      asked.length = 0;
      for (const one of index.probes) probe(one, factsOf(source), index.postings, scratch);
      assert.equal(asked.length, count);
    }
  }
});

test("probe() finds what wants a cookie or a header that is there, and not empty", () => {
  for (const subject of ["cookie", "header"] as const) {
    const target = { subject, name: "vip", normalized: false };
    const wildcard = { ...plain, wildcard: true };
    const triggers = [
      { index: 0, any: false, parts: [textPart(target, "equals", ["no"], plain)] },
      { index: 1, any: false, parts: [textPart(target, "contains", [], wildcard)] },
    ];
    const index = buildIndex([{ name: "", triggers }]);
    const scratch = createScratch(index.literals, index.candidates.length);
    for (const [value, found] of [["", []], ["yes", [1]], ["no", [0, 1]]] as const) {
      const facts = factsOf({ url: "https://shop.example/", header: () => value, cookie: () => value });
      reset(scratch);
      for (const one of index.probes) probe(one, facts, index.postings, scratch);
      const taken: number[] = [];
      while (scratch.size > 0) taken.push(pop(scratch));
      assert.deepEqual(taken, found, `${subject} ${value}`);
    }
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createPermutation } from "../../../../plugins/waiting-room/lottery/mod.ts";

function places(seed: string, count: number): number[] {
  const placeOf = createPermutation(seed, count);
  return Array.from({ length: count }, (_, at) => placeOf(at + 1));
}

test("createPermutation() gives each number one place, and each place one number (W39)", () => {
  const powers = [9, 10, 11, 12].flatMap((bits) => [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]);
  for (const count of [...Array.from({ length: 301 }, (_, count) => count), ...powers]) {
    const found = places(`seed ${count}`, count).sort((one, other) => one - other);
    assert.deepEqual(found, Array.from({ length: count }, (_, at) => at + 1), `${count} people`);
  }
});

test("createPermutation() is the same for one seed, and another for another", () => {
  assert.deepEqual(places("a", 50), places("a", 50));
  assert.notDeepEqual(places("a", 50), places("b", 50));
  assert.notDeepEqual(places("a", 50), Array.from({ length: 50 }, (_, at) => at + 1));
});

test("createPermutation() gives the only one the first place", () => {
  assert.equal(createPermutation("seed", 1)(1), 1);
});

test("createPermutation() has places for more people than there are", () => {
  const count = 2 ** 40 + 1;
  const placeOf = createPermutation("seed", count);
  const found = [1, 2, 3, count].map(placeOf);
  assert.equal(new Set(found).size, 4);
  assert.ok(found.every((place) => Number.isSafeInteger(place) && place >= 1 && place <= count));
});

test("createPermutation() refuses whoever does not take part", () => {
  const placeOf = createPermutation("seed", 10);
  for (const number of [0, 11, -1, 1.5, Number.NaN]) {
    assert.throws(() => placeOf(number), { code: "internal", message: /none of the 10 that take part/ });
  }
  assert.throws(() => createPermutation("seed", 0)(1), { code: "internal" });
  for (const count of [-1, 1.5, Number.NaN, 2 ** 53]) {
    assert.throws(() => createPermutation("seed", count), { code: "internal", message: /cannot take part/ });
  }
});

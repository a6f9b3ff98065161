import assert from "node:assert/strict";
import { test } from "node:test";
import { createPermutation } from "../../../../plugins/waiting-room/lottery/mod.ts";

/**
 * Over many seeds, because each seed is one draw: a histogram of the places of one draw is flat whatever the draw is like. The seeds are
 * fixed, so that what is found once is found always. With 8 rounds for all, 5 and 6 people fail; with 4, 10 do as well.
 */
const seeds = 30_000;

for (const count of [2, 6, 10]) {
  test(`createPermutation() gives one and two of ${count} each place as often, over ${seeds} seeds (W41)`, () => {
    const ones = new Map<number, number>();
    const pairs = new Map<string, number>();
    for (let at = 0; at < seeds; at++) {
      const placeOf = createPermutation(`draw ${at} of ${count}`, count);
      const [one, other] = [placeOf(1), placeOf(2)];
      ones.set(one, (ones.get(one) ?? 0) + 1);
      pairs.set(`${one} ${other}`, (pairs.get(`${one} ${other}`) ?? 0) + 1);
    }
    assert.deepEqual([ones.size, pairs.size], [count, count * (count - 1)]);
    for (const [place, found] of ones) isChance(found, 1 / count, `place ${place}`);
    for (const [places, found] of pairs) isChance(found, 1 / pairs.size, `places ${places}`);
  });
}

test("createPermutation() puts one of two neighbours before the other as often as behind, in a large draw (W41)", () => {
  let before = 0;
  for (let at = 0; at < seeds; at++) {
    const placeOf = createPermutation(`order ${at}`, 100_003);
    if (placeOf(41) < placeOf(42)) before++;
  }
  isChance(before, 1 / 2, "before");
});

/** Four standard deviations are met by chance in one of 16,000 cells. */
function isChance(found: number, chance: number, what: string): void {
  const z = (found - seeds * chance) / Math.sqrt(seeds * chance * (1 - chance));
  assert.ok(Math.abs(z) < 4, `${what}: z = ${z}`);
}

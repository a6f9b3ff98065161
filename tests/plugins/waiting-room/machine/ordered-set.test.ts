import assert from "node:assert/strict";
import { test } from "node:test";
import { orderedSet } from "../../../../plugins/waiting-room/machine/mod.ts";
import { randomOf } from "../../../torture/_tools.ts";

/** The same, as plainly as can be. */
function naive() {
  let members: (readonly [member: string, score: number])[] = [];
  const sort = () => members.sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  return {
    put(member: string, score: number) {
      members = [...members.filter(([name]) => name !== member), [member, score]];
      sort();
    },
    remove(member: string) {
      const { length } = members;
      members = members.filter(([name]) => name !== member);
      return members.length < length;
    },
    get members() {
      return members;
    },
  };
}

for (const seed of [1, 2, 3]) {
  test(`orderedSet() is what a sorted list is, whatever is done with it (seed ${seed})`, () => {
    const random = randomOf(seed);
    const told = new Map<string, number>();
    const set = orderedSet([], (member, score) => {
      if (score === undefined) told.delete(member);
      else told.set(member, score);
    });
    const list = naive();
    // Few scores, so that many are equal, and more members than two pages hold.
    for (let turn = 0; turn < 4000; turn++) {
      const member = `${Math.floor(random() * 1500)}.${turn % 3 === 0 ? "a" : "b"}`;
      if (random() < 0.75) {
        const score = Math.floor(random() * 200) / 2;
        set.put(member, score);
        list.put(member, score);
      } else assert.equal(set.remove(member), list.remove(member));
      if (turn % 37 !== 0) continue;
      const score = Math.floor(random() * 100);
      assert.equal(set.size, list.members.length);
      assert.equal(set.score(member), list.members.find(([name]) => name === member)?.[1]);
      assert.equal(set.lowest(), list.members[0]?.[1]);
      assert.equal(set.below(score), list.members.filter(([, each]) => each < score).length);
      assert.deepEqual(
        set.upTo(score, 50),
        list.members.filter(([, each]) => each <= score).slice(0, 50).map(([name]) => name),
      );
    }
    assert.ok(set.size > 1024);
    assert.deepEqual([...set.entries()], list.members);
    assert.deepEqual(new Map(set.entries()), told);
    assert.deepEqual([...orderedSet(set.entries()).entries()], list.members);
    set.clear();
    assert.deepEqual([set.size, set.lowest(), [...set.entries()], told.size], [0, undefined, [], 0]);
  });
}

test("orderedSet() tells nobody of a member that got the score it had, or was not there", () => {
  const told: unknown[] = [];
  const set = orderedSet([["a", 1]], (...change) => told.push(change));
  set.put("a", 1);
  set.remove("b");
  set.put("a", 2);
  set.remove("a");
  // The score, and the one before.
  assert.deepEqual(told, [["a", 2, 1], ["a", undefined, 2]]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { filmOf } from "../../site/simulation/film.ts";
import { type Plan, surge } from "../../site/simulation/settings.ts";

const plan: Plan = {
  seed: 7,
  stays: 70,
  changes: [{ atMs: 0, rate: 60, capacity: 200, arrivals: 90 }],
  surges: [],
};

test("filmOf() keeps what was before a change and before a surge, and breaks no promise in either", () => {
  const first = filmOf(plan);
  const changed = filmOf({
    ...plan,
    changes: [...plan.changes, { atMs: 600_000, rate: 300, capacity: 2000, arrivals: 90 }],
  });
  const rushed = filmOf({ ...plan, surges: [600_000] });
  for (const other of [changed, rushed]) {
    for (const name of ["waiting", "inside", "admitted", "issued", "passed"] as const) {
      assert.deepEqual(other[name].slice(0, 600), first[name].slice(0, 600), name);
    }
    assert.equal(other.broken, 0);
  }
  assert.equal(first.broken, 0);
  const at = 900;
  assert.ok((changed.passed[at] ?? 0) > (first.passed[at] ?? 0) + 100, "more are let in");
  assert.ok((rushed.issued[at] ?? 0) > (first.issued[at] ?? 0) + surge * 0.8, "more come");
});

test("filmOf() tells who was let in when: whoever was there all the time came in the order of the numbers", () => {
  const { guests, overtaken } = filmOf(plan);
  assert.ok(guests.length > 500, `${guests.length}`);
  assert.deepEqual(
    guests.map(({ number }) => number),
    guests.map(({ number }) => number).toSorted((a, b) => a - b),
  );
  assert.ok(overtaken >= 0 && overtaken < 10, `${overtaken} s`);
});

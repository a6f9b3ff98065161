import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scenarios, simulate, worldOf } from "../../../../plugins/waiting-room/simulation/mod.ts";
import { createAgenda } from "../../../../plugins/waiting-room/simulation/agenda.ts";
import { createFarLine } from "../../../../plugins/waiting-room/simulation/line.ts";
import { randomWorld } from "../../../../plugins/waiting-room/simulation/worlds.ts";
import { isTriedHere } from "../../../support/runtime-share.ts";

describe("a simulation", () => {
  test("is the same for the same seed, to the last step, and another one for another", () => {
    const [one, again, other] = [7, 7, 8].map((seed) => {
      const { world: _world, ...result } = simulate(randomWorld(seed, { losses: true, others: true }));
      return JSON.stringify(result);
    });
    assert.equal(one, again);
    assert.notEqual(one, other);
  });

  test("ends when nobody is left, and then everybody who stayed was let in", () => {
    const { left, fates, endedMs } = simulate(worldOf({
      durationMs: 86_400_000,
      endsEmpty: true,
      limits: { admitPerMinute: 600 },
      crowd: {
        waiting: 3000,
        stays: 1,
        suspended: 0,
        hidden: 0,
        patienceMs: Number.POSITIVE_INFINITY,
        pageMs: 0,
      },
    }));
    assert.deepEqual([left, fates.admitted, fates.never], [0, 3000, 0]);
    assert.ok(Math.abs(endedMs - 60_000 - 300_000) < 20_000, String(endedMs));
  });
});

describe("the agenda", () => {
  test("lets everything happen in its order, and of one time what was put down first", () => {
    const agenda = createAgenda();
    const seen: string[] = [];
    const times = [5, 3, 9, 3, 5, 0, 12, 7, 3];
    times.forEach((time, turn) => agenda.at(time, () => seen.push(`${time}.${turn}`)));
    agenda.at(4, () => agenda.in(-5, () => seen.push("at once")));
    agenda.runUntil(9);
    assert.deepEqual(seen, ["0.5", "3.1", "3.3", "3.8", "at once", "5.0", "5.4", "7.7", "9.2"]);
    assert.equal(agenda.now, 9);
  });
});

describe("the line of those who are far", () => {
  test("hands over each one once, in order, and those with one number both", () => {
    const line = createFarLine(3, 100);
    for (let number = 4; number <= 300_000; number++) {
      if (number % 3 === 0) line.join(number, number + 1, 200 + number);
    }
    line.join(6, 9, 50);
    const called: number[] = [];
    line.call(2, ({ number }) => called.push(number));
    assert.deepEqual(called, [1, 2]);
    for (let frontier = 3; frontier < 300_100; frontier += 997) {
      line.call(frontier, ({ number, tag, issuedAt }) => {
        called.push(number);
        if (number > 6) {
          assert.deepEqual([tag, issuedAt], [(number + 1).toString(36).padStart(8, "-"), 200 + number]);
        }
      });
    }
    line.call(300_000, ({ number }) => called.push(number));
    assert.equal(called.length, 3 + 99_999 + 1);
    assert.equal(called.filter((number) => number === 6).length, 2);
    assert.equal(line.size, 0);
  });
});

describe("the scenarios", () => {
  const slow = new Set([
    ...["dead-1000000", "use-6000", "use-60000", "work-6000", "work-10000000", "order-6000"],
    ...["autotune-overload", "autotune-slower"],
  ]);
  const quick = scenarios.filter(({ name }) => !slow.has(name));
  for (const { name, about, rules, run } of quick.filter((_, at) => isTriedHere(at))) {
    test(`${name}: ${about} (${rules})`, { timeout: 120_000 }, () => {
      const { figures } = run({ isQuick: true, seed: 1 });
      assert.ok(figures.length > 0);
      assert.deepEqual(figures.filter(({ ok }) => !ok), []);
    });
  }
});

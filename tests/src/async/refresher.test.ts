import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  beginning,
  createRefresher,
  goesOn,
  isDue,
  type RefresherEvent,
  type RefresherOptions,
  type RefresherState,
  step,
} from "../../../src/async/refresher.ts";

const lostMs = 100;
const never = Number.POSITIVE_INFINITY;

function after(...events: readonly RefresherEvent[]): RefresherState {
  return events.reduce(step, beginning);
}

const begun = (atMs: number): RefresherEvent => ({ type: "begun", atMs });
const ended = (attempt: number, atMs: number, dueMs: number): RefresherEvent => ({
  type: "ended",
  attempt,
  atMs,
  dueMs,
});
const closed: RefresherEvent = { type: "closed" };

describe("isDue()", () => {
  const table: readonly (readonly [
    what: string,
    state: RefresherState,
    nowMs: number,
    lateMs: number,
    due: boolean,
  ])[] = [
    ["the first attempt", after(), 0, 0, true],
    ["the first attempt, also to who leaves others time", after(), 0, 1000, true],
    ["an attempt beside one that goes on", after(begun(0)), 99, 0, false],
    ["an attempt in place of one that is lost", after(begun(0)), 100, 0, true],
    [
      "an attempt in place of one that is lost, also to who leaves others time",
      after(begun(0)),
      100,
      1e6,
      true,
    ],
    ["an attempt when the clock of one that goes on is set back a little", after(begun(500)), 401, 0, false],
    ["an attempt when the clock of one that goes on is set back further", after(begun(500)), 400, 0, true],
    ["an attempt before its time", after(begun(0), ended(1, 10, 50)), 59, 0, false],
    ["an attempt at its time", after(begun(0), ended(1, 10, 50)), 60, 0, true],
    ["an attempt that a timer may still see to", after(begun(0), ended(1, 10, 50)), 64, 5, false],
    ["an attempt that no timer has seen to", after(begun(0), ended(1, 10, 50)), 65, 5, true],
    ["an attempt after the clock was set back", after(begun(500), ended(1, 510, 50)), 509, 5, true],
    ["an attempt after the last one there is", after(begun(500), ended(1, 510, never)), 1e9, 0, false],
    [
      "an attempt after the last one, with the clock set back",
      after(begun(9), ended(1, 9, never)),
      0,
      0,
      false,
    ],
    ["an attempt of a closed one", after(closed), 0, 0, false],
    ["an attempt of a closed one, after one that was lost", after(begun(0), closed), 1000, 0, false],
  ];
  for (const [what, state, nowMs, lateMs, due] of table) {
    test(`finds ${what} ${due ? "due" : "not due"}`, () => {
      assert.equal(isDue(state, nowMs, lostMs, lateMs), due);
    });
  }
});

describe("step()", () => {
  test("counts attempts, and takes the end of none but the last", () => {
    const state = after(begun(0), begun(100));
    assert.equal(state.attempt, 2);
    assert.equal(step(state, ended(1, 110, 50)), state);
    assert.equal(goesOn(state, 110, lostMs), true);
    assert.equal(goesOn(step(state, ended(2, 110, 50)), 110, lostMs), false);
  });

  test("leaves the states before as they were", () => {
    const state = Object.freeze(after(begun(0)));
    assert.deepEqual(step(state, ended(1, 10, 50)), {
      attempt: 1,
      isRunning: false,
      sinceMs: 10,
      dueAtMs: 60,
      isClosed: false,
    });
    assert.equal(step(state, closed).isRunning, true);
  });
});

/** A refresher with a clock that the test turns, and timers that it rings. */
function world(options: Partial<RefresherOptions> = {}) {
  const clock = { now: 0 };
  const timers = new Map<() => void, number>();
  const woken: number[] = [];
  const refresher = createRefresher<string>({
    lostMs,
    rest: () => ({ dueMs: 50, timerMs: 50 }),
    wake: () => void woken.push(clock.now),
    now: () => clock.now,
    schedule(callback, ms) {
      timers.set(callback, clock.now + ms);
      return () => timers.delete(callback);
    },
    ...options,
  });
  return { clock, timers, woken, refresher };
}

describe("createRefresher()", () => {
  test("sets no timer before the first attempt has ended, and one after each", async () => {
    const { clock, timers, woken, refresher } = world();
    assert.deepEqual([timers.size, refresher.isTimed()], [0, false]);
    const first = Promise.withResolvers<string>();
    const attempt = refresher.begin(() => first.promise);
    assert.equal(refresher.current(0), attempt);
    assert.equal(timers.size, 0);
    clock.now = 10;
    first.resolve("a");
    assert.equal(await attempt, "a");
    assert.equal(refresher.current(10), undefined);
    assert.deepEqual([...timers.values()], [60]);
    assert.equal(refresher.isTimed(), true);
    for (const ring of timers.keys()) ring();
    assert.deepEqual(woken, [10]);
    await refresher.begin(() => Promise.resolve("b"));
    assert.equal(timers.size, 1, "the one before is called off");
  });

  test("goes on after an attempt that fails, whose failure is the caller's", async () => {
    const { clock, timers, refresher } = world();
    await assert.rejects(refresher.begin(() => Promise.reject(new Error("gone"))), { message: "gone" });
    assert.equal(timers.size, 1);
    assert.equal(refresher.isDue(49), false);
    clock.now = 50;
    assert.equal(refresher.isDue(50), true);
    assert.equal(await refresher.begin(() => Promise.resolve("back")), "back");
    assert.equal(refresher.isDue(99), false);
  });

  test("gives a lost attempt up, and tells it that it is not the last one when it comes after all", async () => {
    const { clock, timers, refresher } = world();
    const late = Promise.withResolvers<void>();
    const seen: boolean[] = [];
    const lost = refresher.begin(async (isLast) => {
      await late.promise;
      seen.push(isLast());
      return "old";
    });
    clock.now = 100;
    assert.equal(refresher.current(100), undefined);
    assert.equal(refresher.isDue(100), true);
    const next = Promise.withResolvers<string>();
    const second = refresher.begin((isLast) => next.promise.finally(() => seen.push(isLast())));
    late.resolve();
    assert.equal(await lost, "old");
    assert.equal(refresher.current(100), second, "the end of the lost one is not that of its successor");
    assert.equal(timers.size, 0);
    next.resolve("new");
    await second;
    assert.deepEqual(seen, [false, true]);
    assert.equal(timers.size, 1);
  });

  test("takes a lost attempt that comes before its successor is begun", async () => {
    const { clock, refresher } = world();
    const late = Promise.withResolvers<string>();
    const lost = refresher.begin(() => late.promise);
    clock.now = 1000;
    late.resolve("late");
    await lost;
    assert.equal(refresher.isDue(1049), false);
    assert.equal(refresher.isDue(1050), true);
  });

  test("leaves it to requests where no timer can be set, or none is wanted", async () => {
    const throws = () => {
      throw new Error("not outside of a request");
    };
    for (const options of [{ schedule: throws }, { wake: undefined }, { rest: () => ({ dueMs: 50 }) }]) {
      // A member that is undefined takes the place of the one that is set.
      const { refresher, timers } = world(options as Partial<RefresherOptions>);
      await refresher.begin(() => Promise.resolve("a"));
      assert.deepEqual([timers.size, refresher.isTimed()], [0, false]);
      assert.deepEqual([refresher.isDue(49), refresher.isDue(50)], [false, true]);
    }
  });

  test("measures an attempt by the clock that it is given", async () => {
    const { clock, refresher } = world();
    clock.now = 5000;
    await refresher.begin(() => Promise.resolve("a"), () => 1000);
    assert.deepEqual([refresher.isDue(1049), refresher.isDue(1050)], [false, true]);
  });

  test("takes note of an attempt that took no time", () => {
    const { clock, timers, refresher } = world();
    clock.now = 7;
    refresher.ended();
    assert.deepEqual([...timers.values()], [57]);
    assert.deepEqual([refresher.isDue(56), refresher.isDue(57)], [false, true]);
  });

  test("does nothing more by itself once it is closed, and lets an attempt come to its end", async () => {
    const { timers, refresher } = world();
    await refresher.begin(() => Promise.resolve("a"));
    const rest = Promise.withResolvers<string>();
    const attempt = refresher.begin(() => rest.promise);
    refresher.close();
    assert.equal(timers.size, 0);
    rest.resolve("b");
    assert.equal(await attempt, "b");
    assert.deepEqual([timers.size, refresher.isTimed(), refresher.isDue(1e6)], [0, false, false]);
  });

  test("keeps no process alive by the timers of the platform", async () => {
    const refresher = createRefresher<string>({
      lostMs,
      rest: () => ({ dueMs: 60_000, timerMs: 60_000 }),
      wake() {},
    });
    await refresher.begin(() => Promise.resolve("a"));
    assert.equal(refresher.isTimed(), true);
    // Left open on purpose: this file would not end.
  });
});

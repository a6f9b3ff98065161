import assert from "node:assert/strict";
import { test } from "node:test";
import { schedule } from "../../../src/async/schedule.ts";

/** Runs something with timers that are kept and never ring. */
function withTimers(
  timer: unknown,
  run: () => void,
): { readonly set: unknown[]; readonly cleared: unknown[] } {
  const { setTimeout, clearTimeout } = globalThis;
  const [set, cleared]: [unknown[], unknown[]] = [[], []];
  globalThis.setTimeout = ((callback: unknown, ms: unknown) => (set.push(callback, ms), timer)) as never;
  globalThis.clearTimeout = ((given: unknown) => void cleared.push(given)) as never;
  try {
    run();
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
  return { set, cleared };
}

test("schedule() sets a timer of the platform, whatever that is, and calls it off", () => {
  const callback = () => {};
  for (const timer of [5, undefined, null, "timer", {}, { unref: 5 }, { unref: undefined }]) {
    const { set, cleared } = withTimers(timer, () => schedule(callback, 250)());
    assert.deepEqual([set, cleared], [[callback, 250], [timer]], String(timer));
  }
});

test("schedule() lets a process end that has nothing else to do, where the platform can", () => {
  let released = 0;
  const timer = {
    unref() {
      assert.equal(this, timer);
      released++;
    },
  };
  withTimers(timer, () => void schedule(() => {}, 250));
  assert.equal(released, 1);
  const callable = Object.assign(() => {}, { unref: () => void released++ });
  withTimers(callable, () => void schedule(() => {}, 250));
  assert.equal(released, 1, "a timer is an object, if it is no number");
});

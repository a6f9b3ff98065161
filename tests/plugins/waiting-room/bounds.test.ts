import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore, type RoomStore, waitingRoom } from "../../../plugins/waiting-room/mod.ts";

/** A store that is fast enough for few. */
function smallStore(): RoomStore {
  return { ...memoryStore(), name: "small", bounds: { people: 100, admissionsPerMinute: 50 } };
}

const cases: readonly [limits: object, told: readonly string[]][] = [
  [{ admitPerMinute: 50, capacity: 100 }, []],
  [{ admitPerMinute: 50 }, []],
  [{ admitPerMinute: 50, capacity: 101 }, [
    'waiting-room: room "main" may have 101 people inside, and the store "small" is fast enough for 100: use redisStore()',
  ]],
  [{ admitPerMinute: 51 }, [
    'waiting-room: room "main" may have 51 admissions a minute, and the store "small" is fast enough for 50: use redisStore()',
  ]],
];

for (const [limits, told] of cases) {
  test(`waitingRoom() tells of ${JSON.stringify(limits)} on a small store: ${told.length === 0 ? "nothing" : "once"}`, () => {
    const warnings: string[] = [];
    const secretKeys = ["a key of more than thirty-two bytes!"];
    waitingRoom({
      ...limits,
      store: smallStore(),
      secretKeys,
      warn: (message: string) => void warnings.push(message),
    });
    assert.deepEqual(warnings, told);
  });
}

test("waitingRoom() tells how its store is doing, beside a single room, and by itself beside several", () => {
  const store: RoomStore = { ...memoryStore(), health: () => ({ conflicts: 3 }) };
  const secretKeys = ["a key of more than thirty-two bytes!"];
  const single = waitingRoom({ admitPerMinute: 60, store, secretKeys }).health?.();
  assert.deepEqual([single?.["conflicts"], single?.["storeFailing"]], [3, false]);
  const rooms = [{ name: "a", match: { path: "/a" }, capacity: 1 }, { name: "b", capacity: 1 }];
  assert.deepEqual(waitingRoom({ rooms, store, secretKeys }).health?.(), { conflicts: 3 });
});

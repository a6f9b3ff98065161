/** What the owner of a room does to it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type OperatedRoom,
  type RoomOrder,
  type RoomStore,
  waitingRoom,
  type WaitingRoomOptions,
} from "../../../plugins/waiting-room/mod.ts";
import { memoryStore } from "../../../plugins/waiting-room/stores/memory.ts";
import { metrics } from "../../../plugins/metrics/mod.ts";
import { start } from "./_node.ts";
import { roomBench } from "./_room.ts";

/** The only room of a plugin. */
function roomOf(options: Partial<WaitingRoomOptions> = {}): OperatedRoom {
  // What is left out of several rooms the types cannot tell here.
  const all = { admitPerMinute: 60, now: () => start, warn() {}, ...options } as WaitingRoomOptions;
  const [room] = waitingRoom(all).rooms;
  assert.ok(room);
  return room;
}

/** What a store in memory is with a clock of the test. */
function storeAt(clock: { now: number }): RoomStore {
  return memoryStore({ now: () => clock.now });
}

const by = "Zoë";

test("waitingRoom() has each of its rooms for whoever runs them", async () => {
  const provider = waitingRoom({
    rooms: [{ name: "hall", match: { path: "/hall" }, admitPerMinute: 60 }, { name: "rest", capacity: 5 }],
    warn() {},
  });
  assert.deepEqual(provider.rooms.map(({ name }) => name), ["hall", "rest"]);
  const [, rest] = provider.rooms;
  assert.equal((await rest?.status())?.limits.capacity, 5);
});

const orders: readonly (readonly [order: RoomOrder, found: object])[] = [
  [{ mode: "paused" }, { mode: "paused" }],
  [{ mode: "open" }, { mode: "open" }],
  [{ mode: "draining" }, { mode: "draining" }],
  [{ mode: "closed" }, { mode: "closed" }],
  [{ mode: "sold-out" }, { mode: "sold-out" }],
  [{ mode: "bypass" }, { mode: "bypass" }],
  [{ note: "Doors open at eight" }, { note: "Doors open at eight" }],
  [{ note: "" }, { note: "" }],
  [{ opensAt: "2030-01-16T12:00:00Z" }, { mode: "scheduled", opensAt: start + 86_400_000 }],
  [{ closesAt: new Date(start + 1000) }, { closesAt: start + 1000 }],
  [{ closesAt: "never" }, { closesAt: 0 }],
  [{ dropTheLine: "drop the line" }, { epoch: 2 }],
];

for (const [order, found] of orders) {
  test(`a room takes the order ${JSON.stringify(order)}`, async () => {
    const room = roomOf({ store: storeAt({ now: start }) });
    const { revision } = await room.status();
    const result = await room.change(order, { by, revision });
    assert.equal(result.is, "changed");
    const { limits: _, ...status } = result.status;
    assert.deepEqual({ ...status, ...found }, status);
    assert.equal(status.revision, revision + 1);
  });
}

test("a room with autotune takes who sets the rate, and another one says that nobody tunes it", async () => {
  const autotune = { targetMs: 300, min: 6, max: 600 };
  const room = roomOf({ capacity: 10, autotune, store: storeAt({ now: start }) });
  for (
    const [order, heldSince] of [
      [{ rate: "held" }, start],
      [{ rate: "tuned" }, 0],
      [{ admitPerMinute: 7 }, start],
      [{ admitPerMinute: 70, rate: "tuned" }, 0],
    ] as const
  ) {
    const { revision } = await room.status();
    const { status } = await room.change(order, { by, revision });
    assert.equal(status.tuned?.heldSince, heldSince, JSON.stringify(order));
  }
  assert.deepEqual((await room.records()).map(({ order }) => order["rate"]), [
    "held",
    "tuned",
    undefined,
    "tuned",
  ]);
  await assert.rejects(
    roomOf({ store: storeAt({ now: start }) }).change({ rate: "tuned" }, { by, revision: 0 }),
    /"rate" must be ordered of a room with autotune, which this one has not, received "tuned"/,
  );
});

test("a room takes limits in the units of its options, and leaves the others", async () => {
  const room = roomOf({ capacity: 10, burstSeconds: 4 });
  const order = { admitPerMinute: 0.5, capacity: "unlimited", sessionMinutes: 2, returnMinutes: 3 } as const;
  const { status } = await room.change(order, { by, revision: 0 });
  assert.deepEqual(status.limits, {
    admitPerMinute: 0.5,
    burstSeconds: 4,
    capacity: -1,
    sessionMs: 120_000,
    returnMs: 180_000,
    recovery: "strict",
  });
});

const wrong: readonly (readonly [order: unknown, message: string])[] = [
  [
    {},
    "must be an object with one of mode, admitPerMinute, rate, burstSeconds, capacity, sessionMinutes, returnMinutes, note, opensAt, closesAt, dropTheLine",
  ],
  [{ mode: "scheduled" }, '"mode" must be one of'],
  [{ admitPerMinute: -1 }, '"admitPerMinute" must be a number from 0 to 600000, received -1'],
  [{ admitPerMinute: "60" }, '"admitPerMinute" must be a number'],
  [{ capacity: 1.5 }, '"capacity" must be an integer from 0 to 1000000, received 1.5'],
  [{ capacity: -1 }, '"capacity" must be an integer from 0 to 1000000, received -1'],
  [{ note: "n".repeat(501) }, '"note" must be a text of at most 500 characters'],
  [{ opensAt: "tomorrow" }, '"opensAt" must be a date, or a text with its time zone'],
  [{ closesAt: "2030-01-15T12:00:00" }, '"closesAt" must be a date, or a text with its time zone'],
  [{ dropTheLine: true }, '"dropTheLine" must be the words "drop the line": it takes everybody\'s place'],
  [{ pause: true }, 'unknown option "pause", the options are mode'],
  ["paused", "options must be an object"],
];

for (const [order, message] of wrong) {
  test(`a room refuses the order ${JSON.stringify(order).slice(0, 60)} and stays as it is`, async () => {
    const room = roomOf();
    await assert.rejects(room.change(order as RoomOrder, { by, revision: 0 }), (error: Error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.ok(error.message.startsWith("Cannot create change of a room: "), error.message);
      assert.ok(error.message.includes(message), error.message);
      return true;
    });
    assert.equal((await room.status()).revision, 0);
    assert.deepEqual(await room.records(), []);
  });
}

test("a room refuses to close before it opens, and says which times these are", async () => {
  const room = roomOf({ opensAt: "2030-01-16T12:00:00Z", closesAt: "2030-01-16T14:00:00Z" });
  await assert.rejects(room.change({ closesAt: "2030-01-16T11:00:00Z" }, { by, revision: 0 }), {
    name: "RangeError",
    message:
      'Cannot create change of a room: "closesAt" must be later than opensAt, which is 2030-01-16T12:00:00.000Z, received "2030-01-16T11:00:00.000Z"',
  });
  await assert.rejects(room.change({ opensAt: "2030-01-16T15:00:00Z" }, { by, revision: 0 }), {
    name: "RangeError",
    message: /"opensAt" must be before closesAt, which is 2030-01-16T14:00:00\.000Z/,
  });
});

test("a room that is closed does not take another closing alone, and opens until then where that is ordered", async () => {
  const room = roomOf();
  await room.change({ mode: "closed" }, { by, revision: 0 });
  const closesAt = "2030-01-16T14:00:00Z";
  const said =
    /"closesAt" must be ordered after the room was opened, or together with that or with an opening to come, since it is closed, received "2030-01-16T14/;
  for (const more of [{}, { mode: "closed" }, { opensAt: "2020-01-16T12:00:00Z" }] as const) {
    await assert.rejects(room.change({ closesAt, ...more }, { by, revision: 1 }), {
      name: "RangeError",
      message: said,
    });
  }
  await room.change({ closesAt: "never" }, { by, revision: 1 });
  const opened = await room.change({ closesAt, mode: "open" }, { by, revision: 2 });
  assert.deepEqual([opened.status.mode, opened.status.closesAt], ["open", Date.parse(closesAt)]);
  await room.change({ mode: "closed" }, { by, revision: 3 });
  const to = await room.change({ closesAt, opensAt: "2030-01-16T12:00:00Z" }, { by, revision: 4 });
  assert.equal(to.status.mode, "scheduled");
});

test("a room refuses a change without an author, and one without the revision that was seen", async () => {
  const room = roomOf();
  const change = (options: unknown) =>
    room.change({ mode: "paused" }, options as { by: string; revision: number });
  await assert.rejects(change({ revision: 0 }), /"by" must be 1 to 80 printable characters/);
  await assert.rejects(change({ by: "a\nb", revision: 0 }), /"by" must be 1 to 80 printable characters/);
  await assert.rejects(change({ by }), /"revision" must be an integer from 0/);
  await assert.rejects(change(undefined), /options must be an object/);
  assert.equal((await room.status()).mode, "open");
});

test("of two who saw the same revision one changes the room, and the other is told of a conflict", async () => {
  const store = storeAt({ now: start });
  const [first, second] = [roomOf({ store }), roomOf({ store })];
  const { revision } = await first.status();
  await second.status();
  const results = await Promise.all([
    first.change({ mode: "paused" }, { by: "Anna", revision }),
    second.change({ mode: "closed" }, { by: "Ben", revision }),
  ]);
  assert.deepEqual(results.map(({ is }) => is).sort(), ["changed", "conflict"]);
  const records = await first.records();
  assert.equal(records.length, 1);
  const winner = results[0]?.is === "changed" ? ["Anna", "paused"] : ["Ben", "closed"];
  assert.deepEqual([records[0]?.by, records[0]?.order["mode"]], winner);
  assert.equal((await second.status()).mode, winner[1]);
});

test("a record says who changed what, when, which revision they saw, and which one it made", async () => {
  const room = roomOf({ store: storeAt({ now: start }) });
  await room.change({ mode: "paused", note: "<b>Soon</b>" }, { by, revision: 0 });
  await room.change({ opensAt: new Date(start + 60_000), capacity: "unlimited" }, { by: "Ben", revision: 1 });
  assert.deepEqual(await room.records(), [
    { atMs: start, by, saw: 0, revision: 1, order: { mode: "paused", note: "<b>Soon</b>" } },
    {
      atMs: start,
      by: "Ben",
      saw: 1,
      revision: 2,
      order: { opensAt: "2030-01-15T12:01:00.000Z", capacity: "unlimited" },
    },
  ]);
});

test("records that others wrote beside the room are left out", async () => {
  const store = storeAt({ now: start });
  const room = roomOf({ store });
  for (const text of ["", "null", "[]", "{}", '{"atMs":1,"by":"a\\nb","saw":0,"order":{}}', '{"atMs":1}']) {
    await store.record?.("stanchion:main", text);
  }
  await room.change({ mode: "paused" }, { by, revision: 0 });
  assert.deepEqual((await room.records()).map((record) => record.by), [by]);
});

test("a store that keeps no records has those of this process", async () => {
  const { record: _, records: __, ...store } = storeAt({ now: start });
  const room = roomOf({ store });
  for (let revision = 0; revision < 103; revision++) {
    await room.change({ note: `${revision}` }, { by, revision });
  }
  const records = await room.records();
  assert.deepEqual([records.length, records[0]?.saw, records.at(-1)?.saw], [100, 3, 102]);
});

test("a change that no record can be kept of is in force, and its author is told", async () => {
  const store: RoomStore = { ...storeAt({ now: start }), record: () => Promise.reject(new Error("full")) };
  const room = roomOf({ store });
  const result = await room.change({ mode: "paused" }, { by, revision: 0 });
  assert.deepEqual([result.is, result.status.mode, result.is === "changed" && result.isRecorded], [
    "changed",
    "paused",
    false,
  ]);
});

test("a change that the store did not answer is recorded as one of which nobody knows, and told as a failure", async () => {
  const inner = storeAt({ now: start });
  const store: RoomStore = {
    ...inner,
    async run(room, batch) {
      const answer = await inner.run(room, batch);
      if (batch.commands.some((command) => command.do === "control")) throw new Error("the answer got lost");
      return answer;
    },
  };
  const room = roomOf({ store });
  await room.status();
  await assert.rejects(room.change({ mode: "paused" }, { by, revision: 0 }), { code: "unreachable" });
  const [record, ...others] = await room.records();
  assert.deepEqual(others, []);
  assert.ok(record !== undefined && record.atMs >= start);
  assert.deepEqual({ ...record, atMs: start }, { atMs: start, by, saw: 0, order: { mode: "paused" } });
});

test("a change is in force on eight processes within two seconds", async () => {
  const clock = { now: start };
  const store = storeAt(clock);
  const benches = Array.from(
    { length: 8 },
    () => roomBench({ store, now: () => clock.now, admitPerMinute: 6000 }),
  );
  for (const bench of benches) assert.equal((await bench.browser().open("/")).served, true);
  const [room] = (benches[0]?.provider as ReturnType<typeof waitingRoom>).rooms;
  const { revision } = await room?.status() ?? {};
  await room?.change({ mode: "sold-out", note: "All gone" }, { by, revision: revision ?? -1 });
  clock.now += 2000;
  for (const bench of benches) {
    await bench.pass(2000);
    const { text, reason, status } = await bench.browser().open("/");
    assert.equal(reason, "waiting-room/sold-out");
    assert.equal(status, 503);
    assert.match(text, /All gone/);
  }
});

test("records and orders survive a restart from a snapshot", async () => {
  const items = new Map<string, string>();
  const snapshot = {
    getItem: (key: string) => items.get(key),
    setItem: (key: string, value: string) => items.set(key, value),
  };
  const store = memoryStore({ snapshot, now: () => start });
  await roomOf({ store }).change({ mode: "paused" }, { by, revision: 0 });
  await store.close?.();
  const again = roomOf({ store: memoryStore({ snapshot, now: () => start }) });
  assert.equal((await again.status()).mode, "paused");
  assert.deepEqual((await again.records()).map((record) => record.order), [{ mode: "paused" }]);
});

test("a room tells its figures, and how its store does", async () => {
  const bench = roomBench({ admitPerMinute: 60, capacity: 3, burstSeconds: 0 });
  const [room] = (bench.provider as ReturnType<typeof waitingRoom>).rooms;
  assert.ok(room);
  assert.equal(room.last, undefined);
  assert.deepEqual(room.store(), { storeFailing: false, storeFailures: 0, queued: 0 });
  for (let visitor = 0; visitor < 5; visitor++) await bench.browser().open("/");
  const status = await room.status();
  const { storeLatencyMs, statusAgeMs, ...figures } = room.figures(status);
  assert.ok(statusAgeMs !== undefined && statusAgeMs >= 0);
  assert.ok(storeLatencyMs !== undefined && storeLatencyMs >= 0);
  assert.deepEqual(figures, {
    storeFailing: false,
    storeFailures: 0,
    queued: 0,
    mode: "open",
    present: 2,
    far: 0,
    inside: 3,
    capacity: 3,
    admitPerMinute: 60,
    admittedPerMinute: 0,
    numbers: 5,
    joined: 5,
    admitted: 3,
    lapsed: 0,
    left: 0,
    recoveries: 0,
    revision: 0,
  });
  bench.store.fault = () => Promise.reject(new Error("down"));
  await bench.pass(2000);
  await assert.rejects(room.status(), { code: "unreachable" });
  assert.equal(room.store().storeFailing, true);
  assert.equal(room.store().storeFailures, 1);
});

test("metrics have the same figures of each room, under a name of its own", async () => {
  const rooms = [
    { name: "hall", match: { path: "/hall" }, admitPerMinute: 60, capacity: 1 },
    { name: "rest", capacity: 5 },
  ];
  const counted = metrics();
  const bench = roomBench({ rooms }, [counted]);
  for (let visitor = 0; visitor < 3; visitor++) await bench.browser().open("/hall");
  await bench.browser().open("/");
  const lines = counted.text(bench.gate).split("\n");
  const hall = (name: string) => {
    const start = `stanchion_plugin_${name}{plugin="waiting-room-hall"`;
    return lines.find((line) => line.startsWith(start))?.split(" ").at(-1);
  };
  const found = [
    "present",
    "far",
    "inside",
    "capacity",
    "admit_per_minute",
    "admitted",
    "joined",
    "store_failing",
  ];
  assert.deepEqual(found.map(hall), ["2", "0", "1", "1", "60", "1", "3", "0"]);
  assert.ok(Number(hall("store_latency_seconds")) >= 0);
  assert.ok(Number(hall("status_age_seconds")) >= 0);
  assert.ok(lines.includes('stanchion_plugin_inside{plugin="waiting-room-rest"} 1'));
  const decisions = lines.filter((line) => line.startsWith("stanchion_decisions_total")).join("\n");
  for (const reason of ["admitted", "waiting"]) {
    assert.ok(decisions.includes(`waiting-room/${reason}`), decisions);
  }
});

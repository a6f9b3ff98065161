import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createState,
  recordOf,
  type RoomState,
  type RoomStatus,
  step,
} from "../../../plugins/waiting-room/machine/mod.ts";
import { memoryStore } from "../../../plugins/waiting-room/stores/memory.ts";
import type { RoomStore } from "../../../plugins/waiting-room/stores/store.ts";
import {
  storeContract,
  type StoreContractOptions,
  type TestedStore,
} from "../../../plugins/waiting-room/testing/mod.ts";
import { firstTime } from "../../../plugins/waiting-room/testing/kinds.ts";
import { worldOf } from "../../../plugins/waiting-room/testing/worlds.ts";

storeContract({ name: "memoryStore()", test, create: (now) => ({ store: memoryStore({ now }) }) });

/** What the suite says of a store: nothing of one that is right. */
async function complaintsOf(
  create: StoreContractOptions["create"],
  options: Partial<StoreContractOptions> = {},
): Promise<string> {
  const runs: (() => Promise<void>)[] = [];
  storeContract({ name: "tried", create, test: (_, run) => runs.push(run), batches: 2000, ...options });
  const said: string[] = [];
  for (const run of runs) await run().catch((error: unknown) => said.push(String(error)));
  return said.join("\n");
}

/** A store in memory that can be seen and can lose what it has, and whose machine is changed. */
function faulty(now: () => number, change: (state: RoomState, batch: number) => void): TestedStore {
  const rooms = new Map<string, RoomState>();
  const statuses = new Map<string, RoomStatus>();
  let batches = 0;
  const store: RoomStore = {
    ...memoryStore({ now }),
    run(room, batch) {
      const clock = now();
      const state = rooms.get(room) ?? createState(batch.room, clock, false);
      rooms.set(room, state);
      const answered = step(state, batch, clock);
      change(state, batches++);
      statuses.set(room, answered.status);
      return Promise.resolve(answered);
    },
    status: (room) => Promise.resolve(statuses.get(room)),
  };
  const inspect = (room: string) => {
    const state = rooms.get(room);
    return Promise.resolve(state === undefined ? undefined : recordOf(state));
  };
  return { store, inspect };
}

const faults: readonly (readonly [name: string, change: (state: RoomState, batch: number) => void])[] = [
  ["forgets a session", ({ sessions }, batch) => {
    if (batch >= 500 && batch < 600) {
      for (const [member] of [...sessions.entries()]) sessions.remove(member);
    }
  }],
  ["counts a little wrong", (state, batch) => void (batch === 700 && (state.share += 1e-16 * 4))],
  ["has its clock wrong by a millisecond", (state, batch) => void (batch === 100 && state.offset++)],
  ["lets the lapse line lag", ({ line }) => void (line[1] = line[0] ?? 0)],
];

for (const [name, change] of faults) {
  test(`storeContract() finds a store that ${name}, and tells the seed`, async () => {
    const said = await complaintsOf((now) => faulty(now, change), { inspectEvery: 1 });
    assert.match(said, /batch \d+ of seed \d+: .* is .*, and should be /);
    const [, batch, seed = ""] = /batch (\d+) of seed (\d+)/.exec(said) ?? [];
    assert.ok(Number(batch) > 0 && Number(seed) > 0);
  });
}

test("storeContract() finds a store that answers wrong, fails, or takes a batch that is too long", async () => {
  const wrong = await complaintsOf((now) => {
    const store = memoryStore({ now });
    return {
      store: {
        ...store,
        async run(room, batch) {
          const { outcomes, status } = await store.run(room, batch);
          return {
            outcomes: outcomes.map((each) => each.is === "waiting" ? { ...each, rank: 0 } : each),
            status,
          };
        },
      },
    };
  });
  assert.match(wrong, /outcomes\.\d+\.rank is 0, and should be \d+/);
  const failing = await complaintsOf(() => {
    const store = memoryStore();
    return { store: { ...store, run: () => Promise.reject(new Error("no")) } };
  });
  assert.match(failing, /the store failed\. To replay it, give storeContract\(\) seed: 1/);
});

const everything = "bring every outcome, every mode, losses, and more than one sweep takes";

// It is long on a machine that has more to do.
test(`the worlds of storeContract() ${everything}`, { timeout: 120_000 }, () => {
  const found = new Set<string>();
  for (let seed = 1; seed <= 400; seed++) {
    const world = worldOf(seed);
    let state: RoomState | undefined;
    let now = firstTime;
    for (let batch = 0; batch < world.batches;) {
      const event = world.next(now);
      if (event.is !== "batch") {
        found.add(event.is);
        if (event.is === "lose" && event.everything) state = undefined;
        continue;
      }
      batch++;
      now += event.ms;
      state ??= createState(event.asked.room, now, true);
      const sizes = { ...sizesOf(state) };
      const answer = step(state, event.asked, now);
      world.answered(event.asked, answer);
      for (const { is } of answer.outcomes) found.add(is);
      found.add(answer.status.mode);
      found.add(`drawn by ${answer.status.drawnBy}`);
      if (answer.status.recoveries > 0) found.add("recovered");
      if (answer.status.ghosts > 0) found.add("ghosts");
      if (answer.status.tuned !== undefined) found.add(`tuned: ${answer.status.tuned.why}`);
      for (const name of ["expiry", "sessions"] as const) {
        if (sizes[name] - state[name].size >= 800) found.add(`swept ${name}`);
      }
      for (const name of ["front", "asleep", "sessions", "spent", "recent", "identities", "over"] as const) {
        if (state[name].size > 0) found.add(name);
        if (state[name].size > 1000) found.add(`many ${name}`);
      }
    }
  }
  const expected = [
    ...[
      "admitted",
      "waiting",
      "far",
      "registered",
      "lapsed",
      "unknown",
      "later",
      "closed",
      "renewed",
      "ended",
      "left",
      "ok",
      "conflict",
    ],
    ...["scheduled", "open", "paused", "draining", "sold-out", "bypass"],
    ...["drawn by beacon", "drawn by committed", "drawn by arrival"],
    ...["keep", "lose", "recovered", "ghosts", "swept expiry", "swept sessions"],
    ...["front", "asleep", "sessions", "spent", "recent", "identities", "over"],
    ...["slow", "errors", "used", "unused", "few", "held"].map((why) => `tuned: ${why}`),
    ...["many front", "many sessions", "many spent", "many recent"],
  ];
  assert.deepEqual(expected.filter((name) => !found.has(name)), []);
});

function sizesOf({ expiry, sessions }: RoomState) {
  return { expiry: expiry.size, sessions: sessions.size };
}

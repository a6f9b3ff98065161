import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../../plugins/waiting-room/stores/memory.ts";
import type { StateRecord } from "../../../plugins/waiting-room/machine/mod.ts";
import type { RoomStore } from "../../../plugins/waiting-room/stores/store.ts";
import { storeContract } from "../../../plugins/waiting-room/testing/mod.ts";
import { checkIn, entering, numbersOf, openRoom, start } from "./_rooms.ts";

/** A storage that keeps texts, and whatever tests do to it. */
function snapshotOf(items: Map<string, unknown> = new Map()) {
  const warnings: string[] = [];
  const snapshot = {
    items,
    warnings,
    writes: 0,
    getItem: (key: string): unknown => items.get(key),
    setItem(key: string, value: string): unknown {
      snapshot.writes++;
      items.set(key, value);
      return undefined;
    },
  };
  const store = (now: () => number = () => start): RoomStore =>
    memoryStore({ snapshot, snapshotMs: 10, now, warn: (message) => void warnings.push(message) });
  return Object.assign(snapshot, { store });
}

const key = "stanchion:room:hall";
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

storeContract({
  name: "memoryStore() that is restarted from its snapshot",
  test,
  batches: 1000,
  create(now) {
    const snapshot = snapshotOf();
    let store = snapshot.store(now);
    let asked = 0;
    const restart = async () => {
      await store.close?.();
      store = snapshot.store(now);
    };
    return {
      store: {
        ...store,
        async run(room, batch) {
          if (++asked % 20 === 0) await restart();
          return store.run(room, batch);
        },
        status: (room) => store.status(room),
      },
      async inspect(room) {
        await restart();
        const text = snapshot.items.get(`stanchion:room:${room}`);
        return text === undefined ? undefined : JSON.parse(String(text)) as StateRecord;
      },
      async keep(room) {
        await restart();
        const kept = snapshot.items.get(`stanchion:room:${room}`);
        return async () => {
          await restart();
          if (kept === undefined) snapshot.items.delete(`stanchion:room:${room}`);
          else snapshot.items.set(`stanchion:room:${room}`, kept);
        };
      },
    };
  },
});

test("memoryStore() answers at once, and writes behind its answers, together what came together", async () => {
  const snapshot = snapshotOf();
  const store = snapshot.store();
  for (let count = 0; count < 5; count++) {
    await store.run("hall", { room: openRoom, seen: undefined, commands: entering(1, `v${count}`) });
  }
  assert.equal(snapshot.writes, 0);
  await wait(60);
  assert.equal(snapshot.writes, 1);
  await wait(60);
  assert.equal(snapshot.writes, 1, "what does not change is not written again");
  assert.equal((JSON.parse(String(snapshot.items.get(key))) as StateRecord).scalars["issued"], 5);
  await store.close?.();
});

test("memoryStore() goes on from its snapshot after a restart, also from a storage that gives back what JSON says", async () => {
  for (const form of ["text", "value"] as const) {
    const snapshot = snapshotOf();
    const first = snapshot.store();
    const { outcomes } = await first.run("hall", { room: openRoom, seen: undefined, commands: entering(40) });
    await first.close?.();
    if (form === "value") snapshot.items.set(key, JSON.parse(String(snapshot.items.get(key))));
    const second = snapshot.store(() => start + 1000);
    assert.equal((await second.status("hall"))?.issued, 40);
    const again = await second.run("hall", { room: openRoom, seen: undefined, commands: entering(40) });
    assert.deepEqual(numbersOf(again.outcomes), numbersOf(outcomes));
    assert.equal(again.status.recoveries, 0);
    assert.deepEqual(snapshot.warnings, []);
  }
});

test("memoryStore() keeps the key that signs tickets beside its snapshot, and none without one", async () => {
  const snapshot = snapshotOf();
  assert.equal(await snapshot.store().secret?.("first"), "first");
  assert.equal(await snapshot.store().secret?.("second"), "first");
  assert.deepEqual([...snapshot.items.keys()], ["stanchion:secret"]);
  assert.equal(memoryStore().secret, undefined);
});

test("memoryStore() takes the key that is offered where none can be read or written, says so, and overwrites none", async () => {
  for (const method of ["getItem", "setItem"] as const) {
    const snapshot = snapshotOf();
    Object.assign(snapshot, { [method]: () => Promise.reject(new Error("a secret")) });
    assert.equal(await snapshot.store().secret?.("first"), "first");
    assert.equal(snapshot.items.size, 0);
    assert.match(
      snapshot.warnings.join(),
      /^memory store: the key that signs tickets cannot be kept \(Error\)/,
    );
  }
});

test("memoryStore() reads its snapshot once, however many ask first", async () => {
  const snapshot = snapshotOf();
  let reads = 0;
  snapshot.getItem = async () => (reads++, await wait(20), undefined);
  const store = snapshot.store();
  const answers = await Promise.all(
    Array.from(
      { length: 5 },
      (_, at) => store.run("hall", { room: openRoom, seen: undefined, commands: entering(2, `v${at}`) }),
    ),
  );
  assert.equal(reads, 1);
  assert.deepEqual(answers.flatMap(({ outcomes }) => numbersOf(outcomes)), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("memoryStore() puts together from tickets what happened after its last snapshot", async () => {
  const snapshot = snapshotOf();
  const first = snapshot.store();
  await first.run("hall", { room: openRoom, seen: undefined, commands: entering(30) });
  await first.close?.();
  const lost = await first.run("hall", { room: openRoom, seen: undefined, commands: entering(30, "w") });
  const second = snapshot.store(() => start + 2000);
  const called = await second.run("hall", {
    room: openRoom,
    seen: undefined,
    commands: [checkIn(lost.outcomes.at(-1)), ...entering(1, "new")],
  });
  assert.deepEqual(called.outcomes.map(({ is }) => is), ["far", "later"]);
  assert.deepEqual([called.status.issued, called.status.recoveries], [60, 1]);
});

/** What stands in the storage and cannot be used. */
const broken: readonly [what: string, getItem: () => unknown, told: RegExp][] = [
  ["throws", () => {
    throw new Error("a secret");
  }, /\(Error\)/],
  ["rejects", () => Promise.reject(new Error("a secret")), /\(Error\)/],
  ["gives what is no JSON", () => "{", /\(SyntaxError\)/],
  ["gives a number", () => 5, /That is no state of a waiting room/],
  ["gives another state", () => '{"scalars":{"form":1,"issued":"7"}}', /"issued" that is none/],
  ["never answers", () => new Promise(() => {}), /did not answer within 1500 ms/],
];

for (const [what, getItem, told] of broken) {
  test(`memoryStore() begins anew where its snapshot's storage ${what}, says so, and goes on writing`, async () => {
    const snapshot = Object.assign(snapshotOf(), { getItem });
    const store = memoryStore({
      snapshot,
      snapshotMs: 10,
      now: () => start,
      warn: (message) => void snapshot.warnings.push(message),
    });
    const { outcomes, status } = await store.run("hall", {
      room: openRoom,
      seen: undefined,
      commands: entering(3),
    });
    assert.deepEqual(
      outcomes.map(({ is }) => is),
      ["admitted", "waiting", "waiting"],
      "it begins with one admission",
    );
    assert.equal(status.issued, 3);
    assert.equal(snapshot.warnings.length, 1);
    assert.match(snapshot.warnings[0] ?? "", told);
    assert.ok(!snapshot.warnings.join().includes("secret"));
    assert.equal(store.health?.()["snapshotFailures"], 1);
    await store.close?.();
    assert.equal(snapshot.writes, 1);
  });
}

test("memoryStore() leaves a snapshot of a younger version alone, says so, and works without it", async () => {
  const snapshot = snapshotOf();
  const first = snapshot.store();
  await first.run("hall", { room: openRoom, seen: undefined, commands: entering(3) });
  await first.close?.();
  const newer = String(snapshot.items.get(key)).replace('"form":1', '"form":2');
  snapshot.items.set(key, newer);
  const second = snapshot.store();
  const { status } = await second.run("hall", { room: openRoom, seen: undefined, commands: entering(2) });
  assert.equal(status.issued, 2);
  await second.close?.();
  assert.equal(snapshot.items.get(key), newer);
  assert.match(snapshot.warnings.join(), /form 2, which is newer than 1: update this process/);
  assert.equal(second.health?.()["isSnapshotFailing"], true);
});

test("memoryStore() keeps what a younger version of the same form put into its snapshot", async () => {
  const snapshot = snapshotOf();
  const first = snapshot.store();
  await first.run("hall", { room: openRoom, seen: undefined, commands: entering(3) });
  await first.close?.();
  const kept = JSON.parse(String(snapshot.items.get(key)));
  kept.scalars.lanes = { first: 1 };
  kept.sets.lane = [["1.a", 0.5]];
  snapshot.items.set(key, JSON.stringify(kept));
  const second = snapshot.store();
  await second.run("hall", { room: openRoom, seen: undefined, commands: entering(2) });
  await second.close?.();
  const { scalars, sets } = JSON.parse(String(snapshot.items.get(key)));
  assert.deepEqual([scalars.lanes, sets.lane], [{ first: 1 }, [["1.a", 0.5]]]);
});

test("memoryStore() says once that its snapshot cannot be written, tries again, and says when it works", async () => {
  const snapshot = snapshotOf();
  const { setItem } = snapshot;
  let attempts = 0;
  snapshot.setItem = () => {
    attempts++;
    throw new Error("a secret");
  };
  const store = snapshot.store();
  await store.run("hall", { room: openRoom, seen: undefined, commands: entering(1) });
  for (let turn = 0; turn < 100 && attempts < 3; turn++) await wait(10);
  assert.ok(attempts >= 3);
  assert.equal(snapshot.warnings.length, 1);
  assert.match(snapshot.warnings[0] ?? "", /cannot be written \(Error\)/);
  assert.equal(store.health?.()["isSnapshotFailing"], true);
  snapshot.setItem = setItem;
  for (let turn = 0; turn < 100 && snapshot.writes === 0; turn++) await wait(10);
  assert.equal(store.health?.()["isSnapshotFailing"], false);
  await store.close?.();
});

test("memoryStore() never has two writes under way, and ends after the last one", async () => {
  const snapshot = snapshotOf();
  let underWay = 0;
  let most = 0;
  snapshot.setItem = async (name, value) => {
    most = Math.max(most, ++underWay);
    await wait(25);
    underWay--;
    snapshot.items.set(name, value);
  };
  const store = snapshot.store();
  for (let count = 0; count < 6; count++) {
    await store.run("hall", { room: openRoom, seen: undefined, commands: entering(1, `v${count}`) });
    await wait(12);
  }
  await store.close?.();
  assert.equal(most, 1);
  assert.equal((JSON.parse(String(snapshot.items.get(key))) as StateRecord).scalars["issued"], 6);
});

test("memoryStore() keeps nothing of a batch that failed", async () => {
  const store = memoryStore({ now: () => start });
  const before = await store.run("hall", { room: openRoom, seen: undefined, commands: entering(3) });
  const commands = [...entering(2, "w"), { do: "checkIn" } as never];
  Object.defineProperty(commands[2], "epoch", {
    get() {
      throw new Error("a fault of ours");
    },
  });
  await assert.rejects(store.run("hall", { room: openRoom, seen: undefined, commands }), /a fault of ours/);
  const after = await store.run("hall", { room: openRoom, seen: undefined, commands: [] });
  assert.deepEqual(after.status, before.status);
});

test("memoryStore() refuses wrong options", () => {
  const wrong: readonly [options: object, name: string, message: RegExp][] = [
    [{ snapshot: {} }, "TypeError", /"snapshot.getItem" must be a function, received undefined/],
    [
      { snapshot: "file" },
      "TypeError",
      /"snapshot" must be an object with getItem and setItem, received "file"/,
    ],
    [{ snapshotMs: 1 }, "RangeError", /"snapshotMs" must be an integer from 10 to 3600000, received 1/],
    [{ prefix: "" }, "RangeError", /"prefix" must be a text, received ""/],
    [{ now: 5 }, "TypeError", /"now" must be a function, received 5/],
    [{ snapshots: {} }, "TypeError", /unknown option "snapshots"/],
  ];
  for (const [options, name, message] of wrong) assert.throws(() => memoryStore(options), { name, message });
});

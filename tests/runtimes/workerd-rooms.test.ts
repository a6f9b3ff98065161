/** Rooms in Durable Objects, in workerd, Cloudflare's runtime. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import type { Command } from "../../plugins/waiting-room/machine/mod.ts";
import { storeContract } from "../../plugins/waiting-room/testing/mod.ts";
import { recordOfRows, startRooms } from "./_room-worker.ts";

const folder = mkdtempSync(join(tmpdir(), "stanchion-rooms-"));
const rooms = await startRooms(folder);
after(async () => {
  await rooms.process.stop();
  rmSync(folder, { recursive: true, force: true });
});

const insert = "INSERT INTO stanchion_members VALUES (?, ?, ?)";

storeContract({
  name: "durableObjectStore() on workerd",
  test,
  batches: Number(process.env["ROOM_BATCHES"] ?? 500),
  inspectEvery: 25,
  create: (clock) => ({
    store: rooms.store(clock),
    inspect: async (room) => recordOfRows(await rooms.rows(room)),
    async keep(room) {
      const { room: own, members } = await rooms.rows(room);
      return async () => {
        await rooms.write(room, ["DROP TABLE IF EXISTS stanchion"], [
          "DROP TABLE IF EXISTS stanchion_members",
        ]);
        // That makes them anew.
        await rooms.store(clock).status(room);
        await rooms.write(
          room,
          ...own.map(({ name, value }) => ["INSERT INTO stanchion VALUES (?, ?)", name, value]),
          ...members.map(({ of_set, member, score }) => [insert, of_set, member, score]),
        );
      };
    },
  }),
});

const limits = {
  admitPerMinute: 600,
  burstSeconds: 3,
  capacity: 20,
  sessionMs: 900_000,
  returnMs: 300_000,
  recovery: "strict" as const,
};
const start = 1_800_000_000_000;
const open = { limits, opensAt: 0, closesAt: 0, note: "", since: start };

function entering(count: number, tag = "v"): readonly Command[] {
  return Array.from({ length: count }, (_, at) => ({ do: "enter", tag: `${tag}${at}` }));
}

test("durableObjectStore() loses nothing when the object is evicted, nor when all of it is killed", async () => {
  const own = mkdtempSync(join(tmpdir(), "stanchion-rooms-"));
  let now = start;
  let rooms = await startRooms(own);
  try {
    const first = await rooms.store(() => now).run("hall", {
      room: open,
      seen: undefined,
      commands: entering(40),
    });
    const before = await rooms.rows("hall");
    await rooms.evict("hall");
    now += 5;
    const second = await rooms.store(() => now).run("hall", {
      room: open,
      seen: undefined,
      commands: entering(3),
    });
    assert.deepEqual(
      second.outcomes.map((each) => "number" in each ? each.number : each),
      first.outcomes.slice(0, 3).map((each) => "number" in each ? each.number : each),
      "who has a number has the same one",
    );
    assert.equal(second.status.recoveries, 0);
    assert.equal(((await rooms.ask("/seen", {})) as { made: number }).made, 2);
    await rooms.process.stop();
    rooms = await startRooms(own);
    assert.equal((await rooms.store(() => now).status("hall"))?.issued, 40);
    assert.equal((await rooms.rows("hall")).members.length, before.members.length);
  } finally {
    await rooms.process.stop();
    rmSync(own, { recursive: true, force: true });
  }
});

test("durableObjectStore() refuses what a younger version keeps, and leaves it as it is", async () => {
  const store = rooms.store(() => start);
  for (const room of ["state", "layout"]) {
    await store.run(room, { room: open, seen: undefined, commands: entering(2) });
    const [own] = (await rooms.rows(room)).room;
    const kept = JSON.parse(own?.value ?? "") as { form: number; scalars: { form: number } };
    if (room === "state") kept.scalars.form = 2;
    else kept.form = 2;
    const text = JSON.stringify(kept);
    await rooms.write(room, ["UPDATE stanchion SET value = ?", text]);
    for (
      const call of [
        () => store.run(room, { room: open, seen: undefined, commands: [] }),
        () => store.status(room),
      ]
    ) {
      await assert.rejects(call, { code: "malformed", message: /2, which is newer than 1: update this/ });
    }
    assert.equal((await rooms.rows(room)).room[0]?.value, text);
  }
});

test("durableObjectStore() keeps what a younger version of the same form put beside", async () => {
  const store = rooms.store(() => start);
  await store.run("beside", { room: open, seen: undefined, commands: entering(2) });
  const [own] = (await rooms.rows("beside")).room;
  const kept = JSON.parse(own?.value ?? "") as { scalars: Record<string, unknown> };
  kept.scalars["lanes"] = { first: [1, "two"] };
  await rooms.write("beside", ["UPDATE stanchion SET value = ?", JSON.stringify(kept)], [
    insert,
    "lane",
    "1.a",
    0.1,
  ]);
  await store.run("beside", { room: open, seen: undefined, commands: entering(2, "w") });
  const { room, members } = await rooms.rows("beside");
  assert.deepEqual(JSON.parse(room[0]?.value ?? "").scalars.lanes, { first: [1, "two"] });
  assert.deepEqual(members.filter(({ of_set }) => of_set === "lane"), [{
    of_set: "lane",
    member: "1.a",
    score: 0.1,
  }]);
});

test("durableObjectStore() takes back in memory what the database refused", async () => {
  const store = rooms.store(() => start);
  await store.run("full", { room: open, seen: undefined, commands: entering(2) });
  const before = await rooms.rows("full");
  // A trigger stands for a full disk: it lets some of the writes through.
  const trigger =
    "CREATE TRIGGER full BEFORE INSERT ON stanchion_members WHEN NEW.member LIKE '4.%' BEGIN SELECT RAISE(ABORT, 'full'); END";
  await rooms.write("full", [trigger]);
  await assert.rejects(() => store.run("full", { room: open, seen: undefined, commands: entering(3, "w") }), {
    code: "unreachable",
    message: "The Durable Object of the room failed (Error)",
  });
  assert.deepEqual(await rooms.rows("full"), before);
  await rooms.ask("/sql", { room: "full", body: [["DROP TRIGGER full"]] });
  const { status } = await store.run("full", { room: open, seen: undefined, commands: entering(1, "w") });
  assert.equal(status.issued, 3);
});

test("a room object looks at the time by itself before a scheduled opening", async () => {
  let now = start;
  const store = rooms.store(() => now);
  const opensAt = start + 600_000;
  const seen = async () => (await rooms.ask("/seen", { now }) as { alarms: (number | null)[] }).alarms;
  const known = (await seen()).length;
  const asked = { room: { ...open, opensAt }, seen: undefined, commands: entering(10) };
  await store.run("opening", asked);
  await store.run("opening", { ...asked, commands: [] });
  assert.deepEqual((await seen()).slice(known), [opensAt - 60_000]);
  now = opensAt - 60_000;
  await rooms.ask("/wake", { room: "opening", now });
  assert.equal((await store.status("opening"))?.frontier, 10, "people are called a minute before");
  assert.deepEqual((await seen()).slice(known), [opensAt - 60_000, now + 1000]);
  now = opensAt - 300;
  await rooms.ask("/wake", { room: "opening", now });
  assert.equal((await seen()).at(-1), opensAt);
  now = opensAt;
  await rooms.ask("/wake", { room: "opening", now });
  assert.equal((await store.status("opening"))?.mode, "open");
  assert.equal((await seen()).length, known + 3, "an open room needs no alarm");
});

test("a room object that is woken without a room does nothing", async () => {
  await rooms.ask("/wake", { room: "nobodys" });
  assert.equal(await rooms.store().status("nobodys"), undefined);
});

test("a room object answers a path that it does not know with a fault, and nothing else", async () => {
  assert.deepEqual(await rooms.ask("/other", { room: "other" }), {
    code: "internal",
    message: "The Durable Object of a room does not know /other",
  });
});

test("a room object is woken by the platform's alarm, though nobody asks", async () => {
  const store = rooms.store();
  const opensAt = Date.now() + 60_300;
  await store.run("alarm", { room: { ...open, opensAt }, seen: undefined, commands: entering(10) });
  const frontier = async () => (await store.status("alarm"))?.frontier;
  assert.equal(await frontier(), 0);
  for (let turn = 0; turn < 100 && await frontier() === 0; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(await frontier(), 10);
});

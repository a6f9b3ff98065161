/** Rooms in Deno KV: under Deno in a real one, everywhere in a stand-in with its contract. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  type DenoKv,
  denoKvStore,
  type DenoKvStoreOptions,
  type KvEntry,
  type KvKey,
} from "../../../plugins/waiting-room/stores/deno-kv/mod.ts";
import type { Command, RoomStatus } from "../../../plugins/waiting-room/machine/mod.ts";
import type { RoomStore } from "../../../plugins/waiting-room/stores/store.ts";
import { storeContract } from "../../../plugins/waiting-room/testing/mod.ts";
import { kvStandIn } from "../../support/kv.ts";
import { inspect, storeOf, storeWithClock } from "./_kv.ts";
import { checkIn, entering, numbersOf, openRoom, start } from "./_rooms.ts";

const asking = (count: number, tag?: string) => ({
  room: openRoom,
  seen: undefined,
  commands: entering(count, tag),
});

/** Lets everybody in, and counts them. */
const bypassed: readonly Command[] = [{ do: "control", change: { mode: "bypass" }, revision: undefined }];

/** A time that only tests move, for all nodes. */
function timeOf() {
  const time = { wall: start, steady: 0, pass: (ms: number) => (time.wall += ms, time.steady += ms) };
  return time;
}

function nodeOf(kv: DenoKv, time = timeOf(), options: DenoKvStoreOptions = {}): RoomStore {
  return denoKvStore(kv, { now: () => time.wall, steady: () => time.steady, random: () => 0, ...options });
}

/** Several nodes that ask in turn, as one store. */
function inTurn(stores: readonly RoomStore[]): RoomStore {
  let turn = 0;
  const next = () => stores[turn++ % stores.length] as RoomStore;
  const [first] = stores as [RoomStore];
  return { ...first, run: (room, batch) => next().run(room, batch), status: (room) => next().status(room) };
}

storeContract({
  name: "denoKvStore() on two nodes",
  test,
  batches: 2500,
  inspectEvery: 20,
  create(now) {
    const kv = kvStandIn();
    return {
      store: inTurn([storeWithClock(kv, now), storeWithClock(kv, now)]),
      inspect: (room) => inspect(kv, room),
      keep(room) {
        const isOwn = (key: string) => (JSON.parse(key) as unknown[])[2] === room;
        const kept = [...kv.items].filter(([key]) => isOwn(key));
        return Promise.resolve(() => {
          for (const key of kv.items.keys()) if (isOwn(key)) kv.items.delete(key);
          for (const [key, item] of kept) kv.items.set(key, item);
          return Promise.resolve();
        });
      },
    };
  },
});

test("denoKvStore() keeps within what KV takes, and deletes what is not needed, for thousands of people", async () => {
  const kv = kvStandIn();
  const time = timeOf();
  const nodes = [nodeOf(kv, time), nodeOf(kv, time)];
  const limits = { ...openRoom.limits, admitPerMinute: 10_000, capacity: 20_000, burstSeconds: 60 };
  const room = { ...openRoom, limits };
  await nodes[0]?.run("hall", { room, seen: undefined, commands: bypassed });
  let last: RoomStatus | undefined;
  for (let batch = 0; batch < 150; batch++) {
    time.pass(50);
    const commands = entering(100, `${batch}-`);
    last = (await (nodes[batch % 2] as RoomStore).run("hall", { room, seen: undefined, commands })).status;
  }
  const { calls, largest, items } = kv;
  assert.ok((last?.sessions ?? 0) + (last?.present ?? 0) > 10_000);
  assert.ok(largest.value <= 65_536 && largest.commit < 200_000, JSON.stringify(largest));
  assert.equal(calls.commit, 151, "no batch is made twice");
  const cleared = await nodes[0]?.run("hall", {
    room,
    seen: undefined,
    commands: [{ do: "control", change: { dropsLine: true }, revision: undefined }],
  });
  assert.deepEqual([cleared?.status.present, cleared?.status.sessions], [0, last?.sessions]);
  for (let batch = 0; batch < 150; batch++) {
    time.pass(50);
    await nodes[batch % 2]?.run("hall", { room, seen: undefined, commands: [] });
  }
  assert.deepEqual((await inspect(kv, "hall"))?.sets.sessions.length, last?.sessions);
  assert.ok(items.size < 250, `${items.size} keys`);
});

test("denoKvStore() admits nobody twice and gives no number twice when nodes are at it at the same time", async () => {
  const kv = kvStandIn();
  kv.before = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
  const nodes = [0, 1, 2, 3].map(() => denoKvStore(kv, { now: () => start }));
  const answers = await Promise.all(
    nodes.flatMap((node, at) => [0, 1, 2].map((turn) => node.run("hall", asking(5, `${at}-${turn}-`)))),
  );
  const outcomes = answers.flatMap(({ outcomes }) => outcomes);
  assert.deepEqual(
    numbersOf(outcomes).toSorted((a, b) => a - b),
    Array.from({ length: 60 }, (_, at) => at + 1),
  );
  assert.equal(outcomes.filter(({ is }) => is === "admitted").length, 1);
  assert.ok(nodes.some((node) => Number(node.health?.()["conflicts"]) > 0));
});

test("denoKvStore() gives up as overloaded when other nodes are always faster, and has changed nothing", async () => {
  const kv = kvStandIn();
  const [own, other] = [nodeOf(kv), nodeOf(kv)];
  await own.run("hall", asking(3));
  const { before } = kv;
  kv.before = async (what) => {
    if (what !== "commit") return;
    kv.before = before;
    await other.run("hall", asking(0));
    kv.before = faster;
  };
  const faster = kv.before;
  await assert.rejects(own.run("hall", asking(3, "w")), { code: "overloaded", message: /faster 8 times/ });
  kv.before = before;
  assert.equal((await own.run("hall", asking(0))).status.issued, 3);
});

test("denoKvStore() takes a commit whose answer was lost for what it is: made, or not", async () => {
  for (const fate of ["unanswered", "lost"] as const) {
    const kv = kvStandIn();
    const node = nodeOf(kv);
    await node.run("hall", asking(3));
    kv.fate = () => fate;
    const again = asking(4, "w");
    await assert.rejects(node.run("hall", again), { code: "unreachable", message: "Deno KV failed (Error)" });
    kv.fate = () => "made";
    assert.equal((await node.status("hall"))?.issued, fate === "unanswered" ? 7 : 3);
    const { outcomes, status } = await node.run("hall", again);
    assert.deepEqual([numbersOf(outcomes), status.issued, status.recoveries], [[4, 5, 6, 7], 7, 0]);
  }
});

test("denoKvStore() fails a batch on a KV that fails at any one of its calls, and goes on with the next", async () => {
  for (const call of ["get", "getMany", "commit"] as const) {
    for (let skipped = 0; skipped < 2; skipped++) {
      const kv = kvStandIn();
      const time = timeOf();
      await nodeOf(kv, time).run("hall", asking(5));
      const node = nodeOf(kv, time);
      let left = skipped;
      kv.before = (what) => {
        if (what === call && left-- === 0) throw new Error("a secret");
      };
      const failed: unknown[] = [];
      for (let batch = 0; batch < 3; batch++) {
        time.pass(1000);
        await node.run("hall", asking(5)).catch((cause) => failed.push(cause));
        await nodeOf(kv, time).run("hall", asking(1, `${batch}-`)).catch((cause) => failed.push(cause));
      }
      assert.equal(failed.length, 1, call);
      assert.match(String(failed[0]), /Deno KV failed \(Error\)/);
      const { outcomes, status } = await node.run("hall", asking(5));
      assert.deepEqual(numbersOf(outcomes), [1, 2, 3, 4, 5]);
      assert.ok(status.issued >= 7);
    }
  }
});

test("denoKvStore() refuses what is too large for KV, and has changed nothing", async () => {
  const kv = kvStandIn();
  const node = nodeOf(kv);
  const before = await node.run("hall", asking(3));
  const commands = [{ do: "control", change: { note: "x".repeat(70_000) }, revision: undefined } as const];
  await assert.rejects(node.run("hall", { ...asking(0), commands }), {
    code: "internal",
    message: /shorten its note/,
  });
  assert.deepEqual((await node.run("hall", asking(0))).status, before.status);
  const small = kvStandIn(2500);
  const other = nodeOf(small);
  await other.run("hall", { ...asking(1), commands: bypassed });
  await assert.rejects(other.run("hall", asking(90, "w")), {
    code: "internal",
    message: "Deno KV failed (TypeError)",
  });
  assert.equal((await other.run("hall", asking(0))).status.issued, 0);
});

for (
  const [said, code, message] of [
    ["database is locked", "overloaded", "Deno KV is locked by other processes"],
    ["disk I/O error", "unreachable", "Deno KV failed (TypeError)"],
    ["error sending request for url (https://kv.example)", "unreachable", "Deno KV failed (TypeError)"],
    ["Too many mutations (max 1000)", "internal", "Deno KV failed (TypeError)"],
  ] as const
) {
  test(`denoKvStore() takes a TypeError of KV for what it says: ${said}`, async () => {
    const kv = kvStandIn();
    kv.before = () => {
      throw new TypeError(said);
    };
    await assert.rejects(nodeOf(kv).run("hall", asking(1)), { code, message });
  });
}

test("denoKvStore() refuses more than 20,000 people, and lets those inside go on", async () => {
  const kv = kvStandIn();
  const time = timeOf();
  const node = nodeOf(kv, time);
  const limits = { ...openRoom.limits, admitPerMinute: 600_000, capacity: -1, burstSeconds: 60 };
  const room = { ...openRoom, limits };
  await node.run("hall", { room, seen: undefined, commands: bypassed });
  for (let batch = 0; batch < 200; batch++) {
    time.pass(100);
    await node.run("hall", { room, seen: undefined, commands: entering(100, `${batch}-`) });
  }
  const more = { room, seen: undefined, commands: entering(1, "more") };
  await assert.rejects(node.run("hall", more), {
    code: "overloaded",
    message: /20001 people .* use redisStore\(\)/,
  });
  const { outcomes: [left], status } = await node.run("hall", {
    ...more,
    commands: [{ ...checkIn({ is: "far", number: 1, tag: "0-0" }), do: "leave" }],
  });
  assert.deepEqual([left?.is, status.sessions], ["left", 20_000]);
});

test("denoKvStore() refuses what a younger version keeps, and leaves it as it is", async () => {
  for (const form of ["state", "layout"] as const) {
    const kv = kvStandIn();
    await nodeOf(kv).run("hall", asking(3));
    const key = '["stanchion","room","hall","head"]';
    const head = JSON.parse(new TextDecoder().decode(kv.items.get(key)?.value as Uint8Array));
    if (form === "state") head.scalars.form = 2;
    else head.form = 2;
    const value = new TextEncoder().encode(JSON.stringify(head));
    kv.items.set(key, { value, versionstamp: "newer" });
    await assert.rejects(nodeOf(kv).run("hall", asking(1)), {
      code: "malformed",
      message: /newer than 1: update this/,
    });
    assert.equal(kv.items.get(key)?.value, value);
  }
});

test("denoKvStore() keeps what a younger version of the same form put beside", async () => {
  const kv = kvStandIn();
  const time = timeOf();
  await nodeOf(kv, time).run("hall", asking(3));
  const key = '["stanchion","room","hall","head"]';
  const log = '["stanchion","room","hall","log",0]';
  const [head, entry] = [key, log].map((name) =>
    JSON.parse(new TextDecoder().decode(kv.items.get(name)?.value as Uint8Array))
  );
  head.lanes = 2;
  head.scalars.lanes = { first: 1 };
  entry.push(["lane", 0, "1.a", 0.5, "2.b", 7]);
  for (const [name, value] of [[key, head], [log, entry]] as const) {
    kv.items.set(name, { value: new TextEncoder().encode(JSON.stringify(value)), versionstamp: "9" });
  }
  const node = nodeOf(kv, time);
  for (let batch = 0; batch < 80; batch++) {
    time.pass(100);
    await node.run("hall", asking(1, `${batch}-`));
  }
  const now = JSON.parse(new TextDecoder().decode(kv.items.get(key)?.value as Uint8Array));
  assert.deepEqual([now.lanes, now.scalars.lanes], [2, { first: 1 }]);
  assert.ok(now.base.generation > 0, "pages were written");
  const pages = [...kv.items].filter(([name]) => name.includes('"page"'));
  const text = pages.map(([, { value }]) => new TextDecoder().decode(value as Uint8Array)).join();
  assert.match(text, /\["lane",0,"1.a",0.5,"2.b",7\]/);
});

test("denoKvStore() begins anew where all was lost, and is put right by what nodes saw", async () => {
  const kv = kvStandIn();
  const time = timeOf();
  const node = nodeOf(kv, time);
  const { status: seen } = await node.run("hall", asking(30));
  kv.items.clear();
  time.pass(1000);
  const { outcomes, status } = await node.run("hall", { ...asking(1, "w"), seen });
  assert.deepEqual([outcomes[0]?.is, status.issued, status.recoveries], ["later", 30, 1]);
});

test("denoKvStore() tells the status by one read, and keeps the secret that was offered first", async () => {
  const kv = kvStandIn();
  const node = nodeOf(kv);
  assert.equal(await node.status("hall"), undefined);
  const { status } = await node.run("hall", asking(5));
  kv.calls.get = kv.calls.getMany = 0;
  assert.deepEqual(await nodeOf(kv).status("hall"), status);
  assert.deepEqual(kv.calls, { get: 1, getMany: 0, commit: 1 });
  assert.deepEqual(
    await Promise.all([node.secret?.("first"), nodeOf(kv).secret?.("second")]),
    ["first", "first"],
  );
  kv.items.set('["stanchion","secret"]', { value: 5, versionstamp: "1" });
  await assert.rejects(node.secret?.("x") ?? Promise.resolve(), {
    code: "malformed",
    message: /has no secret/,
  });
});

test("denoKvStore() needs one call a batch where no other node is at work, and looks again when one is", async () => {
  const kv = kvStandIn();
  const time = timeOf();
  const [own, other] = [nodeOf(kv, time), nodeOf(kv, time)];
  for (let batch = 0; batch < 30; batch++) await own.run("hall", asking(1, `${batch}-`));
  assert.ok(kv.calls.get <= 12, `${kv.calls.get}`);
  await other.run("hall", asking(1, "o"));
  assert.equal((await own.run("hall", asking(1, "w"))).status.issued, 32);
});

test("denoKvStore() tells of changes where KV can watch, until it is called off or closed", async () => {
  const kv = kvStandIn();
  const node = nodeOf(kv);
  const told: number[] = [];
  const stop = node.watch?.("hall", ({ issued }) => told.push(issued));
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
  await node.run("hall", asking(2));
  await turn();
  assert.equal(told.at(-1), 2);
  stop?.();
  await node.run("hall", asking(2, "w"));
  await turn();
  assert.equal(told.at(-1), 2);
  node.watch?.("hall", ({ issued }) => told.push(issued));
  await turn();
  assert.equal(told.at(-1), 4);
  await node.close?.();
  await node.run("hall", asking(2, "x"));
  await turn();
  assert.equal(told.at(-1), 4);
  const { watch: _, ...without } = kv;
  assert.equal(denoKvStore(without).watch, undefined);
});

test("denoKvStore() is not held up by a call that never ends", async () => {
  const kv = kvStandIn();
  const time = { at: start, node: start };
  const node = storeOf(kv, { timeoutMs: 50, callMs: 200, clockOf: () => ({ tell: () => time, kept() {} }) });
  await node.run("hall", asking(1));
  kv.fate = () => "hangs";
  const [first, second] = await Promise.allSettled([
    node.run("hall", asking(1, "a")),
    node.run("hall", asking(1, "b")),
  ]);
  assert.match(String(first.status === "rejected" && first.reason), /Deno KV did not answer within 200 ms/);
  assert.match(
    String(second.status === "rejected" && second.reason),
    /Deno KV was busy with earlier batches/,
  );
  kv.fate = () => "made";
  assert.equal((await node.run("hall", asking(1, "c"))).status.issued, 2);
});

test("denoKvStore() refuses what is no KV, and wrong options", () => {
  // Whoever does not use TypeScript, or forgot to wait for the KV.
  const made = denoKvStore as (kv: unknown, options?: object) => unknown;
  const wrong = (make: () => unknown, message: RegExp) => assert.throws(make, { name: "TypeError", message });
  wrong(() => made(Promise.resolve()), /"kv.get" must be a function, received undefined/);
  wrong(() => made(undefined), /"kv" must be what Deno.openKv\(\) gives, received undefined/);
  wrong(
    () => made(kvStandIn(), { clock: 1 }),
    /unknown option "clock", the options are prefix, now, random, steady/,
  );
  wrong(() => made(kvStandIn(), { steady: 1 }), /"steady" must be a function, received 1/);
});

/** What the tests need of Deno's own KV besides. */
interface RealKv extends DenoKv {
  list(selector: { readonly prefix: KvKey }): AsyncIterable<KvEntry & { readonly key: KvKey }>;
  close(): void;
}

// Deno has a real one.
const { Deno } = globalThis as { readonly Deno?: { readonly openKv?: (path: string) => Promise<RealKv> } };
if (Deno?.openKv !== undefined) {
  const kv = await Deno.openKv(":memory:");
  after(() => kv.close());
  const entriesOf = async (room: string) => {
    const entries: { readonly key: KvKey; readonly value: unknown }[] = [];
    for await (const entry of kv.list({ prefix: ["stanchion", "room", room] })) entries.push(entry);
    return entries;
  };
  storeContract({
    name: "denoKvStore() on two nodes and a real Deno KV",
    test,
    batches: 5000,
    inspectEvery: 50,
    create: (now) => ({
      store: inTurn([storeWithClock(kv, now), storeWithClock(kv, now)]),
      inspect: (room) => inspect(kv, room),
      async keep(room) {
        const kept = await entriesOf(room);
        // As from a backup: what comes back has other versionstamps.
        return async () => {
          for (const { key } of await entriesOf(room)) await kv.atomic().delete(key).commit();
          for (const { key, value } of kept) await kv.atomic().set(key, value).commit();
        };
      },
    }),
  });
}

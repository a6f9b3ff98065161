/** W19 and W21: how a node reaches a room. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CheckIn, Command } from "../../../plugins/waiting-room/machine/mod.ts";
import { ServiceError } from "../../../src/errors.ts";
import { nodeBench, plainRoom, settle, start } from "./_node.ts";

const enter = (tag: number): Command => ({ do: "enter", tag: String(tag).padStart(8, "0") });
const checkIn = (number: number, more: Partial<CheckIn> = {}): CheckIn => ({
  do: "checkIn",
  epoch: 1,
  number,
  tag: String(number).padStart(8, "0"),
  issuedAt: start,
  ...more,
});
const sizes = ({ batches }: { readonly batches: readonly { readonly commands: readonly Command[] }[] }) =>
  batches.map(({ commands }) => commands.length);
const down = () => Promise.reject(new TypeError("connect ECONNREFUSED 10.0.0.1:6379"));

describe("createRoomNode()", () => {
  test("sends at once what is asked in one turn, as one batch", async () => {
    const { node, store } = nodeBench();
    const answers = await Promise.all([node.submit(enter(1)), node.submit(enter(2))]);
    assert.deepEqual(sizes(store), [2]);
    assert.deepEqual(answers.map(({ outcome }) => outcome.is), ["admitted", "admitted"]);
    assert.equal(answers[0]?.status.now, start);
  });

  test("keeps one batch under way, and sends the next when its answer has come", async () => {
    const { node, store, pass } = nodeBench();
    store.holds = true;
    const first = node.submit(enter(1));
    await settle();
    const second = [node.submit(enter(2)), node.submit(enter(3))];
    await pass(100);
    assert.deepEqual(sizes(store), [1]);
    store.release();
    await first;
    await settle();
    assert.deepEqual(sizes(store), [1, 2]);
    store.release();
    await Promise.all(second);
  });

  test("begins batches at least 5 ms apart", async () => {
    const { node, store, pass } = nodeBench();
    await node.submit(enter(1));
    const second = node.submit(enter(2));
    await settle();
    assert.deepEqual(sizes(store), [1]);
    await pass(4);
    assert.deepEqual(sizes(store), [1]);
    await pass(1);
    assert.deepEqual(sizes(store), [1, 1]);
    await second;
  });

  test("puts at most 100 commands into a batch, those of people inside first", async () => {
    const { node, store, pass } = nodeBench();
    const all = Array.from({ length: 230 }, (_, at) => node.submit(enter(at)));
    const leaving = node.submit({ ...checkIn(1), do: "leave" });
    await pass(50);
    await Promise.all([...all, leaving]);
    assert.deepEqual(sizes(store), [100, 100, 31]);
    assert.equal(store.batches[0]?.commands[0]?.do, "leave");
  });

  test("asks once for all who ask the same, in whatever order its fields stand, and for nobody else", async () => {
    const { node, store } = nodeBench();
    const { tag, ...rest } = checkIn(1);
    const [a, b, ...others] = await Promise.all([
      node.submit(checkIn(1)),
      node.submit({ tag, ...rest }),
      node.submit(checkIn(1, { isHidden: true })),
      node.submit(checkIn(1, { tag: "another0" })),
      node.submit(checkIn(2)),
    ]);
    assert.deepEqual(sizes(store), [4]);
    assert.equal(a?.outcome, b?.outcome);
    assert.equal(others.length, 3);
  });

  test("makes one of two changes by one revision, and tells the other of it", async () => {
    const { node } = nodeBench();
    const changes = [1, 2].map(() => node.submit({ do: "control", change: { note: "x" }, revision: 0 }));
    assert.deepEqual((await Promise.all(changes)).map(({ outcome: { is } }) => is), ["ok", "conflict"]);
  });

  test("fails the commands of a batch that failed, and goes on with the next", async () => {
    const { node, store, pass } = nodeBench();
    store.fault = down;
    await assert.rejects(node.submit(enter(1)), { name: "ServiceError", code: "unreachable" });
    assert.equal(node.isFailing, true);
    store.fault = undefined;
    const next = node.submit(enter(2));
    await pass(5);
    assert.equal((await next).outcome.is, "admitted");
    assert.equal(node.isFailing, false);
  });

  test("says nothing of what a driver says, which may quote an address", async () => {
    const { node, store } = nodeBench();
    store.fault = down;
    await assert.rejects(node.submit(enter(1)), { message: 'The store "fake" failed: TypeError' });
  });

  const none: readonly (readonly [what: string, answer: unknown])[] = [
    ["nothing", undefined],
    ["no outcomes", { status: { epoch: 1, now: start, mode: "open", limits: {} } }],
    ["no status", { outcomes: [] }],
    ["a status without its time", { outcomes: [], status: { epoch: 1, mode: "open", limits: {} } }],
    ["a status without limits", { outcomes: [], status: { epoch: 1, now: start, mode: "open" } }],
    ["a time that is none", {
      outcomes: [],
      status: { epoch: 1, now: Number.NaN, mode: "open", limits: {} },
    }],
    [
      "a figure that JSON could not tell",
      { outcomes: [], status: { epoch: 1, now: start, mode: "open", limits: {}, issued: null } },
    ],
  ];
  for (const [what, answer] of none) {
    test(`takes ${what} for the fault of a store, and not for one of its own`, async () => {
      const { node, store } = nodeBench();
      // Whatever an owner's own store answers.
      store.fault = () => Promise.resolve(answer as never);
      await assert.rejects(node.submit(enter(1)), { code: "malformed" });
      assert.equal(node.isFailing, true);
    });
  }

  test("goes on with a status of another version: usual figures where it has none, and what it has more", async () => {
    const told = { epoch: 1, now: start, mode: "open", limits: { capacity: 5 }, issued: 7, lanes: [1] };
    const { node, store } = nodeBench();
    store.fault = () => Promise.resolve({ outcomes: [{ is: "closed" }], status: told } as never);
    const { status } = await node.submit(enter(1));
    const { issued, renewed, share, limits } = status;
    assert.deepEqual([issued, renewed, share, limits.capacity, limits.recovery], [7, 0, 0.7, 5, "strict"]);
    assert.deepEqual(Object.entries(status).find(([name]) => name === "lanes"), ["lanes", [1]]);
  });

  test("gives a batch up that has no answer within the time", async () => {
    const { node, store, pass } = nodeBench();
    store.holds = true;
    const lost = assert.rejects(node.submit(enter(1)), { code: "timeout" });
    await settle();
    await pass(300);
    await lost;
    store.holds = false;
    // The answer that comes late is no news.
    store.release();
    await settle();
    assert.equal((await node.submit(enter(1))).outcome.is, "admitted");
  });

  test("a batch that is sent again after its answer was lost counts once", async () => {
    const { node, store, pass } = nodeBench();
    const first = await node.submit(enter(1));
    const again = node.submit(enter(1));
    await pass(5);
    const { outcome } = await again;
    assert.ok(outcome.is === "admitted" && outcome.again);
    assert.ok(first.outcome.is === "admitted" && first.outcome.number === outcome.number);
    assert.equal(store.batches.length, 2);
  });

  test("leaves a store alone for a second that failed three times in a row", async () => {
    const { node, store, pass } = nodeBench();
    store.fault = down;
    const fails = async (tag: number) => {
      const lost = assert.rejects(node.submit(enter(tag)), { code: "unreachable" });
      await pass(5);
      await lost;
    };
    for (let at = 0; at < 3; at++) await fails(at);
    assert.equal(store.batches.length, 3);
    for (let at = 0; at < 5; at++) {
      await assert.rejects(node.submit(enter(9)), /was not asked: it failed 3 times in a row/);
      await assert.rejects(async () => await node.status(), { code: "unreachable" });
    }
    assert.equal(store.batches.length, 3);
    await pass(1000);
    await fails(9);
    assert.equal(store.batches.length, 4, "one is tried, and then it is left alone again");
    await assert.rejects(node.submit(enter(9)), /was not asked/);
    store.fault = undefined;
    await pass(1000);
    assert.equal((await node.submit(enter(9))).outcome.is, "admitted");
  });

  test("refuses as overloaded what is too much, and what waits too long", async () => {
    const { node, store, pass } = nodeBench();
    store.holds = true;
    const first = assert.rejects(node.submit(enter(0)), { code: "timeout" });
    await settle();
    const codeOf = ({ code }: ServiceError) => code;
    const queued = Array.from({ length: 10_000 }, (_, at) => node.submit(enter(at + 1)).catch(codeOf));
    assert.equal(node.queued, 10_000);
    await assert.rejects(node.submit(enter(10_001)), { code: "overloaded" });
    // Who is inside is not kept from the room by those who want in.
    const inside = node.submit({ ...checkIn(1), do: "leave" }).catch(codeOf);
    await pass(1500);
    await first;
    assert.deepEqual([...new Set(await Promise.all(queued))].sort(), ["overloaded", "timeout"]);
    assert.equal(await inside, "timeout");
  });

  test("refuses nobody because the loop stood still, or one batch took long, where all may go with the next", async () => {
    const { node, loop } = nodeBench();
    const first = node.submit(enter(0));
    await first;
    const waiting = Array.from({ length: 99 }, (_, at) => node.submit(enter(at + 1)));
    // The timer of the next batch comes seconds late.
    loop.pass(5000);
    await settle();
    assert.deepEqual(
      [...new Set((await Promise.all(waiting)).map(({ outcome }) => outcome.is))].sort(),
      ["admitted", "far", "waiting"],
    );
  });

  test("hands each command over at once to a store that puts them together itself", async () => {
    const { node, store } = nodeBench(plainRoom, { batchesItself: true });
    store.holds = true;
    const all = [node.submit(enter(1)), node.submit(enter(2)), node.submit(enter(2))];
    await settle();
    assert.deepEqual(sizes(store), [1, 1, 1]);
    store.release();
    await Promise.all(all);
  });

  test("asks for each request by itself where calls end with the request that began them", async () => {
    const { node, store, pass } = nodeBench(plainRoom, {}, { isEnding: true });
    store.holds = true;
    const all = [node.submit(enter(1)), node.submit(enter(2))];
    await settle();
    assert.deepEqual(sizes(store), [1, 1]);
    store.release();
    await Promise.all(all);
    await pass(2000);
    // The first one reads what never comes, and the second one waits for it no longer than half of the store's time.
    const { status } = store;
    Object.assign(store, { status: () => new Promise(() => {}) });
    void Promise.resolve(node.status()).catch(() => {});
    const second = Promise.resolve(node.status());
    await settle();
    Object.assign(store, { status });
    await pass(125);
    store.release();
    assert.equal((await second).issued, 2);
  });

  test("goes on after a platform ended the timer and the call with the request that began them", async () => {
    const { node, store, loop } = nodeBench();
    store.holds = true;
    void node.submit(enter(1)).catch(() => {});
    await settle();
    const { wait } = loop;
    Object.assign(loop, { wait: () => () => {} });
    loop.stall(1000);
    Object.assign(loop, { wait });
    store.holds = false;
    assert.equal((await node.submit(enter(2))).outcome.is, "admitted");
  });

  test("tells in each batch the most that it has seen", async () => {
    const { node, store, pass } = nodeBench();
    await node.submit(enter(1));
    const second = node.submit(enter(2));
    await pass(5);
    await second;
    assert.equal(store.batches[0]?.seen, undefined);
    const seen = store.batches[1]?.seen;
    assert.deepEqual([seen?.epoch, seen?.issued, seen?.admitted, seen?.sessions], [1, 1, 1, 1]);
  });
});

/** A room in which twenty have a number, and what is known of it is two seconds old. */
async function lined(): Promise<ReturnType<typeof nodeBench>> {
  const bench = nodeBench();
  for (let at = 0; at < 20; at++) {
    const entered = bench.node.submit(enter(at));
    await bench.pass(5);
    await entered;
  }
  await bench.pass(2000);
  return bench;
}

describe("createRoomNode().status()", () => {
  test("takes what a store tells that takes no batch for old, and asks such a store once a second", async () => {
    const { node, store, pass } = await lined();
    // As a replica does, or a Redis whose memory is full.
    const { run } = store;
    const refused = () => Promise.reject(new ServiceError("overloaded", "Redis refused with OOM"));
    Object.assign(store, { run: refused });
    const { count } = store.reads;
    for (let at = 0; at < 20; at++) {
      await assert.rejects(async () => await node.status(), { code: "overloaded" }, `after ${at * 100} ms`);
      await pass(100);
    }
    assert.equal(store.reads.count - count, 2);
    assert.equal(node.last?.issued, 20, "what is known of it stays");
    Object.assign(store, { run });
    await pass(1000);
    assert.ok((await node.status()).now >= start + 4000);
  });

  test("reads what the store has at most once a second, and looks at no room in which nobody waits", async () => {
    const { node, store, pass } = nodeBench();
    await node.submit(enter(1));
    for (let ms = 0; ms < 5000; ms += 100) {
      await node.status();
      await pass(100);
    }
    assert.equal(store.batches.length, 1);
    assert.ok(store.reads.count >= 4 && store.reads.count <= 5, `${store.reads.count} reads`);
  });

  test("goes on with what it knows where one answer came too late", async () => {
    const { node, store, pass } = await lined();
    store.holds = true;
    const late = assert.rejects(async () => await node.status(), { code: "timeout" });
    await settle();
    await pass(300);
    await late;
    store.holds = false;
    assert.equal((await node.status()).issued, 20);
  });

  test("asks nobody as long as nobody asks", async () => {
    const { node, store, pass } = nodeBench();
    await node.submit(enter(1));
    await pass(3000);
    assert.deepEqual([store.batches.length, store.reads.count], [1, 0]);
  });

  test("keeps a room moving in which somebody waits, by about one batch a second", async () => {
    const room = { ...plainRoom, limits: { ...plainRoom.limits, admitPerMinute: 0 } };
    const { node, store, pass } = nodeBench(room);
    await Promise.all(Array.from({ length: 40 }, (_, at) => node.submit(enter(at))));
    assert.equal(store.batches.length, 1);
    for (let ms = 0; ms < 10_000; ms += 50) {
      const status = node.status();
      await pass(50);
      await status;
    }
    const looks = store.batches.length - 1;
    assert.ok(looks >= 8 && looks <= 10, `${looks} batches`);
    assert.ok(store.batches.slice(1).every(({ commands }) => commands.length === 0));
  });

  test("is there at once while it is young", async () => {
    const { node } = nodeBench();
    const first = node.status();
    assert.ok(first instanceof Promise);
    assert.equal(node.status(), first, "all who wait for it wait for one");
    const status = await first;
    assert.equal(node.status(), status);
  });

  test("looks at a room at once that the store has lost", async () => {
    const { node, store, pass } = nodeBench();
    await node.submit(enter(1));
    Object.assign(store, { status: () => Promise.resolve(undefined) });
    await pass(1000);
    const { issued } = await node.status();
    assert.equal(issued, 1);
    assert.equal(store.batches.length, 2);
  });

  test("follows what a store tells by itself, until it is closed", async () => {
    const known = await nodeBench().node.status();
    let isWatched = false;
    const { node } = nodeBench(plainRoom, {
      watch(_room, listener) {
        isWatched = true;
        const { revision } = known;
        queueMicrotask(() =>
          listener({ ...known, revision: revision + 1, note: "Doors at nine", now: start + 5 })
        );
        return () => isWatched = false;
      },
    });
    await node.submit(enter(1));
    await settle();
    assert.equal(node.last?.note, "Doors at nine");
    assert.equal(isWatched, true);
    node.close();
    assert.equal(isWatched, false);
  });
});

describe("createRoomNode().now()", () => {
  test("tells the time of the store, whatever the wall clock says", async () => {
    const { node, clock, pass } = nodeBench();
    assert.equal(node.now(), undefined);
    clock.wall += 3_600_000;
    await node.submit(enter(1));
    assert.equal(node.now(), start);
    await pass(500);
    assert.equal(node.now(), start + 500);
    assert.equal(node.time(), start + 500);
  });

  test("does not know how long a machine slept whose other clock stood still meanwhile", async () => {
    const { node, clock, pass } = nodeBench();
    await node.submit(enter(1));
    clock.wall += 60_000;
    clock.store += 60_000;
    assert.equal(node.now(), undefined);
    const time = node.time();
    await pass(5);
    assert.ok(await time >= start + 60_000);
  });

  test("asks the store once where it is not known", async () => {
    const { node, store } = nodeBench();
    assert.equal(await node.time(), start);
    assert.deepEqual(sizes(store), [0]);
    assert.equal(node.answeredAt, start);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { bench, type Json } from "./_helpers.ts";

const slow = { ratePerMinute: 6, capacity: 3, sessionMinutes: 5 };

test("a room lets visitors in one by one, at its rate and in order", async () => {
  const { check, pass } = bench(slow);
  const tokens: string[] = [];
  for (let i = 0; i < 4; i++) tokens.push((await check()).token);
  const look = async (): Promise<Json[]> => {
    const seen = [];
    for (const token of tokens) seen.push((await check(token)).position);
    return seen;
  };
  assert.deepEqual(await look(), [null, 1, 2, 3]);
  pass(9);
  assert.deepEqual(await look(), [null, 1, 2, 3]);
  pass(1);
  assert.deepEqual(await look(), [null, null, 1, 2]);
  pass(10);
  assert.deepEqual(await look(), [null, null, null, 1]);
});

test("a full room answers 5, and lets the next in when somebody leaves", async () => {
  const { sandbox, check, pass } = bench({ ratePerMinute: 60_000, capacity: 2, sessionMinutes: 5 });
  const [first, second, third] = [await check(), await check(), await check()];
  assert.deepEqual([first.promoted, second.promoted, third.promoted], [1, 1, 0]);
  assert.deepEqual([third.status, third.position, third.hash], [5, 1, null]);
  pass(200);
  assert.equal((await check(second.token)).promoted, 1);
  pass(101);
  assert.equal((await check(third.token)).promoted, 1, "the first has been idle for five minutes");
  assert.equal((await check(first.token)).promoted, 0, "and must join the line again");
  assert.deepEqual(sandbox.state.rooms.map(({ inside, waiting }) => [inside, waiting]), [[2, 1]]);
});

test("what happened while nobody looked is worked out in order", async () => {
  const { sandbox, check, pass } = bench({ ratePerMinute: 60, capacity: 1, sessionMinutes: 1 });
  for (let i = 0; i < 10; i++) await check();
  pass(3 * 60 + 30);
  const [room] = sandbox.state.rooms;
  // Each place is held for a minute by somebody who never comes, and is then given to the next.
  assert.deepEqual([room?.inside, room?.waiting], [1, 6]);
});

test("whoever stays away for too long loses the place in line", async () => {
  const { check, pass } = bench({ capacity: 0, holdMinutes: 10 });
  const [a, b] = [await check(), await check()];
  pass(6 * 60);
  assert.equal((await check(b.token)).position, 2);
  pass(5 * 60);
  assert.equal((await check(b.token)).position, 1);
  assert.equal((await check(a.token)).position, 2);
});

test("before queueActivatesOn everybody enters; before onsale everybody gathers", async () => {
  const { check, pass } = bench({
    queueActivatesOn: "2030-01-15T12:10:00Z",
    onsale: "2030-01-15T12:20:00Z",
    ratePerMinute: 6000,
  });
  assert.equal((await check()).promoted, 1);
  pass(600);
  const early = await check();
  assert.deepEqual([early.promoted, early.position, early.onsale], [0, 1, "2030-01-15T12:20:00Z"]);
  pass(599);
  assert.equal((await check(early.token)).promoted, 0);
  pass(1);
  assert.equal((await check(early.token)).promoted, 1);
});

test("a priority code lets a visitor skip the line; a wrong one changes nothing", async () => {
  const { check } = bench({ capacity: 0, priorityCodes: ["VIP"] });
  const { token, priorityAvailable } = await check();
  assert.equal(priorityAvailable, 1);
  assert.equal((await check(token, { code: "vip" })).position, 1);
  const skipped = await check(token, { code: "VIP" });
  assert.deepEqual([skipped.promoted, skipped.priority], [1, "VIP"]);
  assert.equal((await check(token)).promoted, 1, "and the place is kept");
});

test("blocked addresses are never let in, however they are written", async () => {
  const { sandbox, check } = bench({}, { blockedIps: ["198.51.100.23"] });
  const blocked = await check(undefined, { ip: "::ffff:198.51.100.23" });
  assert.deepEqual([blocked.promoted, blocked.status, blocked.position], [0, 4, null]);
  sandbox.blockIp("198.51.100.23", 3);
  assert.equal((await check()).status, 3);
  sandbox.unblockIp("198.51.100.23");
  assert.equal((await check()).promoted, 1);
  assert.throws(() => sandbox.blockIp("x"), RangeError);
});

test("a room can be made to answer every status", async () => {
  const { sandbox, check } = bench();
  const seen: Json[] = [];
  for (const status of [0, 1, 2, 3, 4, 5, 6] as const) {
    sandbox.updateRoom("hall", { status });
    const { promoted, status: answered, hash } = await check();
    seen.push([answered, promoted, typeof hash]);
  }
  assert.deepEqual(seen, [
    [0, 1, "undefined"],
    [1, 1, "string"],
    [2, 0, "object"],
    [3, 0, "object"],
    [4, 0, "object"],
    [5, 0, "object"],
    [6, 0, "object"],
  ]);
  sandbox.updateRoom("hall", { status: null, ratePerMinute: 60_000 });
  assert.equal((await check()).status, 1);
});

test("simulated visitors stand ahead of a newcomer, and take no place inside", async () => {
  const { sandbox, check, pass } = bench({ crowd: 5, ratePerMinute: 60, capacity: 1 });
  const { token, position } = await check();
  assert.equal(position, 5, "one of the five has entered at once");
  pass(4);
  assert.equal((await check(token)).position, 1);
  pass(1);
  assert.equal((await check(token)).promoted, 1);
  assert.equal(sandbox.state.rooms[0]?.inside, 1);
});

test("sandbox.promote() lets in one visitor or everybody", async () => {
  const { sandbox, check } = bench({ capacity: 0, crowd: 3 });
  const [a, b] = [await check(), await check()];
  assert.equal(sandbox.promote("tok_unknown"), 0);
  assert.equal(sandbox.promote(b.token), 1);
  assert.deepEqual([(await check(a.token)).promoted, (await check(b.token)).promoted], [0, 1]);
  assert.equal(sandbox.promote(), 1);
  assert.equal((await check(a.token)).promoted, 1);
  assert.equal(sandbox.state.rooms[0]?.waiting, 0);
});

test("visitors are bounded: the one unseen for longest is dropped, from the line too", async () => {
  const { sandbox, check } = bench({ capacity: 0 }, { maxVisitors: 3 });
  const first = await check();
  const second = await check();
  await check();
  await check(first.token);
  await check();
  assert.equal(sandbox.state.visitors, 3);
  assert.equal(sandbox.state.rooms[0]?.waiting, 3);
  assert.equal((await check(first.token)).token, first.token);
  assert.notEqual((await check(second.token)).token, second.token);
});

test("a token holds its own place in each room", async () => {
  const { check } = bench({}, {
    rooms: [
      { slug: "a", domain: "https://a.example.com", capacity: 0 },
      { slug: "b", domain: "https://b.example.com" },
    ],
  });
  const { token } = await check(undefined, { url: "https://a.example.com/" });
  assert.equal((await check(token, { url: "https://b.example.com/" })).promoted, 1);
  assert.equal((await check(token, { url: "https://a.example.com/" })).promoted, 0);
  assert.equal((await check(token, { slug: "b", url: "" })).slug, "b");
});

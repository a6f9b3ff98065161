/**
 * What does a waiting room cost its Redis, however many wait, and what does the sorted set that people build by hand?
 *
 * Ours is the store as it is shipped, with a thousand people present and a thousand inside. The sorted set is the usual one: ZADD for
 * a place, and with each poll of each page ZRANK for the place and ZADD to a second set for the sign of life. Both are measured on one
 * server in one run: the time that Redis itself says its commands took, and how many a client gets answered.
 *
 * @module
 */

import { Redis } from "ioredis";
import type { Command } from "../plugins/waiting-room/machine/mod.ts";
import { type Batch, ioRedis, redisStore } from "../plugins/waiting-room/stores/redis/mod.ts";
import { startRedis } from "../tests/support/redis.ts";
import type { Question, Values } from "./_question.ts";

const ours = "waitingRoom()";
const byHand = "sorted set by hand";
const crowds = [10_000, 1_000_000, 10_000_000] as const;
const most = { quick: 1_000_000, full: 10_000_000 };
const present = 1000;
/** How often a page of the sorted set asks, in seconds. */
const pollSeconds = 20;
/** How many joins and check-ins there are for an admission, and how many admissions a second. */
const callsPerAdmission = 11;
const admissionsPerSecond = 10;

/** The question, its variants and its targets. */
export const question: Question = {
  title: "The waiting room's store: Redis",
  unit: "µs, or as each case says",
  variants: [ours, byHand],
  rounds: { full: 2, quick: 1 },
  runtimes: ["node"],
  targets: [
    ...([[1, 80], [10, 120], [100, 800]] as const).map(([size, atMost]) => ({
      claim: `time of the script for a batch of ${size}, µs`,
      value: (median: (variant: string, at: string) => number) => median(ours, `script, batch of ${size}`),
      atMost,
      unit: "µs" as const,
    })),
    {
      claim: "commands a second at 100 a batch, by the time of the script",
      value: (median) => 100e6 / median(ours, "script, batch of 100"),
      atLeast: 40_000,
      unit: "" as const,
    },
    {
      claim: "time of Redis a second with a million waiting: sorted set ÷ ours",
      value: (median) => {
        const at = "a million wait: µs of Redis each second";
        return median(byHand, at) / median(ours, at);
      },
      atLeast: 50,
    },
  ],
  async measure(variant, isQuick): Promise<Values> {
    const server = await startRedis();
    if (server === undefined) throw new Error("redis-server is not installed");
    const client = new Redis(server.url);
    try {
      const limit = most[isQuick ? "quick" : "full"];
      const sizes = crowds.filter((size) => size <= limit);
      return variant === ours ? await measureOurs(client, sizes) : await measureByHand(client, sizes);
    } finally {
      client.disconnect();
      await server.kill();
    }
  },
};

const names: Readonly<Record<number, string>> = {
  10_000: "ten thousand",
  1_000_000: "a million",
  10_000_000: "ten million",
};

/** How long commands took, by what Redis counts, in microseconds a call. */
async function timeOf(
  client: Redis,
  commands: readonly string[],
  work: () => Promise<number>,
): Promise<number> {
  await work();
  await client.config("RESETSTAT");
  const calls = await work();
  const stats = await client.info("commandstats");
  const spent = commands.map((name) =>
    Number(new RegExp(`^cmdstat_${name}:.*?usec=(\\d+)`, "m").exec(stats)?.[1])
  );
  return spent.filter(Number.isFinite).reduce((sum, each) => sum + each, 0) / calls;
}

async function measureOurs(client: Redis, sizes: readonly number[]): Promise<Values> {
  const values: Record<string, number> = {};
  let now = 1_800_000_000_000;
  const store = redisStore(ioRedis(client), { now: () => now });
  const limits = {
    admitPerMinute: 60 * admissionsPerSecond * 10,
    burstSeconds: 3,
    capacity: -1,
    sessionMs: 86_400_000,
    returnMs: 300_000,
    recovery: "strict" as const,
  };
  const room: Batch["room"] = { limits, opensAt: now + 30_000, closesAt: 0, note: "", since: now };
  const run = (key: string, commands: readonly Command[], seen?: Batch["seen"]) =>
    store.run(key, { room, seen, commands });
  const tag = (at: number) => at.toString(36).padStart(8, "0");
  let tags = 0;

  async function enter(key: string, count: number): Promise<readonly Command[]> {
    const present: Command[] = [];
    for (let at = 0; at < count; at += 100) {
      const { outcomes, status } = await run(
        key,
        Array.from({ length: 100 }, () => ({ do: "enter", tag: tag(tags++) })),
      );
      for (const outcome of outcomes) {
        if (!("tag" in outcome)) continue;
        const { number, tag } = outcome;
        present.push({ do: "checkIn", epoch: status.epoch, number, tag, issuedAt: now });
      }
    }
    return present;
  }

  /** A thousand inside, a thousand present, and so many who wait far behind. */
  async function prepare(key: string, waiting: number): Promise<readonly Command[]> {
    const first = await enter(key, present);
    await run(key, [{ do: "control", revision: undefined, change: { mode: "bypass" } }]);
    for (let at = 0; at < first.length; at += 100) await run(key, first.slice(at, at + 100));
    await run(key, [{ do: "control", revision: undefined, change: { mode: "scheduled" } }]);
    const front = await enter(key, present);
    const { status } = await run(key, []);
    // As a node that has seen them: a number costs the store nothing, so none is kept for them.
    await run(key, [], { ...status, issued: status.issued + waiting });
    now += 4000;
    await run(key, []);
    return front;
  }

  for (const waiting of [0, ...sizes]) {
    const key = `waiting-${waiting}`;
    const front = await prepare(key, waiting);
    let at = 0;
    const next = (size: number) => Array.from({ length: size }, () => front[at++ % front.length] as Command);
    const batches = (count: number, size: number) => async () => {
      for (let left = count; left > 0; left--) {
        now += 7;
        await run(key, next(size));
      }
      return count;
    };
    if (waiting === 0) {
      for (const size of [1, 10, 100]) {
        values[`script, batch of ${size}`] = await timeOf(client, ["evalsha"], batches(2000 / size, size));
      }
      const began = performance.now();
      await batches(200, 100)();
      values["commands a second, one client, batches of 100"] = 20_000 / ((performance.now() - began) / 1000);
      continue;
    }
    const perBatch = await timeOf(client, ["evalsha"], batches(200, 10));
    const perSecond = callsPerAdmission * admissionsPerSecond / 10 + 1;
    values[`${names[waiting]} wait: µs of Redis each second`] = perBatch * perSecond;
  }
  return values;
}

async function measureByHand(client: Redis, sizes: readonly number[]): Promise<Values> {
  const values: Record<string, number> = {};
  for (const waiting of sizes) {
    await client.flushall();
    for (let from = 0; from < waiting; from += 5000) {
      const members = Array.from({ length: 5000 }, (_, at) => [from + at, `visitor-${from + at}`]).flat();
      await client.zadd("line", ...members);
      await client.zadd("seen", ...members);
    }
    let seed = 1;
    const one = () => `visitor-${(seed = (seed * 48_271) % 2_147_483_647) % waiting}`;
    const polls = (count: number) => async () => {
      for (let left = count; left > 0; left -= 100) {
        const pipeline = client.pipeline();
        for (let each = 0; each < 100; each++) {
          const visitor = one();
          pipeline.zrank("line", visitor).zadd("seen", Date.now() + each, visitor);
        }
        await pipeline.exec();
      }
      return count;
    };
    const perPoll = await timeOf(client, ["zrank", "zadd"], polls(10_000));
    values[`${names[waiting]} wait: µs of Redis each second`] = perPoll * waiting / pollSeconds;
    if (waiting !== sizes[0]) continue;
    values["script, batch of 1"] = perPoll;
    const began = performance.now();
    await polls(20_000)();
    values["commands a second, one client, batches of 100"] = 40_000 / ((performance.now() - began) / 1000);
  }
  return values;
}

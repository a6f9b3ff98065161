/**
 * What does a waiting room cost its Redis, however many wait, and what does the sorted set that people build by hand?
 *
 * Ours is the store as it is shipped. The sorted set is the usual one: ZADD for a place, and with each poll of each page ZRANK for the
 * place and ZADD to a second set for the sign of life. Each process measures both, in turns on one server, in short rounds, and the
 * least of the rounds counts: other work on the machine only ever adds to what Redis itself says that its commands took. The floor of our script
 * is a script of nothing but the calls that ours made, as the server's monitor shows them.
 *
 * @module
 */

import { Redis } from "ioredis";
import type { Command } from "../plugins/waiting-room/machine/mod.ts";
import { type Batch, ioRedis, redisStore } from "../plugins/waiting-room/stores/redis/mod.ts";
import { startRedis } from "../tests/support/redis.ts";
import { type Median, middle, type Question, type Values } from "./_question.ts";

const few = "1,000 present, 1,000 inside";
const many = "100,000 present, 100,000 inside";
const crowds: Readonly<Record<string, number>> = {
  "ten thousand wait": 10_000,
  "a million wait": 1_000_000,
  "ten million wait": 10_000_000,
};
const ours = "waitingRoom(): µs of Redis each second";
const byHand = "sorted set by hand: µs of Redis each second";
const byHandPoll = "sorted set by hand: µs a poll";
/** How many commands a batch has, and how many batches a round. */
const sizes = [[1, 60], [10, 40], [100, 20]] as const;
const script = (size: number, figure: "median" | "mean" | "slowest") =>
  `script, batch of ${size}: ${figure}, µs`;
const callsAlone = (size: number) => `its calls alone, batch of ${size}: median, µs`;
/** Where the server has the copy on which they are made. */
const copyDb = 1;
/** How often a page of the sorted set asks, in seconds. */
const pollSeconds = 20;
/** How many joins and check-ins there are for an admission, how many admissions a second, and how many commands a batch then. */
const callsPerAdmission = 11;
const admissionsPerSecond = 10;
const perBatch = 10;
/** How long after one another batches leave a node at least, in milliseconds. */
const gapMs = 5;

/** The question, its variants and its targets. */
export const question: Question = {
  title: "The waiting room's store: Redis",
  unit: "as each case says",
  variants: [few, many, ...Object.keys(crowds)],
  rounds: { full: 1, quick: 1 },
  runtimes: ["node"],
  targets: [
    ...([[few, 1, 80], [few, 10, 120], [few, 100, 800], [many, 100, 2500]] as const).map((
      [variant, size, atMost],
    ) => ({
      claim: `the script for a batch of ${size}, ${variant}: least median of the rounds`,
      value: (median: Median) => median(variant, script(size, "median")),
      atMost,
      unit: "µs" as const,
      floor: {
        of: "a script of the same calls and nothing else",
        value: (median: Median) => median(variant, callsAlone(size)),
      },
    })),
    {
      claim: `the script for a batch of 100, ${many}: slowest of 20, in the best round`,
      value: (median) => median(many, script(100, "slowest")),
      atMost: 6000,
      unit: "µs",
    },
    {
      claim: `commands a second at 100 a batch, by the time of the script, ${many}`,
      value: (median) => 100e6 / median(many, script(100, "median")),
      atLeast: 40_000,
      unit: "",
      floor: {
        of: "a script of the same calls and nothing else",
        value: (median) => 100e6 / median(many, callsAlone(100)),
      },
    },
    {
      claim: "time of Redis a second with a million waiting: sorted set ÷ ours",
      value: (median) => median("a million wait", byHand) / median("a million wait", ours),
      atLeast: 50,
    },
  ],
  async measure(variant, isQuick): Promise<Values> {
    const waiting = crowds[variant];
    // The sorted set of ten million takes a minute to fill, and two gigabytes.
    if (isQuick && (waiting ?? 0) > 1_000_000) return {};
    const server = await startRedis();
    if (server === undefined) throw new Error("redis-server is not installed");
    const client = new Redis(server.url);
    try {
      // Scripts take longer than this, and most of what they call does not, whose entry would count as time of the script.
      await client.config("SET", "slowlog-log-slower-than", "20", "slowlog-max-len", "1000");
      const rounds = isQuick ? 5 : 12;
      if (waiting === undefined) {
        return await measurePresent(client, variant === many ? 100_000 : 1000, rounds);
      }
      return await measureWaiting(client, waiting, rounds);
    } finally {
      client.disconnect();
      await server.kill();
    }
  },
};

/** How long each call of a command took, by what Redis counts, in microseconds. */
async function timesOf(
  client: Redis,
  command: string,
  work: () => Promise<void>,
): Promise<readonly number[]> {
  await client.slowlog("RESET");
  await work();
  const entries = await client.slowlog("GET", 1000) as [number, number, number, string[]][];
  return entries.filter(([, , , [name = ""]]) => name.toLowerCase() === command).map(([, , micros]) =>
    micros
  );
}

/** How long commands took together, in microseconds a poll. */
async function pollTimeOf(
  client: Redis,
  poll: (count: number) => Promise<void>,
  count: number,
): Promise<number> {
  await client.config("RESETSTAT");
  await poll(count);
  const stats = await client.info("commandstats");
  const spent = ["zrank", "zadd"].map((name) =>
    Number(new RegExp(`^cmdstat_${name}:.*?usec=(\\d+)`, "m").exec(stats)?.[1])
  );
  return spent.reduce((sum, each) => sum + each, 0) / count;
}

async function measurePresent(client: Redis, present: number, rounds: number): Promise<Values> {
  const room = await roomOf(client, present, 0);
  const poll = await sortedSet(client, 2 * present);
  const least: Record<string, number> = {};
  const keep = (at: string, value: number) => least[at] = Math.min(least[at] ?? Infinity, value);
  for (let round = 0; round < rounds; round++) {
    for (const [size, count] of sizes) {
      const times = await timesOf(client, "evalsha", () => room(count, size));
      keep(script(size, "median"), middle(times));
      keep(script(size, "mean"), times.reduce((sum, each) => sum + each, 0) / times.length);
      keep(script(size, "slowest"), Math.max(...times));
      const replay = await replayOf(client, () => room(1, size));
      keep(callsAlone(size), middle(await timesOf(client, "evalsha", () => replay(count))));
    }
    keep(byHandPoll, await pollTimeOf(client, poll, 500));
  }
  return least;
}

/**
 * A script of the calls that the store's own made for some work, and nothing else. Gives what runs it so many times, on a copy: what it writes is of
 * that moment.
 */
async function replayOf(client: Redis, work: () => Promise<void>): Promise<(count: number) => Promise<void>> {
  const monitor = await client.monitor();
  const calls: string[][] = [];
  const whole = new Promise<void>((resolve) => {
    monitor.on("monitor", (_at: string, args: string[], source: string) => {
      if (source === "lua") calls.push(args);
      else if (args[0]?.toLowerCase() === "ping") resolve();
    });
  });
  await work();
  await client.ping();
  await whole;
  monitor.disconnect();
  // A call has no more than 250 arguments in its own words.
  const lines = calls.map((args) => {
    const words = args.map(asLua).join(",");
    return args.length < 200 ? `redis.call(${words})` : `redis.call(unpack({${words}}))`;
  });
  const sha = String(await client.script("LOAD", lines.join("\n")));
  for (const key of await client.keys("*")) await client.copy(key, key, "DB", copyDb, "REPLACE");
  return async (count) => {
    await client.select(copyDb);
    for (let left = count; left > 0; left--) await client.evalsha(sha, 0);
    await client.select(0);
  };
}

/** A text of the monitor as one of Lua: both write other bytes than letters in words of their own. */
function asLua(text: string): string {
  const bytes = text.replace(
    /\\x([0-9a-f]{2})|\\?["\\]/g,
    (found, hex?: string) =>
      hex === undefined ? `\\${found.at(-1)}` : `\\${Number.parseInt(hex, 16).toString().padStart(3, "0")}`,
  );
  return `"${bytes}"`;
}

async function measureWaiting(client: Redis, waiting: number, rounds: number): Promise<Values> {
  const room = await roomOf(client, 1000, waiting);
  const poll = await sortedSet(client, waiting);
  let [batch, each] = [Infinity, Infinity];
  for (let round = 0; round < rounds; round++) {
    batch = Math.min(batch, middle(await timesOf(client, "evalsha", () => room(40, perBatch))));
    each = Math.min(each, await pollTimeOf(client, poll, 2000));
  }
  const batches = callsPerAdmission * admissionsPerSecond / perBatch + 1;
  return { [ours]: batch * batches, [byHand]: each * waiting / pollSeconds };
}

/** A room with so many inside, so many present, and so many who wait far behind. Gives what sends it batches of check-ins. */
async function roomOf(
  client: Redis,
  present: number,
  waiting: number,
): Promise<(count: number, size: number) => Promise<void>> {
  const key = "bench";
  let now = 1_800_000_000_000;
  let tags = 0;
  const store = redisStore(ioRedis(client), { now: () => now });
  const limits = {
    admitPerMinute: 600_000,
    burstSeconds: 3,
    capacity: -1,
    sessionMs: 86_400_000,
    returnMs: 300_000,
    recovery: "strict" as const,
  };
  const room: Batch["room"] = { limits, opensAt: now + 50_000, closesAt: 0, note: "", since: now };
  const run = (commands: readonly Command[], seen?: Batch["seen"]) =>
    store.run(key, { room, seen, commands });
  const change = (change: Extract<Command, { do: "control" }>["change"]) =>
    run([{ do: "control", revision: undefined, change }]);

  async function enter(): Promise<readonly Command[]> {
    const entered: Command[] = [];
    for (let at = 0; at < present; at += 100) {
      const { outcomes, status: { epoch } } = await run(
        Array.from({ length: 100 }, () => ({ do: "enter", tag: (tags++).toString(36).padStart(8, "0") })),
      );
      for (const outcome of outcomes) {
        if (!("tag" in outcome)) continue;
        const { number, tag } = outcome;
        entered.push({ do: "checkIn", epoch, number, tag, issuedAt: now });
      }
    }
    return entered;
  }

  const first = await enter();
  await change({ mode: "bypass" });
  for (let at = 0; at < first.length; at += 100) await run(first.slice(at, at + 100));
  // Before its opening the room calls people, and lets nobody in.
  await change({ mode: "scheduled", opensAt: now + 50_000 });
  const front = await enter();
  const { status } = await run([]);
  if (status.sessions !== present || status.present !== present) {
    throw new Error(
      `There are ${status.present} present and ${status.sessions} inside instead of ${present}`,
    );
  }
  if (waiting > 0) {
    // As a node that has seen them: a number costs the store nothing, so none is kept for them.
    await run([], { ...status, issued: status.issued + waiting });
    now += 4000;
    await run([]);
  }

  let next = 0;
  return async (count, size) => {
    for (let left = count; left > 0; left--) {
      now += gapMs;
      await run(Array.from({ length: size }, () => front[next++ % front.length] as Command));
    }
  };
}

/** The sorted set with so many in it. Gives what polls it for visitors here and there. */
async function sortedSet(client: Redis, waiting: number): Promise<(count: number) => Promise<void>> {
  for (let from = 0; from < waiting; from += 1000) {
    const members = Array.from({ length: 1000 }, (_, at) => [from + at, `visitor-${from + at}`]).flat();
    await client.zadd("line", ...members);
    await client.zadd("seen", ...members);
  }
  let seed = 1;
  const one = () => `visitor-${(seed = (seed * 48_271) % 2_147_483_647) % waiting}`;
  return async (count) => {
    for (let left = count; left > 0; left -= 100) {
      const pipeline = client.pipeline();
      for (let each = 0; each < 100; each++) {
        const visitor = one();
        pipeline.zrank("line", visitor).zadd("seen", Date.now() + each, visitor);
      }
      await pipeline.exec();
    }
  };
}

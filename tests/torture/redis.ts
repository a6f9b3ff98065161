/**
 * Server-side tokens in a Redis that is killed and restarted, frozen and full while visitors come: nothing is lost that
 * was acknowledged, and meanwhile the gate does what its policy says, in time.
 */

import { createStorage, type Driver } from "unstorage";
import redisDriver from "unstorage/drivers/redis";
import { createGate, failClosed, type Gate, type GateError, type Plugin } from "../../mod.ts";
import { storageTokens } from "../../plugins/storage-tokens/mod.ts";
import { type Lateness, putOffBy, watchLateness } from "./_lateness.ts";
import type { Part } from "./_part.ts";
import { startTorturedRedis } from "./_redis.ts";
import { pause } from "./_tools.ts";

const timeoutMs = 200;
/** A request reads the id's mark and the token, and writes both: each step has its own timeout. */
const stepsPerRequest = 4;
const visitorCount = 40;
const allowanceMs = 150;
/** How long an answer may take. */
const bound = stepsPerRequest * timeoutMs + allowanceMs;

/** A visitor, and what was written for it. */
interface Visitor {
  cookie: string;
  /** The last value that was acknowledged; 0 before the first. */
  acknowledged: number;
  /** The last value that was sent. It may have been kept although nobody said so. */
  sent: number;
}

export const part: Part = {
  name: "redis",
  describe: "tokens in a Redis that is killed, restarted, frozen and full while visitors come",
  runtimes: ["node", "deno", "bun"],
  leastMs: 12_000,
  async run(budget) {
    const redis = await startTorturedRedis();
    if (redis === undefined) {
      budget.report({ name: "skipped, redis-server is not installed", value: 0, unit: "visits", held: true });
      return;
    }
    const driver: Driver = redisDriver({ url: redis.url, maxRetriesPerRequest: 1, retryStrategy: () => 50 });
    const client = driver.getInstance?.() as Client;
    client.on("error", () => {});
    const storage = createStorage({ driver });
    const errors: GateError[] = [];
    const gate = gateOf(storage, errors);
    const visitors = Array.from({ length: visitorCount }, (): Visitor => ({
      cookie: "",
      acknowledged: 0,
      sent: 0,
    }));
    const tally = { visits: 0, acknowledged: 0, refused: 0, wrong: 0, slowest: 0, isOver: false };
    const lateness = watchLateness();
    const load = visitors.map((visitor) => visitAll(gate, visitor, tally, lateness));
    const step = Math.max(budget.ms * 0.85, 9000) / 9;
    try {
      await pause(step);
      await redis.kill();
      await pause(step);
      await redis.start();
      await recovered(tally, 5000);
      await redis.freeze(step);
      await recovered(tally, 5000);
      await client.config("SET", "maxmemory-policy", "noeviction");
      await client.config("SET", "maxmemory", "1mb");
      await pause(step);
      await client.config("SET", "maxmemory", "0");
      await recovered(tally, 5000);
      // Once more without a pause to come round.
      await redis.kill();
      await redis.start();
      await recovered(tally, 5000);
    } finally {
      tally.isOver = true;
      await Promise.all(load);
      lateness.stop();
    }
    const lost = await lostOf(gate, visitors);
    const strange =
      errors.filter(({ code }) => code !== "timeout" && code !== "unreachable" && code !== "overloaded")
        .length;
    await gate.idle();
    await storage.dispose();
    await redis.close();

    budget.report({ name: "visits", value: tally.visits, unit: "visits", held: true });
    budget.report({
      name: "writes acknowledged",
      value: tally.acknowledged,
      unit: "writes",
      target: "some",
      held: tally.acknowledged > visitorCount,
    });
    budget.report({
      name: "visits that the policy decided",
      value: tally.refused,
      unit: "visits",
      target: "some",
      held: tally.refused > 0,
    });
    budget.report({
      name: "acknowledged writes that were lost",
      value: lost,
      unit: "writes",
      target: "none",
      held: lost === 0,
    });
    budget.report({
      name: "answers other than a page or the policy's",
      value: tally.wrong,
      unit: "answers",
      target: "none",
      held: tally.wrong === 0,
    });
    budget.report({
      name: "failures that are neither timeout, unreachable nor overloaded",
      value: strange,
      unit: "failures",
      target: "none",
      held: strange === 0,
    });
    budget.report({
      name: "slowest answer, but for what the machine was late",
      value: Math.round(tally.slowest),
      unit: "ms",
      target: `at most ${bound} ms`,
      held: tally.slowest <= bound,
    });
    for (
      const error of errors.filter(({ code }) =>
        code !== "timeout" && code !== "unreachable" && code !== "overloaded"
      ).slice(0, 3)
    ) {
      budget.fail(`${error.code}: ${error.message}`);
    }
  },
};

/** As much of the client as is used. */
interface Client {
  on(event: "error", listener: () => void): void;
  config(verb: "SET", name: string, value: string): Promise<unknown>;
}

interface Tally {
  visits: number;
  acknowledged: number;
  refused: number;
  wrong: number;
  slowest: number;
  isOver: boolean;
}

/** Writes what the address says, or answers with what was kept. */
function gateOf(storage: Parameters<typeof storageTokens>[0]["storage"], errors: GateError[]): Gate {
  const keeping: Plugin = {
    name: "keeping",
    async decide(ctx) {
      const value = ctx.url.searchParams.get("write");
      if (value !== null) await ctx.tokens.write("kept", value);
      const kept = value ?? await ctx.tokens.read("kept") ?? "nothing";
      return { action: "respond", reason: "keeping/done", response: new Response(kept) };
    },
  };
  return createGate({
    plugins: [
      storageTokens({ storage, timeoutMs, cookie: { name: "id", secure: false } }),
      failClosed(),
      keeping,
    ] as never,
    onError: (error) => errors.push(error),
  });
}

async function visitAll(gate: Gate, visitor: Visitor, tally: Tally, lateness: Lateness): Promise<void> {
  while (!tally.isOver) {
    const value = ++visitor.sent;
    const begun = performance.now();
    const response = await visit(gate, visitor, `/?write=${value}`);
    const ended = performance.now();
    const putOffMs = putOffBy(lateness.between(begun, ended), stepsPerRequest * timeoutMs);
    tally.slowest = Math.max(tally.slowest, ended - begun - putOffMs);
    tally.visits++;
    if (response.status === 200 && await response.text() === String(value)) {
      visitor.acknowledged = value;
      tally.acknowledged++;
    } else if (response.status === 503) tally.refused++;
    else tally.wrong++;
    await pause(10);
  }
}

async function visit(gate: Gate, visitor: Visitor, path: string): Promise<Response> {
  const headers: Record<string, string> = visitor.cookie === "" ? {} : { cookie: visitor.cookie };
  const response = await gate(
    new Request(`http://shop.example${path}`, { headers }),
    () => new Response("page"),
  );
  const set = response.headers.getSetCookie()[0];
  if (set !== undefined) visitor.cookie = set.split(";", 1)[0] ?? "";
  return response;
}

/** Waits until visits succeed again. */
async function recovered(tally: Tally, ms: number): Promise<void> {
  const before = tally.acknowledged;
  for (
    const end = performance.now() + ms;
    performance.now() < end && tally.acknowledged < before + visitorCount;
  ) {
    await pause(20);
  }
}

/** How many visitors find something older than what was acknowledged. */
async function lostOf(gate: Gate, visitors: readonly Visitor[]): Promise<number> {
  let lost = 0;
  for (const visitor of visitors) {
    if (visitor.acknowledged === 0) continue;
    const response = await visit(gate, visitor, "/");
    const kept = Number(await response.text());
    if (!(kept >= visitor.acknowledged && kept <= visitor.sent)) lost++;
  }
  return lost;
}

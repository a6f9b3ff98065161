/**
 * A crowd before a healthy service: thousands of connections at once, with and without a loop that stands still meanwhile, and
 * before one that works in turn and is too slow for so many, again and again.
 * Whoever is not promoted stays outside, and nobody is let in by `failOpen()`, for nothing has failed but the gate's own pace.
 */

import { clientIp, cookieTokens, createGate, failOpen, type Plugin, type Provider } from "../../mod.ts";
import { bulkhead } from "../../plugins/bulkhead.ts";
import { circuitBreaker } from "../../plugins/circuit-breaker/circuit-breaker.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { publicKey } from "../plugins/crowdhandler/_helpers.ts";
import { serve } from "../src/_serve.ts";
import { type CrowdService, largestCrowd, sendCrowd, startService } from "./_crowd-programs.ts";
import type { Budget, Part } from "./_part.ts";
import { pause } from "./_tools.ts";

/** How large the crowd is where there is time for it, and at least. */
const fullCrowd = 4000;
const leastCrowd = 200;
/** How many visitors are seen to in a second, in all variants, on a small machine. */
const perSecond = 60;
/** For how long the loop stands still in a crowd of full size, and at least. */
const fullStallMs = 3000;
const leastStallMs = 700;
/** How long the service takes. */
const [leastMs, mostMs] = [50, 300];
/** How long a service that works in turn takes for each: for a crowd of full size as for a small one, more than their time. */
const inTurnMs = (count: number) => Math.max(2, Math.round(8000 / count));
const patienceMs = 15_000;
/** Systems drop some connections of a crowd before any server sees them: which share of it, at most. */
const maxDropped = 0.05;

/** What stands between the gate and the service. */
const guards: Readonly<Record<string, (provider: Provider) => Provider>> = {
  "alone": (provider) => provider,
  "bulkhead": (provider) => bulkhead(provider, { maxConcurrent: 200, maxWaiting: 200 }),
  "breaker": (provider) => circuitBreaker(provider),
  "breaker and bulkhead": (provider) =>
    circuitBreaker(bulkhead(provider, { maxConcurrent: 200, maxWaiting: 200 })),
};
/** What stands before a service that works in turn. */
const inTurn: typeof guards = {
  "alone": (provider) => provider,
  "breaker": (provider) => circuitBreaker(provider),
  "small bulkhead": (provider) => bulkhead(provider, { maxConcurrent: 16, maxWaiting: 100 }),
};
/** How large a crowd is enough for that, and how often it comes: who comes later finds it at work for those who have gone. */
const inTurnCrowd = 1000;
const waves = 3;

/** What became of a crowd. */
interface Outcome {
  /** Answers by their reason. */
  readonly reasons: ReadonlyMap<string, number>;
  /** Visitors whom the application saw, by whether the service promotes them. */
  readonly served: { promoted: number; others: number };
  readonly statuses: readonly number[];
  /** For how long the loop stood still, in milliseconds. */
  readonly stalledMs: number;
}

export const part: Part = {
  name: "crowd",
  describe:
    "thousands of connections at once before a healthy service: nobody is let in because the gate is busy",
  runtimes: ["node", "deno", "bun"],
  share: 4,
  leastMs: 6000,
  beside: "nothing",
  async run(budget) {
    const count = Math.min(
      fullCrowd,
      largestCrowd(),
      Math.max(leastCrowd, Math.floor(budget.ms / 1000 * perSecond)),
    );
    const stallMs = Math.max(leastStallMs, fullStallMs * count / fullCrowd);
    budget.report({ name: "connections at once", value: count, unit: "visitors", held: true });
    const service = await startService(leastMs, mostMs);
    try {
      for (const kind of ["crowd", "stalled"]) {
        for (const [name, guard] of Object.entries(guards)) {
          const what = `${kind}, ${name}`;
          if (budget.only !== undefined && budget.only !== what) continue;
          tell(budget, what, await visitAll(service, guard, count, kind === "stalled" ? stallMs : 0));
        }
      }
    } finally {
      await service.stop();
    }
    const few = Math.min(count, inTurnCrowd);
    for (const [name, guard] of Object.entries(inTurn)) {
      const what = `in turn, ${name}`;
      if (budget.only !== undefined && budget.only !== what) continue;
      const slow = await startService(0, 0, inTurnMs(few));
      try {
        tell(budget, what, await visitAll(slow, guard, few, 0, waves));
      } finally {
        await slow.stop();
      }
    }
  },
};

/** Sends a crowd to a gate of its own. */
async function visitAll(
  service: CrowdService,
  guard: (provider: Provider) => Provider,
  count: number,
  stallMs: number,
  times = 1,
): Promise<Outcome> {
  const reasons = new Map<string, number>();
  const served = { promoted: 0, others: 0 };
  const counting: Plugin = {
    name: "counting",
    settled: (_ctx, { decision: { reason } }) => void reasons.set(reason, (reasons.get(reason) ?? 0) + 1),
  };
  const provider = crowdhandler({
    publicKey,
    apiUrl: service.url,
    publicHosts: ["shop.example.com"],
    performance: { sample: 0 },
  });
  const gate = createGate({
    plugins: [
      clientIp({ warn() {} }),
      cookieTokens({ secure: false }),
      counting,
      failOpen(),
      guard(provider),
    ],
    onError() {},
  });
  const server = await serve(
    gate.wrap((request: Request, ..._platform: unknown[]) => {
      const isPromoted = /[02468]$/.test(request.headers.get("cookie") ?? "");
      if (isPromoted) served.promoted++;
      else served.others++;
      return new Response("page");
    }),
  );
  await service.answered();
  let isOver = false;
  const crowd = sendCrowd(server.port, count, patienceMs).finally(() => isOver = true);
  let stalledMs = 0;
  if (stallMs > 0) {
    // While the first answers are on their way.
    while (await service.answered() === 0 && !isOver) await pause(10);
    // Among the timers: those that are due behind it run before anybody looks at a socket.
    stalledMs = await new Promise((resolve) => setTimeout(() => resolve(block(stallMs)), 0));
  }
  const statuses = [...await crowd];
  for (let time = 1; time < times; time++) statuses.push(...await sendCrowd(server.port, count, patienceMs));
  await server.close();
  await gate.idle();
  return { reasons, served, statuses, stalledMs };
}

/** What an application does that computes for long: nothing else runs. */
function block(ms: number): number {
  const begun = performance.now();
  while (performance.now() - begun < ms);
  return performance.now() - begun;
}

function tell(budget: Budget, what: string, { reasons, served, statuses, stalledMs }: Outcome): void {
  const ofReasons = (pattern: RegExp) =>
    [...reasons].reduce((sum, [reason, times]) => sum + (pattern.test(reason) ? times : 0), 0);
  const visitors = { unit: "visitors", held: true };
  const none = (name: string, value: number) => {
    budget.report({ name: `${what}: ${name}`, value, unit: "visitors", target: "none", held: value === 0 });
    if (value > 0) budget.fail(`${what}: ${value} ${name}; ${inWords(reasons)}`, { only: what });
  };
  if (stalledMs > 0) {
    budget.report({
      name: `${what}: the loop stood still`,
      value: Math.round(stalledMs),
      unit: "ms",
      held: true,
    });
  }
  budget.report({ name: `${what}: promoted and served`, value: served.promoted, ...visitors });
  budget.report({
    name: `${what}: sent to wait by the service`,
    value: ofReasons(/^crowdhandler\/queued$/),
    ...visitors,
  });
  budget.report({
    name: `${what}: sent to wait because the gate was busy`,
    value: ofReasons(/^failure-policy\/(?:queued|rejected)-overloaded$/),
    ...visitors,
  });
  none("admitted by the policy", ofReasons(/^failure-policy\/admitted/));
  none("served although not promoted", served.others);
  none("counted as an outage", ofReasons(/^failure-policy\/\w+-(?!overloaded)/));
  const unanswered = statuses.filter((status) => status === 0).length;
  budget.report({
    name: `${what}: without an answer`,
    value: unanswered,
    unit: "visitors",
    target: "at most five in a hundred",
    held: unanswered <= statuses.length * maxDropped,
  });
}

function inWords(reasons: ReadonlyMap<string, number>): string {
  return [...reasons].map(([reason, times]) => `${reason} ${times}`).join(", ");
}

/**
 * Two waiting rooms of eight processes on three runtimes and one Redis, while processes, Redis and the network break, clocks step and
 * limits change. Visitors of many kinds come over real HTTP, and what is counted is what the application behind the gate serves.
 */

import process from "node:process";
import { createSealer } from "../../plugins/waiting-room/tickets/mod.ts";
import type { Budget, Part } from "./_part.ts";
import { startTorturedRedis } from "./_redis.ts";
import type { CrowdSettings } from "./_room-crowd.ts";
import { machineTime, type RoomEvent } from "./_room-events.ts";
import { courseOf, type Fault, faults, inForce, type Torture } from "./_room-faults.ts";
import { judge, type Verdict } from "./_room-judge.ts";
import { processOf } from "./_room-processes.ts";
import type { RoomVisits } from "./_room-programs.ts";
import { type Site, type SiteRoom, startSite } from "./_room-site.ts";
import { pause, randomOf } from "./_tools.ts";

/** One room whose limit is the rate, and one whose limit is how many are inside. */
const rooms = [
  { name: "rate", admitPerMinute: 480, burstSeconds: 3, sessionMinutes: 3, returnMinutes: 1 },
  {
    name: "hall",
    admitPerMinute: 1200,
    burstSeconds: 3,
    capacity: 24,
    sessionMinutes: 0.15,
    returnMinutes: 1,
  },
] as const satisfies readonly SiteRoom[];
/** How many visitors each has at once, and how long they stay. */
const crowds = { rate: { count: 130, stayMs: 8000 }, hall: { count: 80, stayMs: 5000 } } as const;

/** Ending and counting takes about so long, and each fault gets so much at least, in milliseconds. */
const endMs = 3000;
const leastStepMs = 400;
/** From when on there is time for all faults. */
const longMs = 60_000;
/** Within which time each process must know of a change, in milliseconds. */
const controlMs = 2000;

export const part: Part = {
  name: "room",
  describe: "waiting rooms of eight processes and one Redis that break, counted at the application's door",
  runtimes: ["node"],
  leastMs: 20_000,
  beside: "nothing",
  async run(budget) {
    const redis = await startTorturedRedis();
    if (redis === undefined) {
      budget.report({ name: "skipped, redis-server is not installed", value: 0, unit: "visits", held: true });
      return;
    }
    const endsAt = performance.now() + budget.ms - endMs;
    const random = randomOf(budget.seed);
    const events: RoomEvent[] = [];
    const tell = (event: RoomEvent) => void events.push(event);
    const site = await startSite(redis, rooms, random, tell);
    // Whoever ends this process by a signal ends what it started, too.
    process.once("exit", () => void site.close());
    const torture: Torture = {
      ...{ site, redis, random, rooms, cuts: [], pauses: [], troubles: [] },
      limits: new Map(rooms.map((room) => [room.name, [inForce(room, 0, 0)]])),
      ...{ controlMs: 0, outageMs: 0, cutBytes: 0 },
    };
    const steps: Step[] = [];
    try {
      await visited(budget, site, tell, async () => {
        const chosen = faults.filter((fault) => isChosen(fault, budget));
        let left = chosen.reduce((sum, { share }) => sum + share, 0);
        for (const { name, share, run } of inOrder(chosen, random)) {
          const from = machineTime();
          await run(torture, Math.max(leastStepMs, (endsAt - performance.now()) * share / left));
          left -= share;
          steps.push({ name, from });
        }
      });
    } finally {
      await site.close();
      await redis.close();
    }
    const sealer = createSealer(site.secretKeys);
    // Tickets are signed for the room's key in the store.
    const read = (room: string, cookie: string) =>
      cookie === "" ? undefined : sealer.open(`stanchion:${room}`, cookie, "");
    report(budget, torture, steps, rooms.map((room) => judge(courseOf(torture, room, read), events)));
  },
};

function isChosen({ name, isQuick }: Fault, { ms, only }: Budget): boolean {
  return only === undefined ? isQuick || ms >= longMs : name === "nothing" || name === only;
}

/** The first one and the last one stay where they are. */
function inOrder(chosen: readonly Fault[], random: () => number): readonly Fault[] {
  const mixed = chosen.slice(1, -1).map((fault) => ({ fault, by: random() })).sort((a, b) => a.by - b.by);
  return [...chosen.slice(0, 1), ...mixed.map(({ fault }) => fault), ...chosen.slice(1).slice(-1)];
}

/** Does something while visitors come. */
async function visited(
  { seed, fail }: Budget,
  site: Site,
  tell: (event: RoomEvent) => void,
  act: () => Promise<void>,
): Promise<void> {
  const complaints: string[] = [];
  const crowd = processOf("node", "./_room-crowd.ts", {
    tell,
    complain: (line) => void complaints.push(line),
  });
  const visits = rooms.map(({ name, returnMinutes }): RoomVisits => ({
    room: name,
    returnMs: returnMinutes * 60_000,
    ...crowds[name],
  }));
  const settings: CrowdSettings = { ports: site.nodes.map(({ port }) => port), seed, rooms: visits };
  void crowd.start(settings);
  await pause(500);
  try {
    await act();
    if (!crowd.isRunning) fail(`the visitors ended early: ${complaints.join("\n")}`);
  } finally {
    await crowd.finish();
  }
}

/** A fault, and when it was made. */
interface Step {
  readonly name: string;
  readonly from: number;
}

function report(
  budget: Budget,
  torture: Torture,
  steps: readonly Step[],
  verdicts: readonly Verdict[],
): void {
  type Count = Exclude<keyof Verdict, "examples">;
  const sum = (name: Count) => verdicts.reduce((all, verdict) => all + verdict[name], 0);
  const most = (name: Count) => Math.max(...verdicts.map((verdict) => verdict[name]));
  const say = (name: string, value: number, unit: string) => budget.report({ name, value, unit, held: true });
  const none = (name: string, value: number, unit: string) =>
    budget.report({ name, value, unit, target: "none", held: value === 0 });
  const some = (name: string, value: number, unit: string) =>
    budget.report({ name, value, unit, target: "some", held: value > 0 });
  const atMost = (name: string, value: number, unit: string, limit: number) =>
    budget.report({ name, value, unit, target: `at most ${limit} ${unit}`, held: value <= limit });
  const burst = rooms.map(({ admitPerMinute, burstSeconds }) =>
    Math.floor(admitPerMinute / 60 * burstSeconds) + 1
  );

  say("kinds of faults", steps.length, "faults");
  say("requests of visitors", sum("visits"), "requests");
  some("admissions", sum("admissions"), "admissions");
  some("people inside at once, at most, where 24 may be", verdicts[1]?.mostInside ?? 0, "people");
  some("answers that were lost on the way", sum("lostAnswers"), "answers");
  some("calls of hidden pages", sum("hiddenCalls"), "calls");
  some("cookies that were shown again or by somebody else", sum("thefts"), "requests");
  some("people present, compared with those let in before them", sum("compared"), "comparisons");
  none("admissions beyond the rate", sum("overRate"), "admissions");
  atMost("beyond it around the power cut", most("overRateByCut"), "admissions", Math.max(...burst));
  none("admissions beyond the capacity", sum("overCapacity"), "admissions");
  atMost(
    "beyond it around the power cut, of those inside",
    most("overCapacityByCut"),
    "admissions",
    Math.max(...burst),
  );
  none("people present who were overtaken", sum("overtaken"), "people");
  none("tickets that let in twice", sum("twice"), "tickets");
  none("numbers that two people had", sum("shared"), "numbers");
  say("of the second that the power cut took", sum("sharedByCut"), "numbers");
  none("people with a good pass who were stopped", sum("thrownOut"), "people");
  say("whose pass was due already when the store failed", sum("overdue"), "people");
  say("by a process that did not know the time of its store yet", sum("unknownHolders"), "people");
  none("places lost", sum("lost"), "places");
  say("by people who missed a call long after they had been passed", sum("lostSoon"), "places");
  some("requests for parts of pages", sum("resources"), "requests");
  none("numbers or pages that those took", sum("byResources"), "requests");
  if (torture.pauses.length > 0) {
    atMost("until all eight processes knew of a pause", Math.round(torture.controlMs), "ms", controlMs);
    none("admissions while the rooms were paused", sum("duringPause"), "admissions");
  }
  if (torture.outageMs > 0) say("the store was away for", Math.round(torture.outageMs / 100) / 10, "s");
  if (torture.cuts.length > 0) some("taken away by the power cut", torture.cutBytes, "bytes");
  for (const { text, at } of verdicts.flatMap(({ examples }) => examples)) {
    const step = steps.findLast(({ from }) => from <= at);
    budget.fail(`${text}; ${Math.round(at - (step?.from ?? at))} ms after the beginning of "${step?.name}"`);
  }
}

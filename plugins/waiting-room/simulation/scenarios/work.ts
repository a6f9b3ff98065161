import type { PartialWorld } from "../world.ts";
import type { Result } from "../simulate.ts";
import { mean } from "../figures.ts";
import { atMost, callsAnAdmission, counting, mostCalls, oneWorld, type Scenario } from "./scenario.ts";

function work(
  name: string,
  about: string,
  world: (isQuick: boolean) => PartialWorld,
  figures: (result: Result) => readonly ReturnType<typeof atMost>[],
): Scenario {
  return oneWorld({ name, about, rules: "W46", world: ({ isQuick }) => world(isQuick), figures });
}

const line = (waiting: number, statusAgeMs: number = 2000) => (isQuick: boolean): PartialWorld => ({
  durationMs: (isQuick ? 6 : 15) * 60_000,
  limits: { admitPerMinute: 600 },
  crowd: { waiting },
  statusAgeMs,
});

const byRate = (bound: number) => (result: Result) => [
  atMost("joins and check-ins an admission", callsAnAdmission(result), bound),
  atMost("calls of the store in a second", mostCalls(result), 1500),
  atMost("renewals a second of what sessions may ask", renewals(result), 1),
  atMost(
    "looks at the status in a second, of those who are told the longest interval",
    mostLooks(result),
    5500,
  ),
];

/** How much of the store's work a room makes. */
export const workScenarios: readonly Scenario[] = [
  work("work-10000", "600 a minute, and 14 thousand wait", line(14_000), byRate(11)),
  work("work-10000000", "600 a minute, and ten million wait", line(10_000_000), byRate(11)),
  work("work-old-status", "the same with a status that is up to 6 s old", line(14_000, 6000), byRate(13)),
  work(
    "work-capacity",
    "200 inside, five minutes each, and 10 thousand wait",
    (isQuick) => ({
      durationMs: isQuick ? 1_200_000 : 3_600_000,
      limits: { admitPerMinute: 200, capacity: 200 },
      crowd: { waiting: 10_000 },
    }),
    (result) => [
      atMost("joins and check-ins an admission", callsAnAdmission(result), 20),
      atMost("calls of the store in a second", mostCalls(result), 1500),
      atMost("renewals a second of what sessions may ask", renewals(result), 1),
    ],
  ),
  work(
    "work-paused",
    "600 a minute, and a pause of ten minutes",
    () => ({
      durationMs: 900_000,
      limits: { admitPerMinute: 600 },
      crowd: { waiting: 14_000, pageMs: 0 },
      script: [{ atMs: 240_000, what: "change", change: { mode: "paused" } }],
    }),
    ({ calls, seconds }) => {
      const paused = seconds.filter(({ at }) => at > 300);
      const batches = mean(calls.bySecond.slice(301, 900).map((count) => count ?? 0));
      const present = mean(paused.map((each) => each.present + each.asleep));
      return [atMost("calls of the store a second of those present / 5 s", batches / (present / 5), 1)];
    },
  ),
  work(
    "work-6000",
    "6,000 a minute on 8 nodes",
    // Never shorter: whoever waits at the opening calls without being let in, and that has to be spread over the admissions of a sale.
    () => ({
      durationMs: 540_000,
      limits: { admitPerMinute: 6000 },
      crowd: { waiting: 120_000, pageMs: 0 },
    }),
    (result) => [
      atMost("joins and check-ins an admission", callsAnAdmission(result), 11),
      atMost("calls of the store in a second", mostCalls(result), 1500),
    ],
  ),
  work(
    "work-idle",
    "a room in which nobody waits and a visitor comes now and then, on 8 nodes; a thousand of them make",
    (isQuick) => ({
      mode: "open",
      durationMs: isQuick ? 3_600_000 : 36_000_000,
      limits: { admitPerMinute: 60 },
      crowd: { waiting: 0, arrivals: () => 0.0005, pageMs: 0 },
    }),
    (
      { calls, endedMs },
    ) => [atMost("calls of the store a second", 1000 * calls.batches / (endedMs / 1000), 50)],
  ),
];

/** Renewals a second, of one a minute for each session. */
function renewals(result: Result): number {
  const sessions = mean(result.seconds.map((each) => each.sessions));
  return result.calls.renew / (result.endedMs / 1000) / (sessions / 60);
}

function mostLooks(result: Result): number {
  return Math.max(0, ...counting(result).map(({ looks }) => looks));
}

import { simulate } from "../simulate.ts";
import { randomWorld, type Troubles } from "../worlds.ts";
import type { Violations } from "../door.ts";
import { atLeast, atMost, type Extent, type Scenario } from "./scenario.ts";

/** How many worlds are tried, and how many at once in tests. */
const all = 150;
const few = 4;

/** What must not be at all, and what must not be once a node knows of a loss. */
const neverKnowing = ["rate", "capacity", "order", "twice", "unknown"] as const;
const never = [...neverKnowing, "numbers", "thrown", "lapsed", "back"] as const;

/** Random worlds: nothing that is promised may be broken in any. */
export const worldScenarios: readonly Scenario[] = [
  {
    name: "worlds",
    rules: "W43",
    about:
      "random worlds: clocks that jump, crashes, outages, other limits, pauses, hidden and sleeping tabs, sharers",
    run(extent) {
      const { isQuick } = extent;
      const { events, wrong, found } = tried({ losses: false, others: true }, never, extent);
      const most = (name: string) => atMost(`${name}, in all worlds`, found[name] ?? 0, 0);
      return {
        events,
        wrong,
        figures: [
          ...never.map(most),
          ...(isQuick ? [] : [atLeast("events", events, 10_000_000)]),
        ],
      };
    },
  },
  losing("losses", "W43, W17", "random worlds", false),
  losing("lanes-losses", "W42, W43, W17", "random worlds with two lanes", true),
];

function losing(name: string, rules: string, worlds: string, lanes: boolean): Scenario {
  return {
    name,
    rules,
    about: `${worlds} in which the store loses all, or its last 0.2 to 5 seconds, one to three times`,
    run(extent) {
      const troubles = { losses: true, others: true, lanes };
      const { events, wrong, found, inside, present } = tried(troubles, neverKnowing, extent);
      const most = (name: string) => atMost(`${name}, once a node knows`, found[name] ?? 0, 0);
      return {
        events,
        wrong,
        figures: [
          ...neverKnowing.map(most),
          atMost(
            "put out, of 1,000 inside at a loss",
            1000 * (found["thrown"] ?? 0) / Math.max(1, inside),
            1,
          ),
          atMost(
            "lapsed, of 1,000 present at a loss",
            1000 * (found["lapsed"] ?? 0) / Math.max(1, present),
            1,
          ),
        ],
      };
    },
  };
}

function tried(troubles: Troubles, names: readonly (keyof Violations)[], { isQuick, seed, tell }: Extent) {
  const count = isQuick ? few : all;
  const found: Record<string, number> = {};
  const wrong: number[] = [];
  let [events, inside, present] = [0, 0, 0];
  for (let at = 0; at < count; at++) {
    const result = simulate(randomWorld(seed + at, troubles));
    events += result.events;
    inside += result.atLosses.inside;
    present += result.atLosses.present;
    if (names.some((name) => result.violations[name] > 0)) wrong.push(seed + at);
    for (const [name, times] of Object.entries(result.violations)) found[name] = (found[name] ?? 0) + times;
    tell?.(at + 1, count, "worlds");
  }
  return { events, wrong, found, inside, present };
}

/** Worlds at random, each by its seed. */

import { type Random, randomOf } from "./random.ts";
import { type Happening, type PartialWorld, type World, worldOf } from "./world.ts";

/** What may go wrong in a world. */
export interface Troubles {
  /** The store loses what it knows. */
  readonly losses: boolean;
  /** Clocks jump, nodes crash, the store is away, limits change, the room pauses. */
  readonly others: boolean;
  /** Whether all have two lanes. @default {two of five have} */
  readonly lanes?: boolean;
}

/** How long a world lasts, in milliseconds. */
const durationMs = 480_000;

/** Makes a world. */
export function randomWorld(seed: number, troubles: Troubles): World {
  const random = randomOf(seed * 104_729);
  const { between, chance, pick } = random;
  const byCapacity = chance(0.5);
  const sessionMs = pick([120_000, 600_000]);
  const come = between(3, 15);
  const stays = between(0.3, 0.9);
  const opensLate = chance(0.8);
  // Drawn apart, so that the other worlds are what they were before rates were tuned, and before there were lanes.
  const lanes = randomOf(seed * 7937);
  const hasLanes = lanes.chance(0.4) || troubles.lanes === true;
  const isTuned = byCapacity && randomOf(seed * 7919).chance(0.3);
  return worldOf({
    seed,
    durationMs,
    mode: opensLate ? "scheduled" : "open",
    limits: {
      // A capacity that is never reached says nothing.
      admitPerMinute: byCapacity ? pick([60, 300, 600, 3000]) : pick([6, 60, 300, 600, 3000]),
      burstSeconds: pick([0, 1, 3, 10]),
      capacity: byCapacity ? pick([5, 20, 60, 300]) : -1,
      sessionMs,
      returnMs: pick([60_000, 300_000]),
    },
    crowd: {
      waiting: opensLate ? Math.floor(between(0, 15_000)) : 0,
      arrivals: chance(0.6) ? () => come : undefined,
      stays: () => stays,
      hidden: between(0, 0.6),
      suspended: between(0, 0.2),
      shared: chance(0.5) ? 0.05 : 0,
      patienceMs: pick([600_000, 6_000_000]),
      rejoins: pick([0, 0.7]),
      stayMs: pick([20_000, 240_000]),
      noShow: pick([0, 0.1]),
    },
    nodes: 1 + Math.floor(between(0, 12)),
    ...(hasLanes && { priority: priorityOf(lanes, opensLate) }),
    ...(isTuned && tunedWorld(randomOf(seed * 7927))),
    storeMs: pick([0.5, 2, 30]),
    script: happeningsOf(random, troubles, byCapacity),
  });
}

/** Some who have a lane of their own. */
function priorityOf(
  { between, chance, pick }: Random,
  opensLate: boolean,
): NonNullable<PartialWorld["priority"]> {
  const come = between(0.1, 10);
  return {
    weight: pick([0.5, 1, 3, 10]),
    crowd: {
      waiting: opensLate ? Math.floor(between(0, 5000)) : 0,
      ...(chance(0.7) && { arrivals: () => come }),
    },
  };
}

/** An application that is too slow, or fails now and then, and a rate that follows that. */
function tunedWorld({ pick }: Random): Pick<World, "application" | "autotune"> {
  const pagesPerSecond = pick([0.5, 2, 20]);
  const fails = pick([0, 0, 0.1]);
  return {
    application: { pagesPerSecond: () => pagesPerSecond, fails: (ms) => ms % 120_000 < 40_000 ? fails : 0 },
    autotune: { targetMs: pick([100, 1000]), maxErrorRate: 0.05, min: 6, max: pick([600, 6000]) },
  };
}

/** Draws what happens in a world. */
function happeningsOf(
  { between, chance, pick }: Random,
  { losses, others }: Troubles,
  byCapacity: boolean,
): readonly Happening[] {
  const script: Happening[] = [];
  const some = (share: number, make: (atMs: number) => void) => {
    if (chance(share)) make(Math.floor(between(100_000, 0.75 * durationMs)));
  };

  if (losses) {
    for (let left = 1 + Math.floor(between(0, 3)); left > 0; left--) {
      some(
        1,
        (atMs) => script.push({ atMs, what: "loss", back: pick<number | "all">(["all", 200, 1000, 5000]) }),
      );
    }
  }
  if (others) {
    some(
      0.4,
      (atMs) =>
        script.push({
          atMs,
          what: "change",
          change: { limits: { admitPerMinute: pick([0, 60, 600, 3000]) } },
        }),
    );
    some(
      0.4,
      (atMs) =>
        script.push({
          atMs,
          what: "change",
          change: { limits: { admitPerMinute: pick([6, 60, 600, 3000]) } },
        }),
    );
    if (byCapacity) {
      some(
        0.3,
        (atMs) =>
          script.push({ atMs, what: "change", change: { limits: { capacity: pick([0, 5, 300, 1500]) } } }),
      );
    }
    some(0.3, (atMs) => {
      script.push({
        atMs,
        what: "change",
        change: { mode: pick(["paused", "draining", "closed", "bypass"]) },
      });
      script.push({ atMs: atMs + between(5000, 200_000), what: "change", change: { mode: "open" } });
    });
    some(0.1, (atMs) => script.push({ atMs, what: "change", change: { dropsLine: true } }));
    some(0.3, (atMs) => script.push({ atMs, what: "crash", node: Math.floor(between(0, 20)) }));
    some(0.3, (atMs) => script.push({ atMs, what: "crash", node: Math.floor(between(0, 20)) }));
    some(0.3, (atMs) => script.push({ atMs, what: "outage", forMs: between(500, 30_000) }));
    some(0.3, (atMs) => {
      const byMs = pick([-4000, -30_000, -3_600_000, 3000, 20_000]);
      script.push({ atMs, what: "clock", byMs });
      if (chance(0.5)) script.push({ atMs: atMs + between(1000, 60_000), what: "clock", byMs: -byMs });
    });
  }
  return script.toSorted((one, other) => one.atMs - other.atMs);
}

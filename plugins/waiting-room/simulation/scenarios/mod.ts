/**
 * Everything that is held to bounds by simulation.
 *
 * @module
 */

import { fairnessScenarios } from "./fairness.ts";
import { laneScenarios } from "./lanes.ts";
import { lotteryScenarios } from "./lottery.ts";
import type { Scenario } from "./scenario.ts";
import { tuningScenarios } from "./tuning.ts";
import { useScenarios } from "./use.ts";
import { workScenarios } from "./work.ts";
import { worldScenarios } from "./worlds.ts";

export type { Extent, Figure, Outcome, Scenario } from "./scenario.ts";

/** All scenarios. */
export const scenarios: readonly Scenario[] = [
  ...worldScenarios,
  ...useScenarios,
  ...workScenarios,
  ...fairnessScenarios,
  ...tuningScenarios,
  ...lotteryScenarios,
  ...laneScenarios,
];

import { quantile } from "../figures.ts";
import type { Forecast } from "../forecasts.ts";
import type { PartialWorld } from "../world.ts";
import { atLeast, atMost, oneWorld, overtaking, type Scenario } from "./scenario.ts";

/** How far a forecast may be off, as a share of it and in milliseconds. */
const nearShare = 0.2;
const nearMs = 15_000;

function forecast(
  name: string,
  about: string,
  world: PartialWorld,
  within: number,
  median: number,
): Scenario {
  return oneWorld({
    name,
    about,
    rules: "W48, W28",
    world: () => ({ forecastsUntilMs: 960_000, endsEmpty: true, ...world }),
    figures: ({ forecasts }) => [
      atLeast("forecasts that came true within a fifth or 15 s", near(forecasts), within),
      atMost("median error, as a share", Math.abs(medianError(forecasts)), median),
    ],
  });
}

function near(forecasts: readonly Forecast[]): number {
  const good = forecasts.filter(({ saidMs, cameMs }) =>
    Math.abs(saidMs - cameMs) <= Math.max(nearMs, nearShare * saidMs)
  );
  return good.length / forecasts.length;
}

function medianError(forecasts: readonly Forecast[]): number {
  return quantile(forecasts.map(({ saidMs, cameMs }) => (cameMs - saidMs) / Math.max(cameMs, 1000)), 0.5);
}

const opening: PartialWorld = {
  durationMs: 2_400_000,
  limits: { admitPerMinute: 600 },
  crowd: { waiting: 22_000, pageMs: 0 },
};

/** Who is overtaken, and what pages say of the time that is left. */
export const fairnessScenarios: readonly Scenario[] = [
  oneWorld({
    name: "order-600",
    rules: "W48, W9",
    about: "600 a minute: how long others are let in before who is there, awake and in front of them",
    world: () => ({ ...opening, limits: { admitPerMinute: 600 } }),
    figures: (
      result,
    ) => [atMost("99 of 100 are overtaken for no more than seconds", overtaking(result, 0.99), 1)],
  }),
  oneWorld({
    name: "order-6000",
    rules: "W48, W9",
    about: "the same at 6,000 a minute",
    // Never shorter: of the minutes after the opening, in which a whole burst goes in at once, it would tell little else.
    world: () => ({
      durationMs: 540_000,
      limits: { admitPerMinute: 6000 },
      crowd: { waiting: 120_000, pageMs: 0 },
    }),
    figures: (
      result,
    ) => [atMost("99 of 100 are overtaken for no more than seconds", overtaking(result, 0.99), 1)],
  }),
  forecast("time-left", "the time left that pages show, 600 a minute, 25 % hidden", opening, 0.75, 0.05),
  forecast(
    "time-left-hidden",
    "the same with 60 % hidden",
    { ...opening, crowd: { ...opening.crowd, hidden: 0.6 } },
    0.45,
    Number.POSITIVE_INFINITY,
  ),
  forecast(
    "time-left-capacity",
    "the same where the places are the limit: 5,000 inside, five minutes each, at 600 a minute, ten minutes after the room is full",
    {
      // How fast people leave nobody knows before they do: as long as the room fills, the pace is that of the rate.
      forecastsFromMs: 1_320_000,
      forecastsUntilMs: 2_220_000,
      durationMs: 7_200_000,
      limits: { admitPerMinute: 600, capacity: 5000 },
      crowd: { waiting: 40_000 },
    },
    0.6,
    0.1,
  ),
];

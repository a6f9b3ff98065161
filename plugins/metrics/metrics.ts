/**
 * Counts what the gate decides, for Prometheus and whatever reads its text format.
 *
 * @module
 */

import { checkOptions, shapeError, show, type Subject, valueError } from "../../src/options/check.ts";
import type { Gate } from "../../src/gate.ts";
import type { GateHealth } from "../../src/health.ts";
import type { Helper } from "../../src/plugin.ts";
import { createCounts } from "./counts.ts";
import { counter, expose, type Family, formatFor, gauge, labelText, mediaTypes } from "./exposition.ts";
import { createHealthGauges, type HealthGauge } from "../../src/telemetry/health-gauges.ts";
import { decisionBuckets, type Sample } from "../../src/telemetry/histogram.ts";

/** The options of {@linkcode metrics}. */
export interface MetricsOptions {
  /**
   * The upper bounds of the histogram of durations, in seconds, rising; there is one more without a bound.
   *
   * @default {[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]}
   */
  readonly buckets?: readonly number[];
}

/** What tells how a gate is doing: the gate. */
export type Healthy = Pick<Gate, "health">;

/** The plugin that counts, and what reads it. */
export type Metrics = Helper & {
  /**
   * Writes all metrics in the text format 0.0.4 of Prometheus.
   *
   * @param gate The gate, whose health is written as well.
   * @returns The text.
   */
  readonly text: (gate?: Healthy) => string;
  /**
   * Makes a handler that answers `GET` with the metrics: in OpenMetrics 1.0 where that is asked for, otherwise in
   * the text format. It answers everybody; put it where only your monitoring gets.
   *
   * @param gate The gate, whose health is written as well.
   * @returns The handler.
   */
  readonly handler: (gate?: Healthy) => (request: Request) => Response;
};

const subject: Subject = "metrics plugin";

/**
 * Counts decisions, failures, responses and the time that decisions take. The labels are bounded in number, and
 * nothing of a visitor is among them: a reason that is not made of plain words is counted as `other`.
 *
 * @param options The buckets of the histogram.
 * @returns The plugin, which also writes what it counted.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen } from "stanchion";
 * import { metrics } from "stanchion/metrics";
 * import { crowdhandler } from "stanchion/crowdhandler";
 *
 * const counted = metrics();
 * const gate = createGate({
 *   plugins: [cookieTokens(), failOpen(), crowdhandler({ publicKey: "your-public-key" }), counted],
 * });
 *
 * counted.handler(gate)(new Request("http://127.0.0.1:9464/metrics")).status; // 200
 * ```
 */
export function metrics(options: MetricsOptions = {}): Metrics {
  const counts = createCounts(checked(options));
  const gauges = createHealthGauges();

  function families(gate: Healthy | undefined): readonly Family[] {
    if (gate === undefined) return counts.families();
    if (typeof gate?.health !== "function") {
      throw new TypeError(`Cannot write metrics: it must be of a gate, received ${show(gate)}`);
    }
    return [...counts.families(), ...gateFamilies(gate.health(), gauges)];
  }

  return {
    name: "metrics",
    settled: (_ctx, outcome) => counts.count(outcome),
    text: (gate) => expose(families(gate), "text"),
    handler: (gate) => (request) => metricsResponse(request, () => families(gate)),
  };
}

function metricsResponse({ method, headers }: Request, families: () => readonly Family[]): Response {
  if (method !== "GET" && method !== "HEAD") {
    return new Response("Only GET is understood.\n", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  const format = formatFor(headers.get("accept"));
  const body = method === "HEAD" ? null : expose(families(), format);
  return new Response(body, {
    headers: { "content-type": mediaTypes[format], "cache-control": "no-store", vary: "Accept" },
  });
}

/** What a gate tells of itself. */
function gateFamilies(
  { errors, pending, plugins }: GateHealth,
  gauges: ReturnType<typeof createHealthGauges>,
): readonly Family[] {
  return [
    counter("faults", "Faults that the gate reported.", [{ value: errors }]),
    gauge("pending", "Pieces of work that go on behind responses.", [{ value: pending }]),
    ...healthFamilies(gauges(plugins)),
  ];
}

/** A family for each name, in which no two samples have the same labels. */
function healthFamilies(gauges: readonly HealthGauge[]): readonly Family[] {
  const families = new Map<string, { readonly unit: string; readonly samples: Map<string, Sample> }>();
  for (const { name, unit, plugin, state, text, value } of gauges) {
    const full = ["plugin", name, ...unit === "" ? [] : [unit], ...text === undefined ? [] : ["info"]].join(
      "_",
    );
    const family = families.get(full) ?? { unit, samples: new Map<string, Sample>() };
    families.set(full, family);
    const labels = labelText({
      plugin,
      ...state === undefined ? {} : { state },
      ...text === undefined ? {} : { value: text },
    });
    family.samples.set(labels, { labels, value });
  }
  return [...families].map(([name, { unit, samples }]) => ({
    ...gauge(name, "What plugins tell of their health.", [...samples.values()]),
    ...unit === "" ? {} : { unit },
  }));
}

function checked(options: MetricsOptions): readonly number[] {
  checkOptions(subject, options, ["buckets"]);
  const { buckets = decisionBuckets } = options;
  const must = "a list of 1 to 64 rising positive numbers, in seconds";
  if (!Array.isArray(buckets)) throw shapeError(subject, "buckets", must, buckets);
  for (const bound of buckets) {
    if (typeof bound !== "number") throw shapeError(subject, "buckets", must, bound);
  }
  const rises = buckets.every((bound, at) => bound > (buckets[at - 1] ?? 0) && bound < Infinity);
  if (buckets.length === 0 || buckets.length > 64 || !rises) {
    throw valueError(subject, "buckets", must, buckets);
  }
  return [...buckets];
}

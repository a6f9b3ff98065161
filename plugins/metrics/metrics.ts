/**
 * Counts what the gate decides, for Prometheus and whatever reads its text format.
 *
 * @module
 */

import { checkOptions, shapeError, show, type Subject, valueError } from "../../src/options/check.ts";
import type { Gate } from "../../src/gate.ts";
import type { Helper } from "../../src/plugin.ts";
import { expose, type Family, formatFor, labelText, mediaTypes, type Sample } from "./exposition.ts";
import { createHealthGauges, type HealthGauge } from "../../src/telemetry/health-gauges.ts";
import { decisionCells, failureCells, other, secondsOf, statusClasses } from "../../src/telemetry/labels.ts";
import { decisionBuckets, type Histogram, histogramOf } from "../../src/telemetry/histogram.ts";

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
 * import { cookieTokens, createGate, failOpen } from "@stanchion/stanchion";
 * import { metrics } from "@stanchion/stanchion/metrics";
 * import { crowdhandler } from "@stanchion/stanchion/crowdhandler";
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
  const bounds = checked(options);
  const durations = new Map<string, Histogram>();
  const decisions = decisionCells(({ action, reason, provider, enforced }) => {
    let duration = durations.get(provider);
    if (duration === undefined) durations.set(provider, duration = histogramOf(bounds));
    const labels = labelText({ action, reason, provider, enforced: String(enforced) });
    return { labels, duration, count: 0 };
  });
  const failures = failureCells(({ code, plugin }) => ({ labels: labelText({ code, plugin }), count: 0 }));
  /** By class, with what is no class at the end; first those of the gate, then those of the application. */
  const responses = new Float64Array(2 * (statusClasses.length + 1));
  const total = { settled: 0, threw: 0 };
  const gauges = createHealthGauges();

  function families(gate: Healthy | undefined): readonly Family[] {
    if (gate !== undefined && typeof gate?.health !== "function") {
      throw new TypeError(`Cannot write metrics: it must be of a gate, received ${show(gate)}`);
    }
    const sum = (value: number): readonly Sample[] => [{ value }];
    const counts = (cells: readonly { readonly labels: string; readonly count: number }[]) =>
      cells.map(({ labels, count }): Sample => ({ labels, value: count }));
    const own: readonly Family[] = [
      counter("decisions", "Decisions, by what was decided, why and by whom.", counts(decisions.all())),
      {
        name: "stanchion_decision_duration_seconds",
        type: "histogram",
        unit: "seconds",
        help: "How long the gate took to decide.",
        samples: [...durations].flatMap(([provider, { samples }]) => samples(labelText({ provider }))),
      },
      counter("failures", "Faults from which the gate recovered.", counts(failures.all())),
      counter("responses", "Responses by the class of their status and by who answered.", answered()),
      counter("application_errors", "Errors that the application threw.", sum(total.threw)),
      counter("settled", "Requests that passed the gate and are over.", sum(total.settled)),
    ];
    if (gate === undefined) return own;
    const { errors, pending, plugins } = gate.health();
    return [
      ...own,
      counter("faults", "Faults that the gate reported.", sum(errors)),
      gauge("pending", "Pieces of work that go on behind responses.", sum(pending)),
      ...healthFamilies(gauges(plugins)),
    ];
  }

  function answered(): readonly Sample[] {
    const classes = [...statusClasses, other];
    return [...responses].flatMap((value, index) => {
      const by = index < classes.length ? "gate" : "application";
      const labels = labelText({ class: classes[index % classes.length] ?? other, by });
      return value === 0 ? [] : [{ labels, value }];
    });
  }

  const plugin: Helper = {
    name: "metrics",
    settled(_ctx, outcome) {
      const { failure, status, served, threw } = outcome;
      const cell = decisions.of(outcome);
      cell.count++;
      cell.duration.observe(secondsOf(outcome.durationMs));
      if (failure !== undefined) failures.of(failure).count++;
      const digit = status === undefined ? 0 : Math.trunc(status / 100);
      const known = digit >= 0 && digit < statusClasses.length ? digit : statusClasses.length;
      const index = served ? known + statusClasses.length + 1 : known;
      // The index is one of the list's.
      responses[index] = (responses[index] as number) + 1;
      total.settled++;
      if (threw) total.threw++;
    },
  };
  const readers: Pick<Metrics, "text" | "handler"> = {
    text: (gate) => expose(families(gate), "text"),
    handler: (gate) => (request) => {
      const { method } = request;
      if (method !== "GET" && method !== "HEAD") {
        return new Response("Only GET is understood.\n", { status: 405, headers: { allow: "GET, HEAD" } });
      }
      const format = formatFor(request.headers.get("accept"));
      const body = method === "HEAD" ? null : expose(families(gate), format);
      const headers = { "content-type": mediaTypes[format], "cache-control": "no-store", vary: "Accept" };
      return new Response(body, { headers });
    },
  };
  // They are no hooks, so a gate does not see them.
  Object.defineProperties(plugin, { text: { value: readers.text }, handler: { value: readers.handler } });
  // The two properties defined above complete the type.
  return plugin as Metrics;
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: `stanchion_${name}`, type: "counter", help, samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: `stanchion_${name}`, type: "gauge", help, samples };
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

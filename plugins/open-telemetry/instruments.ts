import type { Attributes, Counter, Histogram, Meter } from "@opentelemetry/api";
import type { Outcome } from "../../src/plugin.ts";
import { decisionBuckets } from "../../src/telemetry/histogram.ts";
import {
  decisionSets,
  failureSets,
  other,
  secondsOf,
  statusClass,
  statusClasses,
} from "../../src/telemetry/labels.ts";

interface Instruments {
  readonly decisions: Counter;
  readonly durations: Histogram;
  readonly failures: Counter;
  readonly responses: Counter;
  readonly applicationErrors: Counter;
}

/** Makes what measures outcomes, and gives the attributes of their decisions. */
export function createInstruments(meter: Meter): (outcome: Outcome) => Attributes {
  const { decisions, durations, failures, responses, applicationErrors } = instrumentsOf(meter);
  // Made once for each set, so that a request makes none.
  const decided = decisionSets(({ action, reason, provider, enforced }) => ({
    all: attributesOf({ action, reason, provider, enforced }),
    provider: attributesOf({ provider }),
  }));
  const failed = failureSets(({ code, plugin }) => ({ "error.type": code, "stanchion.plugin": plugin }));
  const answered = new Map([...statusClasses, other].map((each) => [each, {
    gate: { "stanchion.response.class": each, "stanchion.response.by": "gate" },
    application: { "stanchion.response.class": each, "stanchion.response.by": "application" },
  }]));

  return (outcome) => {
    const { durationMs, failure, status, served, threw } = outcome;
    const { all, provider } = decided.of(outcome);
    decisions.add(1, all);
    durations.record(secondsOf(durationMs), provider);
    if (failure !== undefined) failures.add(1, failed.of(failure));
    responses.add(1, answered.get(statusClass(status))?.[served ? "application" : "gate"]);
    if (threw) applicationErrors.add(1);
    return all;
  };
}

function instrumentsOf(meter: Meter): Instruments {
  return {
    decisions: meter.createCounter("stanchion.decisions", {
      description: "Decisions, by what was decided, why and by whom.",
      unit: "{decision}",
    }),
    durations: meter.createHistogram("stanchion.decision.duration", {
      description: "How long the gate took to decide.",
      unit: "s",
      advice: { explicitBucketBoundaries: [...decisionBuckets] },
    }),
    failures: meter.createCounter("stanchion.failures", {
      description: "Faults from which the gate recovered.",
      unit: "{failure}",
    }),
    responses: meter.createCounter("stanchion.responses", {
      description: "Responses by the class of their status and by who answered.",
      unit: "{response}",
    }),
    applicationErrors: meter.createCounter("stanchion.application.errors", {
      description: "Errors that the application threw.",
      unit: "{error}",
    }),
  };
}

function attributesOf(values: Readonly<Record<string, string | boolean>>): Attributes {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`stanchion.${name}`, value]));
}

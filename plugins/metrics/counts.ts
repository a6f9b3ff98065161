import type { Outcome } from "../../src/plugin.ts";
import { type Histogram, histogramOf, type Sample } from "../../src/telemetry/histogram.ts";
import { decisionSets, failureSets, other, secondsOf, statusClasses } from "../../src/telemetry/labels.ts";
import { counter, type Family, labelText } from "./exposition.ts";

/** What requests came to. */
export interface Counts {
  count(outcome: Outcome): void;
  families(): readonly Family[];
}

/** Starts counting; `bounds` are those of the histogram. */
export function createCounts(bounds: readonly number[]): Counts {
  const durations = new Map<string, Histogram>();
  const decisions = decisionSets(({ action, reason, provider, enforced }) => {
    let duration = durations.get(provider);
    if (duration === undefined) durations.set(provider, duration = histogramOf(bounds));
    const labels = labelText({ action, reason, provider, enforced: String(enforced) });
    return { labels, duration, count: 0 };
  });
  const failures = failureSets(({ code, plugin }) => ({ labels: labelText({ code, plugin }), count: 0 }));
  /** By class, with what is no class at the end; first those of the gate, then those of the application. */
  const responses = new Float64Array(2 * (statusClasses.length + 1));
  const total = { settled: 0, threw: 0 };

  return {
    count(outcome) {
      const { failure, status, served, threw } = outcome;
      const counted = decisions.of(outcome);
      counted.count++;
      counted.duration.observe(secondsOf(outcome.durationMs));
      if (failure !== undefined) failures.of(failure).count++;
      const digit = status === undefined ? 0 : Math.trunc(status / 100);
      const known = digit >= 0 && digit < statusClasses.length ? digit : statusClasses.length;
      const index = served ? known + statusClasses.length + 1 : known;
      // The index is one of the list's.
      responses[index] = (responses[index] as number) + 1;
      total.settled++;
      if (threw) total.threw++;
    },
    families: () => [
      counter("decisions", "Decisions, by what was decided, why and by whom.", samplesOf(decisions.all())),
      {
        name: "stanchion_decision_duration_seconds",
        type: "histogram",
        unit: "seconds",
        help: "How long the gate took to decide.",
        samples: [...durations].flatMap(([provider, { samples }]) => samples(labelText({ provider }))),
      },
      counter("failures", "Faults from which the gate recovered.", samplesOf(failures.all())),
      counter(
        "responses",
        "Responses by the class of their status and by who answered.",
        responseSamples(responses),
      ),
      counter("application_errors", "Errors that the application threw.", [{ value: total.threw }]),
      counter("settled", "Requests that passed the gate and are over.", [{ value: total.settled }]),
    ],
  };
}

function samplesOf(
  sets: readonly { readonly labels: string; readonly count: number }[],
): readonly Sample[] {
  return sets.map(({ labels, count }) => ({ labels, value: count }));
}

function responseSamples(responses: Float64Array): readonly Sample[] {
  const classes = [...statusClasses, other];
  return [...responses].flatMap((value, index) => {
    const by = index < classes.length ? "gate" : "application";
    const labels = labelText({ class: classes[index % classes.length] ?? other, by });
    return value === 0 ? [] : [{ labels, value }];
  });
}

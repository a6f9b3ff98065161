/** A number of a family. */
export interface Sample {
  /** Behind the family's name, such as `_bucket`. */
  readonly suffix?: string;
  /** As they stand in braces. */
  readonly labels?: string;
  /** The upper bound of a bucket. */
  readonly le?: number;
  readonly value: number;
}

/** Counts values by bounds that they do not exceed. */
export interface Histogram {
  readonly observe: (value: number) => void;
  /** The samples of the family, each bucket with what is in those below. */
  readonly samples: (labels: string) => readonly Sample[];
}

/** From a session that is checked locally to a service that takes its time, in seconds. */
export const decisionBuckets: readonly number[] = [
  ...[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
];

/** Makes a histogram of rising bounds. */
export function histogramOf(bounds: readonly number[]): Histogram {
  const counts = new Float64Array(bounds.length + 1);
  const total = { sum: 0 };

  return {
    observe(value) {
      let at = 0;
      // The list is not left: `at` stays below its length.
      while (at < bounds.length && value > (bounds[at] as number)) at++;
      counts[at] = (counts[at] as number) + 1;
      total.sum += value;
    },
    samples(labels) {
      let below = 0;
      const buckets = [...bounds, Infinity].map((le, at): Sample => {
        below += counts[at] ?? 0;
        return { suffix: "_bucket", labels, le, value: below };
      });
      return [
        ...buckets,
        { suffix: "_sum", labels, value: total.sum },
        { suffix: "_count", labels, value: below },
      ];
    },
  };
}

import type { Sample } from "./_exposition.ts";

/** Counts values by bounds that they do not exceed. */
export interface Histogram {
  readonly observe: (value: number) => void;
  /** The samples of the family, each bucket with what is in those below. */
  readonly samples: (labels: string) => readonly Sample[];
}

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

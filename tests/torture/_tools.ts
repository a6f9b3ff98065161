/** Small things that several parts need. */

/** Numbers from 0 up to, but without, 1 that follow from a seed (xorshift32). */
export function randomOf(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The middle of a list; what counts for an empty one is given. */
export function middle(values: readonly number[], otherwise: number): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? otherwise;
}

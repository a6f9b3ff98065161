/** Chance that follows from a seed, so that whatever happened can be seen again. */
export interface Random {
  /** From 0 up to, but without, 1. */
  next(): number;
  /** Whether something happens that happens in such a share of all cases. */
  chance(share: number): boolean;
  /** From one number up to, but without, another. */
  between(low: number, high: number): number;
  /** A time until something happens that happens once in such a time. */
  exponential(mean: number): number;
  /** One of a few. */
  pick<T>(values: readonly [T, ...T[]]): T;
}

/** Chance by a generator of 128 bits of state (sfc32, Chris Doty-Humphrey). */
export function randomOf(seed: number): Random {
  let [a, b, c, d] = [seed | 0, (seed / 2 ** 32) | 0, 0x5eed, 1];
  const next = () => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let warm = 0; warm < 12; warm++) next();
  return {
    next,
    chance: (share) => next() < share,
    between: (low, high) => low + next() * (high - low),
    exponential: (mean) => -Math.log(1 - next()) * mean,
    // The list has at least one value, and the place is within it.
    pick: <T>(values: readonly [T, ...T[]]) => values[Math.floor(next() * values.length)] as T,
  };
}

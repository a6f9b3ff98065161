/** How the time that work takes grows with what it is given, measured side by side: no machine is too slow for it. */

/** The smaller of the sizes that are compared. */
const small = 12_500;
/** The larger one. */
const large = 8 * small;

/** How long work takes at its best of several times, in milliseconds. A clock that stands still counts as its precision. */
export function fastest(work: () => void, rounds: number = 7): number {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return Math.max(best, 0.01);
}

/**
 * How many times longer work takes for eight times the size: about 8 if it is linear, 64 if it is quadratic.
 *
 * @param limit From where on it is measured again, three times at most.
 */
export function growth(work: (size: number) => void, limit: number = 20): number {
  fastest(() => work(small));
  let least = Infinity;
  // A machine that does something else meanwhile makes one measurement worse, a quadratic search all three.
  for (let attempt = 0; attempt < 3 && least > limit; attempt++) {
    least = Math.min(least, fastest(() => work(large)) / fastest(() => work(small)));
  }
  return least;
}

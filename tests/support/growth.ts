/** How the time that work takes grows with what it is given, measured side by side: no machine is too slow for it. */

/** The smaller of the sizes that are compared, where nothing else is said. */
const usual = 12_500;
/** How many times larger the other one is, where nothing else is said. */
const usualTimes = 8;
/** How many passes over a text are no search. */
const fewPasses = 3;
/** What a clock that stands still is taken for, in milliseconds. */
const precisionMs = 0.01;

/** How long work takes at its best of several times, in milliseconds. A clock that stands still counts as its precision. */
export function fastest(work: () => void, rounds: number = 7): number {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) best = Math.min(best, timeOf(work));
  return Math.max(best, precisionMs);
}

/**
 * How many times longer work takes for eight times the size: about 8 if it is linear, 64 if it is quadratic.
 *
 * The small size is worked on eight times for each time of the large one, in turn: both take about as long where the work is
 * linear, so that whatever else a machine does takes as much from the one as from the other.
 *
 * Work that takes no longer than a few passes over as many characters is linear, whatever it takes for less: there it is memory that
 * tells the sizes apart, and a search that is quadratic takes some thousand passes.
 *
 * @param limit From where on it is measured again, five times at most.
 * @param small The smaller size.
 * @param times How many times larger the other one is.
 */
export function growth(
  work: (size: number) => void,
  limit: number = 20,
  small: number = usual,
  times: number = usualTimes,
): number {
  const works = [
    () => {
      for (let time = 0; time < times; time++) work(small);
    },
    () => work(times * small),
  ] as const;
  works[0]();
  let least = Infinity;
  // A machine that does something else meanwhile makes one measurement worse, a quadratic search all of them.
  for (let attempt = 0; attempt < 5 && least > limit; attempt++) {
    const best: [number, number] = [Infinity, Infinity];
    let found = Infinity;
    // What is far from the limit after three rounds needs no more.
    for (let round = 0; round < 7 && (round < 3 || found > limit / 2); round++) {
      works.forEach((each, at) => best[at] = Math.min(best[at] ?? Infinity, timeOf(each)));
      const [short, long] = best;
      found = times * Math.max(long, precisionMs) / Math.max(short, precisionMs * times);
    }
    if (found > limit && best[1] < fewPasses * passOver(times * small)) found = times;
    least = Math.min(least, found);
  }
  return least;
}

/** How long a plain loop takes over so many characters, in milliseconds. */
function passOver(size: number): number {
  const text = "a".repeat(size);
  return fastest(() => {
    let sum = 0;
    for (let at = 0; at < text.length; at++) sum += text.charCodeAt(at);
    if (sum !== 97 * size) throw new Error(`${sum} is not the sum of ${size} characters`);
  }, 3);
}

/** How long work takes once, in milliseconds. */
function timeOf(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

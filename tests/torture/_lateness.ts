/** How late the loop of this process is, told by plain timers: what a busy machine adds to all that is timed here. */

/** After how long each of the timers is due, in milliseconds. */
const everyMs = 10;
/** How late the timers of a loop are that runs as it should. */
const usualMs = 2;
/** From where on a loop counts as one that stood still, in milliseconds. */
const stallMs = 50;

/** What is seen of it. All times are those of `performance.now()`. */
export interface Lateness {
  /** For how long the loop stood still between two times, in milliseconds. */
  between(from: number, to: number): number;
  /** When it had stood still for longer than 50 ms at once for the last time before then. */
  lastStall(before: number): number;
  stop(): void;
}

/** Begins to watch the loop. */
export function watchLateness(): Lateness {
  const gaps: { readonly from: number; readonly to: number }[] = [];
  let since = performance.now();
  let timer = setTimeout(look, everyMs);

  function look(): void {
    const now = performance.now();
    if (now - since > everyMs + usualMs) gaps.push({ from: since + everyMs, to: now });
    since = now;
    timer = setTimeout(look, everyMs);
  }

  return {
    between(from, to) {
      // The last gap may not have come to its end.
      const all = [...gaps, { from: since + everyMs, to: performance.now() }];
      return all.reduce((sum, gap) => sum + Math.max(0, Math.min(gap.to, to) - Math.max(gap.from, from)), 0);
    },
    lastStall: (before) =>
      gaps.findLast((gap) => gap.to <= before && gap.to - gap.from > stallMs)?.to ?? -Infinity,
    stop: () => clearTimeout(timer),
  };
}

/**
 * By how much a loop that was late puts off the end of a time limit: it comes so much later, and what was lost of the limit is
 * given back, up to a half of it.
 */
export function putOffBy(lostMs: number, limitMs: number): number {
  return lostMs + Math.min(lostMs, limitMs / 2);
}

/** The limits of a room while they change, and by how many people admissions are beyond them. */

import type { Admission } from "./_room-history.ts";

/** The limits of a room, from some time on: they came into force in this span. */
export interface LimitsInForce {
  readonly from: number;
  readonly to: number;
  readonly admitPerMinute: number;
  readonly burstSeconds: number;
  /** `Infinity` for none. */
  readonly capacity: number;
}

/** How exactly the clocks of processes and of the store agree, in milliseconds. */
const clockMs = 5;
/** How long the windows are in which admissions are counted: in a longer one, a shorter one would be wrong as well. */
const longestWindowMs = 60_000;
/**
 * By how many people an admission is too much, in the worst of all windows that end with it. What is counted is shares of the bucket,
 * for a change of limits keeps the share that is used.
 *
 * @param more How many others would have had to be let in at the same time.
 */
export function excessOf(
  one: Admission,
  admissions: readonly Admission[],
  limits: readonly LimitsInForce[],
  cuts: readonly number[],
  more = 0,
): { readonly excess: number; readonly byCut: number } {
  const own = weightOf(limits, one.from, one.to);
  let used = own * more;
  let excess = 0;
  let byCut = 0;
  // What was certainly before it, from the youngest on: windows begin where one of them may have begun.
  const latest = more > 0 ? one.from : one.to;
  const before = admissions.filter((other) =>
    other !== one && other.to <= latest && other.from > one.to - longestWindowMs
  ).sort((a, b) => b.from - a.from);
  for (const other of [one, ...before]) {
    used += weightOf(limits, other.from, other.to);
    const start = Math.min(other.from, one.from);
    const free = 1 + filled(limits, start - clockMs, one.to + clockMs);
    const over = (used - free) / own;
    if (cuts.some((cut) => cut >= start - 1000 && cut <= one.to)) {
      byCut = Math.max(byCut, Math.ceil(over - 1e-6));
    } else excess = Math.max(excess, Math.ceil(over - 1e-6));
  }
  return { excess, byCut };
}

/** The limits that may have been in force in a span. */
export function inForce(
  limits: readonly LimitsInForce[],
  from: number,
  to: number,
): readonly LimitsInForce[] {
  return limits.filter((each, at) =>
    each.from <= to && (limits[at + 1]?.to ?? Number.POSITIVE_INFINITY) >= from
  );
}

function paceOf({ admitPerMinute, burstSeconds }: LimitsInForce) {
  const intervalMs = Math.ceil(60e6 / admitPerMinute) / 1000;
  return { intervalMs, burst: Math.max(3, Math.floor(burstSeconds * 1000 / intervalMs) + 1) };
}

/** The share of the bucket that an admission takes, at least. */
function weightOf(limits: readonly LimitsInForce[], from: number, to: number): number {
  return Math.min(...inForce(limits, from, to).map((each) => 1 / paceOf(each).burst));
}

/** The share of the bucket that fills in a span, at most. */
function filled(limits: readonly LimitsInForce[], from: number, to: number): number {
  const borders = [
    from,
    ...limits.flatMap((each) => [each.from, each.to]).filter((at) => at > from && at < to),
    to,
  ]
    .sort((a, b) => a - b);
  let sum = 0;
  for (const [at, begin] of borders.slice(0, -1).entries()) {
    const end = borders[at + 1] ?? begin;
    const fastest = Math.max(
      ...inForce(limits, begin, end).map((each) => {
        const { intervalMs, burst } = paceOf(each);
        return 1 / (intervalMs * burst);
      }),
    );
    sum += (end - begin) * fastest;
  }
  return sum;
}

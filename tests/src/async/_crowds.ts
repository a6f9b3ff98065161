/** Crowds before services, played in a time of their own: what a watch makes of each call. */

import { watchTraffic } from "../../../src/async/traffic.ts";

/** How a service does its work, in milliseconds. */
export type Service =
  /** One call after the other, in the order of their arrival, whether or not anybody still waits. */
  | { readonly kind: "in turn"; readonly eachMs: number }
  /** All calls at once, each in the same share of its time, whether or not anybody still waits. */
  | { readonly kind: "shared"; readonly eachMs: number }
  /** Each by itself. */
  | { readonly kind: "parallel"; readonly eachMs: number };

/** What is played. */
export interface Play {
  readonly service: Service;
  /** When callers arrive, in milliseconds. */
  readonly arrivals: readonly number[];
  readonly timeoutMs: number;
  /** Between which times the service does nothing, and takes note of nothing. */
  readonly outage?: readonly [fromMs: number, toMs: number];
  /** Between which times the service does nothing, but remembers what it was asked. */
  readonly stall?: readonly [fromMs: number, toMs: number];
  /** Which callers the service never answers: one that lost a part of itself. */
  readonly loses?: (caller: number) => boolean;
  /** How many calls may be under way at once, as behind a bulkhead: others are not made. */
  readonly maxConcurrent?: number;
}

/** What became of a caller, and when. */
export interface Fate {
  readonly arrivedMs: number;
  readonly endedMs: number;
  readonly fate: "answered" | "timeout" | "overloaded" | "not asked" | "no slot";
}

interface Job {
  readonly caller: number;
  readonly arrivedMs: number;
  readonly answered: () => void;
  leftMs: number;
}

/** Somebody who waits while the service is silent. */
interface Waiting {
  readonly caller: number;
  readonly arrivedMs: number;
  readonly tell: (fate: Fate["fate"]) => void;
  isAnswered: boolean;
}

/** Plays it, a millisecond a step. */
export function play(
  { service, arrivals, timeoutMs, outage, stall, loses, maxConcurrent }: Play,
): readonly Fate[] {
  let nowMs = 0;
  const watch = watchTraffic(() => nowMs);
  const fates: Fate[] = [];
  const jobs: Job[] = [];
  const open = new Map<number, { readonly deadline: number; readonly end: (fate: Fate["fate"]) => void }>();
  const waiting = new Set<Waiting>();
  const due = arrivals.toSorted((a, b) => a - b);

  function arrive(caller: number): void {
    const arrivedMs = nowMs;
    const tell = (fate: Fate["fate"]) => void fates.push({ arrivedMs, endedMs: nowMs, fate });
    if (open.size >= (maxConcurrent ?? Number.POSITIVE_INFINITY)) return tell("no slot");
    const refusal = watch.refusal("service", timeoutMs);
    if (refusal === "behind") return tell("not asked");
    if (refusal === "silent") {
      const one: Waiting = { caller, arrivedMs, tell, isAnswered: false };
      waiting.add(one);
      watch.whenAnswered("service", () => one.isAnswered = true);
      return;
    }
    begin(caller, arrivedMs, tell);
  }

  function again(one: Waiting): void {
    const waitedMs = nowMs - one.arrivedMs;
    const refusal = watch.refusal("service", timeoutMs);
    const mayBegin = refusal === undefined && (one.isAnswered || waitedMs <= timeoutMs / 2);
    if (refusal !== "behind" && !mayBegin && waitedMs < timeoutMs) return;
    waiting.delete(one);
    if (refusal === "behind") one.tell("not asked");
    else if (waitedMs >= timeoutMs) one.tell("timeout");
    else begin(one.caller, one.arrivedMs, one.tell);
  }

  function begin(caller: number, arrivedMs: number, tell: (fate: Fate["fate"]) => void): void {
    const passage = watch.enter("service", timeoutMs);
    open.set(caller, {
      deadline: arrivedMs + timeoutMs,
      end(fate) {
        const isCrowds = fate === "timeout" && passage.isOthersFault("timeout");
        if (fate === "answered") passage.answered();
        passage.end();
        open.delete(caller);
        tell(isCrowds ? "overloaded" : fate);
      },
    });
    if (isOut() || loses?.(caller)) return;
    jobs.push({
      caller,
      arrivedMs,
      leftMs: service.eachMs,
      answered: () => open.get(caller)?.end("answered"),
    });
  }

  function isOut(): boolean {
    return outage !== undefined && nowMs >= outage[0] && nowMs < outage[1];
  }

  function work(): void {
    let spareMs = 1;
    while (service.kind === "in turn" && spareMs > 0 && jobs[0] !== undefined) {
      const part = Math.min(spareMs, jobs[0].leftMs);
      jobs[0].leftMs -= part;
      spareMs -= part;
      if (jobs[0].leftMs <= 1e-9) jobs.shift()?.answered();
    }
    if (service.kind === "in turn") return;
    const share = service.kind === "shared" ? 1 / jobs.length : 1;
    for (const job of jobs) job.leftMs -= share;
    for (const job of jobs.filter(({ leftMs }) => leftMs <= 1e-9)) {
      jobs.splice(jobs.indexOf(job), 1);
      job.answered();
    }
  }

  for (let next = 0; next < due.length || open.size + waiting.size > 0; nowMs++) {
    if (!isOut() && !(stall && nowMs >= stall[0] && nowMs < stall[1])) work();
    for (const { deadline, end } of [...open.values()]) if (deadline <= nowMs) end("timeout");
    for (const one of [...waiting]) again(one);
    while (next < due.length && (due[next] as number) <= nowMs) arrive(next++);
    if (isOut()) jobs.length = 0;
  }
  return fates;
}

/** Arrivals at random, so many a second. */
export function arrivalsOf(fromMs: number, toMs: number, perSecond: number, random: () => number): number[] {
  const times: number[] = [];
  for (let at = fromMs; (at -= Math.log(1 - random()) * 1000 / perSecond) < toMs;) times.push(at);
  return times;
}

/** How many had each fate. */
export function countFates(fates: readonly Fate[]): Readonly<Record<Fate["fate"], number>> {
  const counts = { answered: 0, timeout: 0, overloaded: 0, "not asked": 0, "no slot": 0 };
  for (const { fate } of fates) counts[fate]++;
  return counts;
}

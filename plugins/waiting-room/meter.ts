import type { Loop } from "../../src/async/loop.ts";
import type { Report } from "./machine/mod.ts";

/** How often what was heard is told at most, in milliseconds. */
const reportMs = 5000;
/** How many times as long as it should an answer counts at most, so that a few endless ones do not outweigh all others. */
const longest = 4;
/** Of how many visitors is heard at most between two reports. */
const maxVisitors = 10_000;

/** How an answer of the application ended. */
export interface Ending {
  /** The status; `undefined` where there was no response. */
  readonly status: number | undefined;
  readonly threw: boolean;
}

/** What a node hears of its application. */
export interface Meter {
  /**
   * Somebody inside asks the application something.
   *
   * @param visitor Who that is: nobody counts for more than one, whatever the number of requests.
   * @param request What is asked.
   * @returns What is to be told how it ended.
   */
  begin(visitor: string, request: Pick<Request, "method" | "signal">): (ending: Ending) => void;
  /** What was heard since it was told last; `undefined` where that is not long ago, and where it is nothing. */
  take(): Report | undefined;
}

/** A request that is not answered yet. */
interface Open {
  readonly visitor: string;
  readonly since: number;
}

/** What one visitor met. */
interface Met {
  answers: number;
  errors: number;
  timed: number;
  sumMs: number;
}

/**
 * Makes a meter.
 *
 * How long the application takes is measured by the pages that it gave: an answer to something that was sent to it takes as long as
 * the visitor needs for sending it, and one that there is no such page takes no time at all.
 *
 * @param targetMs How long an answer may take, in milliseconds.
 * @param loop Whose clock counts.
 */
export function createMeter(targetMs: number, loop: Pick<Loop, "now">): Meter {
  const longestMs = longest * targetMs;
  /** The one that was asked first comes first. */
  const open = new Set<Open>();
  let met = new Map<string, Met>();
  let toldAt = loop.now();

  function note(visitor: string, isError: boolean, tookMs: number | undefined): void {
    let known = met.get(visitor);
    if (known === undefined) {
      if (met.size >= maxVisitors) return;
      met.set(visitor, known = { answers: 0, errors: 0, timed: 0, sumMs: 0 });
    }
    known.answers++;
    if (isError) known.errors++;
    if (tookMs === undefined) return;
    known.timed++;
    known.sumMs += Math.min(tookMs, longestMs);
  }

  return {
    begin(visitor, { method, signal }) {
      const since = loop.now();
      const isPage = method === "GET";
      const asked = { visitor, since };
      if (isPage) open.add(asked);
      return ({ status, threw }) => {
        // What took too long was counted when it did.
        if (isPage && !open.delete(asked)) return;
        const tookMs = loop.now() - since;
        // Whoever goes away says nothing of the application, unless it had let them wait for too long.
        if (signal.aborted) {
          if (isPage && tookMs > targetMs) note(visitor, false, tookMs);
          return;
        }
        const isError = threw || (status !== undefined && status >= 500);
        const isGiven = isPage && status !== undefined && status < 400;
        if (isError || status !== undefined) note(visitor, isError, isGiven ? tookMs : undefined);
      };
    },
    take() {
      const now = loop.now();
      if (now - toldAt < reportMs) return undefined;
      // An application that answers nobody would not be heard of otherwise.
      for (const asked of open) {
        if (now - asked.since < longestMs) break;
        open.delete(asked);
        note(asked.visitor, false, longestMs);
      }
      if (met.size === 0) return undefined;
      toldAt = now;
      const report = reportOf(met.values());
      met = new Map();
      return report;
    },
  };
}

function reportOf(all: Iterable<Met>): Report {
  let [visitors, timed, sumMs, errors] = [0, 0, 0, 0];
  for (const met of all) {
    visitors++;
    errors += met.errors / met.answers;
    if (met.timed === 0) continue;
    timed++;
    sumMs += met.sumMs / met.timed;
  }
  return { visitors, timed, sumMs, errors };
}

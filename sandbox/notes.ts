import type { NotedDecision } from "./decisions.ts";
import type { FlowPoint, ReceivedCall, RecordedResponse } from "./state.ts";

const MAX_CALLS = 200;
const MAX_DECISIONS = 200;
const MAX_REPORTS = 1000;
/** Ten minutes of steps of two seconds. */
const MAX_POINTS = 300;
const STEP_MS = 2000;

/** How many people there are at this moment. */
export type People = Pick<FlowPoint, "waiting" | "inside">;

/** What a sandbox remembers of what happened, and no more than so much of it. */
export interface Notes {
  readonly calls: readonly ReceivedCall[];
  readonly decisions: readonly NotedDecision[];
  readonly reports: readonly RecordedResponse[];
  /** What happened over time, up to now. */
  flow(): readonly FlowPoint[];
  /** Notes a call when it arrives, and completes the note when it is answered. */
  call(received: ReceivedCall | undefined, fault: string | undefined): (response: Response) => Response;
  decision(decision: NotedDecision): void;
  report(report: RecordedResponse): void;
}

/**
 * Creates the memory of a sandbox.
 *
 * @param now Its clock, in Unix milliseconds.
 * @param people Counts who is there.
 */
export function createNotes(now: () => number, people: () => People): Notes {
  const calls: ReceivedCall[] = [];
  const decisions: NotedDecision[] = [];
  const reports: RecordedResponse[] = [];
  const points: Writable<FlowPoint>[] = [];

  /** The point of this moment. Where nothing happens and nobody looks, there is none. */
  function current(): Writable<FlowPoint> {
    const atMs = Math.floor(now() / STEP_MS) * STEP_MS;
    const last = points.at(-1);
    // A clock that was put back goes on where it was.
    if (last !== undefined && last.atMs >= atMs) return last;
    const point = { atMs, ...nothing, ...people() };
    keep(points, point, MAX_POINTS);
    return point;
  }

  return {
    calls,
    decisions,
    reports,
    flow() {
      current();
      return points.map((point) => ({ ...point }));
    },
    call(received, fault) {
      if (received === undefined) return (response) => response;
      const noted = fault === undefined ? received : { ...received, fault };
      keep(calls, noted, MAX_CALLS);
      const point = current();
      point.calls++;
      if (fault !== undefined) point.faults++;
      return (response) => {
        const index = calls.indexOf(noted);
        if (index >= 0 && fault !== "reset") calls[index] = { ...noted, status: response.status };
        return response;
      };
    },
    decision(decision) {
      keep(decisions, decision, MAX_DECISIONS);
      const point = current();
      point[countOf(decision.action)]++;
      if (decision.failure !== undefined) point.failures++;
    },
    report: (report) => keep(reports, report, MAX_REPORTS),
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const nothing = { admitted: 0, queued: 0, answered: 0, failures: 0, calls: 0, faults: 0 };

function countOf(action: NotedDecision["action"]): "admitted" | "queued" | "answered" {
  switch (action) {
    case "admit":
    case "bypass":
      return "admitted";
    case "queue":
      return "queued";
    case "redirect":
    case "reject":
    case "respond":
      return "answered";
  }
}

function keep<T>(list: T[], item: T, max: number): void {
  list.push(item);
  if (list.length > max) list.shift();
}

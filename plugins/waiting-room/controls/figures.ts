import { type LaneStatus, numberInLane, type RoomStatus, type TuningReason } from "../machine/mod.ts";
import type { RoomNode } from "../node/mod.ts";
import { estimate } from "../../../src/line/estimate.ts";
import type { StatusAges } from "../status-ages.ts";
import { documentOf, documentOfLane } from "../status-document.ts";

/** What a process knows of the store, of which a room's figures come. */
export interface StoreFigures {
  /** Whether the store failed when it was asked last. */
  readonly storeFailing: boolean;
  /** How many of this process's calls for the room failed. */
  readonly storeFailures: number;
  /** How long the store takes to answer this process, in milliseconds, lately; absent before the first answer. */
  readonly storeLatencyMs?: number;
  /** How old what is known of the room is, in milliseconds; absent before the first answer. Where nobody asks, nobody looks. */
  readonly statusAgeMs?: number;
  /** How many different questions of this process wait to be asked. */
  readonly queued: number;
}

/** The figures of a room. How many are far and come when they are called is an estimate, so what waits is one as well. */
export interface RoomFigures extends StoreFigures {
  /** What the room does. */
  readonly mode: RoomStatus["mode"];
  /** How many are there, hidden pages included, and wait to be let in. */
  readonly present: number;
  /** How many are not called yet and will come when they are: an estimate. */
  readonly far: number;
  /** How many are inside, those included for whom places are kept after a loss of the state. */
  readonly inside: number;
  /** How many may be inside at once; absent where there is no limit. */
  readonly capacity?: number;
  /** How many may be let in a minute. */
  readonly admitPerMinute: number;
  /** Why that is what it is, where it follows the application: the last decision, and by which figures it was made. */
  readonly rateReason?: TuningReason;
  /** How long the application took to answer, in milliseconds. */
  readonly answerMs?: number;
  /** Which share of the visitors met errors. */
  readonly errorRate?: number;
  /** How many are let in a minute, of the last two minutes. */
  readonly admittedPerMinute: number;
  /** How long somebody would wait who came now, in seconds: an estimate; absent where nobody can tell. */
  readonly waitSeconds?: number;
  /**
   * How old the status was by which visitors saw that they are called, in milliseconds: a quarter of those who came to this process in
   * the last minute or two had an older one. Two seconds are usual; more says that something in front keeps it for too long. Absent where
   * fewer than twenty came.
   */
  readonly visitorStatusAgeMs?: number;
  /** Of all of those, who has priority, where there is a lane for them: how many are there. */
  readonly priorityPresent?: number;
  /** How many of them are not called yet and will come when they are: an estimate. */
  readonly priorityFar?: number;
  /** How often one of them was let in. */
  readonly priorityAdmitted?: number;
  /** How many of them are let in a minute, of the last two minutes. */
  readonly priorityAdmittedPerMinute?: number;
  /** How long one of them would wait who came now, in seconds: an estimate; absent where nobody can tell. */
  readonly priorityWaitSeconds?: number;
  /** How many numbers were given. */
  readonly numbers: number;
  /** How often somebody joined the line. */
  readonly joined: number;
  /** How often somebody was let in. */
  readonly admitted: number;
  /** How often somebody was told that the place is lost, by being away. */
  readonly lapsed: number;
  /** How many gave their places back. */
  readonly left: number;
  /** How often a loss of the store's state was found. */
  readonly recoveries: number;
  /** How many times the room was changed. */
  readonly revision: number;
}

/** What a process knows of the store. */
export function storeFigures({ isFailing, queued, calls, last, now }: RoomNode): StoreFigures {
  const { failed, latencyMs } = calls;
  const time = now();
  return {
    storeFailing: isFailing,
    storeFailures: failed,
    ...(latencyMs !== undefined && { storeLatencyMs: rounded(latencyMs) }),
    ...(last !== undefined && time !== undefined &&
      { statusAgeMs: Math.max(0, Math.round(time - last.now)) }),
    queued,
  };
}

/** The figures of a room. */
export function figuresOf(
  node: RoomNode,
  status: RoomStatus,
  statusAges: Pick<StatusAges, "upperQuartile">,
): RoomFigures {
  const { mode, sessions, ghosts, issued, limits, flow, priority } = status;
  const { admitted, lapsed, left, joined, recoveries, revision, tuned } = status;
  const own = waitersOf(status);
  const others = priority && waitersOf(priority);
  const present = own.present + (others?.present ?? 0);
  const far = own.far + (others?.far ?? 0);
  const isEmpty = own.present + own.far === 0 && mode === "open";
  const waitMs = isEmpty ? 0 : estimate(issued + 1, documentOf(status)).waitMs;
  const statusAgeMs = statusAges.upperQuartile(node.now() ?? status.now);
  return {
    ...storeFigures(node),
    mode,
    present,
    far,
    inside: sessions + ghosts,
    ...(limits.capacity >= 0 && { capacity: limits.capacity }),
    admitPerMinute: limits.admitPerMinute,
    ...(tuned !== undefined && {
      rateReason: tuned.why,
      answerMs: rounded(tuned.meanMs),
      errorRate: Math.round(tuned.errorRate * 1000) / 1000,
    }),
    admittedPerMinute: rounded((flow + (priority?.flow ?? 0)) * 60),
    ...(priority !== undefined && others !== undefined && priorityFigures(status, priority, others)),
    ...(waitMs !== undefined && { waitSeconds: Math.round(waitMs / 1000) }),
    ...(statusAgeMs !== undefined && { visitorStatusAgeMs: Math.round(statusAgeMs) }),
    numbers: issued + (priority === undefined ? 0 : numberInLane(priority.issued)),
    joined,
    admitted,
    lapsed,
    left,
    recoveries,
    revision,
  };
}

/** How many of a lane are there, and are going to come. */
function waitersOf({ present, asleep, issued, frontier, share }: LaneStatus | RoomStatus) {
  return { present: present + asleep, far: Math.round((issued - frontier) * share) };
}

function priorityFigures(
  status: RoomStatus,
  lane: LaneStatus,
  { present, far }: ReturnType<typeof waitersOf>,
) {
  const { issued, admitted, flow } = lane;
  const isEmpty = present + far === 0 && status.mode === "open";
  const waitMs = isEmpty ? 0 : estimate(numberInLane(issued) + 1, documentOfLane(status, issued + 1)).waitMs;
  return {
    priorityPresent: present,
    priorityFar: far,
    priorityAdmitted: admitted,
    priorityAdmittedPerMinute: rounded(flow * 60),
    ...(waitMs !== undefined && { priorityWaitSeconds: Math.round(waitMs / 1000) }),
  };
}

/** A tenth is more than anybody can tell apart. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

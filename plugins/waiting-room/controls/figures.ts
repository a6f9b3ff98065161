import type { RoomStatus } from "../machine/mod.ts";
import type { RoomNode } from "../node/mod.ts";
import { estimate } from "../../../src/line/estimate.ts";
import { documentOf } from "../status-document.ts";

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
  /** How many are let in a minute, of the last two minutes. */
  readonly admittedPerMinute: number;
  /** How long somebody would wait who came now, in seconds: an estimate; absent where nobody can tell. */
  readonly waitSeconds?: number;
  /** How many numbers were given. */
  readonly numbers: number;
  /** How often somebody joined the line, was let in, lost the place by being away, and gave it back. */
  readonly joined: number;
  readonly admitted: number;
  readonly lapsed: number;
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
export function figuresOf(node: RoomNode, status: RoomStatus): RoomFigures {
  const { mode, asleep, sessions, ghosts, issued, frontier, share, limits, flow } = status;
  const { admitted, lapsed, left, joined, recoveries, revision } = status;
  const present = status.present + asleep;
  const far = Math.round((issued - frontier) * share);
  const waitMs = present + far === 0 && mode === "open" ? 0 : estimate(issued + 1, documentOf(status)).waitMs;
  return {
    ...storeFigures(node),
    mode,
    present,
    far,
    inside: sessions + ghosts,
    ...(limits.capacity >= 0 && { capacity: limits.capacity }),
    admitPerMinute: limits.admitPerMinute,
    admittedPerMinute: rounded(flow * 60),
    ...(waitMs !== undefined && { waitSeconds: Math.round(waitMs / 1000) }),
    numbers: issued,
    joined,
    admitted,
    lapsed,
    left,
    recoveries,
    revision,
  };
}

/** A tenth is more than anybody can tell apart. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** What a room tells of itself. */

import { freeNow, ghostsNow } from "./rate.ts";
import type { RoomState } from "./state.ts";
import type { RoomStatus } from "./status.ts";

/** How many may look a second, and the bounds of the time between two looks, in seconds. */
const looksPerSecond = 5000;
const soonest = 20;
const latest = 1800;
/** Which share of those who wait is taken to look, at least. */
const leastShare = 0.3;

/** The status of a room. */
export function statusOf(state: RoomState, now: number): RoomStatus {
  const { epoch, revision, mode, limits, note, opensAt, closesAt, openedAt } = state;
  const { issued, frontier, passed, seconds, numbers, people, share, endRate } = state;
  const { order, commitment, committedFor, registered, drawnBy, beacon } = state;
  const { joined, admitted, renewed, lapsed, left, recoveries, tuned } = state;
  const lookers = Math.ceil((issued - frontier) * Math.max(share, leastShare)) + state.front.size;
  return {
    epoch,
    revision,
    now,
    mode,
    limits,
    note,
    opensAt,
    closesAt,
    openedAt,
    order,
    commitment,
    committedFor,
    registered,
    drawnBy,
    beacon,
    issued,
    frontier,
    passed,
    lapseLine: state.line[0] ?? 0,
    present: state.front.size,
    asleep: state.asleep.size,
    sessions: state.sessions.size,
    ghosts: ghostsNow(state, now),
    free: freeNow(state, now),
    pace: seconds > 0 ? numbers / seconds : 0,
    flow: seconds > 0 ? people / seconds : 0,
    share,
    endRate,
    poll: Math.min(latest, Math.max(soonest, Math.ceil(lookers / looksPerSecond))),
    joined,
    admitted,
    renewed,
    lapsed,
    left,
    recoveries,
    ...(tuned !== undefined && { tuned }),
  };
}

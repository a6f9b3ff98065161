/** What a room tells of itself. */

import type { Lane, Priority } from "./lane.ts";
import { freeNow, ghostsNow } from "./rate.ts";
import type { RoomState } from "./state.ts";
import type { LaneStatus, RoomStatus } from "./status.ts";

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
  const { joined, admitted, renewed, lapsed, left, recoveries, tuned, priority } = state;
  const lookers = lookersOf(state) + (priority === undefined ? 0 : lookersOf(priority));
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
    ...(priority !== undefined && { priority: laneStatusOf(priority) }),
  };
}

function laneStatusOf(lane: Priority): LaneStatus {
  const { weight, issued, frontier, passed, line, front, asleep, share, admitted } = lane;
  const { seconds, numbers, people } = lane;
  return {
    weight,
    issued,
    frontier,
    passed,
    lapseLine: line[0] ?? 0,
    present: front.size,
    asleep: asleep.size,
    pace: seconds > 0 ? numbers / seconds : 0,
    flow: seconds > 0 ? people / seconds : 0,
    share,
    admitted,
  };
}

/** How many of a lane look at the status. */
function lookersOf({ issued, frontier, share, front }: Lane): number {
  return Math.ceil((issued - frontier) * Math.max(share, leastShare)) + front.size;
}

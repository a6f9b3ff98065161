import type { LaneStatus, RoomStatus, Seen } from "../machine/mod.ts";

/**
 * The most that a node has seen of a room: by it a store finds out that it lost something. What was set counts as it was in the highest
 * revision; how many are inside is what was told last.
 */
export function seenAfter(seen: Seen | undefined, status: RoomStatus): Seen {
  const told = pick(status);
  if (seen === undefined || status.epoch > seen.epoch) return told;
  if (status.epoch < seen.epoch) return seen;
  return {
    ...(isSetLater(told, seen) ? told : seen),
    ...lotteryAfter(seen, told),
    sessions: told.sessions,
    ghosts: told.ghosts,
    now: Math.max(seen.now, told.now),
    issued: Math.max(seen.issued, told.issued),
    frontier: Math.max(seen.frontier, told.frontier),
    passed: Math.max(seen.passed, told.passed),
    lapseLine: Math.max(seen.lapseLine, told.lapseLine),
    admitted: Math.max(seen.admitted, told.admitted),
    renewed: Math.max(seen.renewed, told.renewed),
    ...laneAfter(seen.priority, told.priority),
  };
}

/** The most that was seen of the priority lane. */
function laneAfter(seen: LaneStatus | undefined, told: LaneStatus | undefined): Pick<Seen, "priority"> {
  const known = told ?? seen;
  if (known === undefined) return {};
  const { issued, frontier, passed, lapseLine, admitted } = seen ?? known;
  return {
    priority: {
      ...known,
      issued: Math.max(issued, known.issued),
      frontier: Math.max(frontier, known.frontier),
      passed: Math.max(passed, known.passed),
      lapseLine: Math.max(lapseLine, known.lapseLine),
      admitted: Math.max(admitted, known.admitted),
    },
  };
}

/** Whether what was set, or tuned, is not older than what was seen of it. */
function isSetLater(told: Seen, seen: Seen): boolean {
  if (told.revision !== seen.revision) return told.revision > seen.revision;
  return (told.tuned?.at ?? 0) >= (seen.tuned?.at ?? 0);
}

/** What was fixed of a lottery stays so. */
function lotteryAfter(seen: Seen, told: Seen): Pick<Seen, "registered" | "drawnBy" | "beacon"> {
  const { drawnBy, beacon } = told.drawnBy === "" ? seen : told;
  return { registered: Math.max(seen.registered, told.registered), drawnBy, beacon };
}

/** Whether a status is older than what was seen, so that the store lost something, or tells an earlier moment. */
export function isBehind(status: RoomStatus, seen: Seen): boolean {
  if (status.epoch !== seen.epoch) return status.epoch < seen.epoch;
  return status.revision < seen.revision || status.issued < seen.issued || status.frontier < seen.frontier ||
    status.passed < seen.passed || status.admitted < seen.admitted || status.renewed < seen.renewed ||
    (seen.priority !== undefined && isLaneBehind(status.priority, seen.priority));
}

function isLaneBehind(lane: LaneStatus | undefined, seen: LaneStatus): boolean {
  return lane === undefined || lane.issued < seen.issued || lane.frontier < seen.frontier ||
    lane.passed < seen.passed || lane.admitted < seen.admitted;
}

/** Whether somebody waits, or is about to, so that the room has to be kept moving. */
export function hasWaiters(status: RoomStatus): boolean {
  const { mode, priority } = status;
  return mode === "scheduled" || isWaitedIn(status) || (priority !== undefined && isWaitedIn(priority));
}

type LaneFigures = Pick<LaneStatus, "issued" | "frontier" | "present" | "asleep">;

function isWaitedIn({ issued, frontier, present, asleep }: LaneFigures): boolean {
  return issued > frontier || present > 0 || asleep > 0;
}

function pick(status: RoomStatus): Seen {
  const { epoch, revision, now, issued, frontier, passed, lapseLine, admitted, sessions, ghosts } = status;
  const { mode, limits, note, opensAt, closesAt, openedAt, renewed, tuned, priority } = status;
  const numbers = { epoch, revision, now, issued, frontier, passed, lapseLine, admitted, sessions, ghosts };
  const { order, commitment, committedFor, registered, drawnBy, beacon } = status;
  const lottery = { order, commitment, committedFor, registered, drawnBy, beacon };
  const set = { mode, limits, note, opensAt, closesAt, openedAt };
  const others = { ...(tuned !== undefined && { tuned }), ...(priority !== undefined && { priority }) };
  return { ...numbers, ...lottery, renewed, ...set, ...others };
}

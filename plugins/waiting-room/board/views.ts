/** What the board shows, as plain data: the page and programs read the same. */

import { GateError } from "../../../src/errors.ts";
import type { OperatedRoom, RoomFigures, RoomRecord, StoreFigures } from "../controls/mod.ts";
import type { RoomStatus } from "../machine/mod.ts";
import { type History, pointNames } from "./history.ts";
import { type Verdict, verdictsOf } from "./verdicts.ts";

/** A room as it is now. */
export interface RoomView {
  readonly name: string;
  /** What can be changed about it; absent where nothing is known yet. */
  readonly room?: Pick<
    RoomStatus,
    "mode" | "revision" | "epoch" | "limits" | "note" | "opensAt" | "closesAt" | "openedAt" | "now" | "tuned"
  >;
  readonly figures: RoomFigures | StoreFigures;
  readonly verdicts: readonly Verdict[];
}

/** Over how long it is counted how many were let in, in milliseconds. */
const recentMs = 60_000;

/** A room as it is now, or as it was known last. */
export async function viewOf(room: OperatedRoom, history: History, nowMs: number): Promise<RoomView> {
  const status = await room.status().catch(() => room.last);
  const figures = status === undefined ? undefined : room.figures(status);
  const store = room.store();
  const recent = status &&
    recentOf(history.of(room.name, nowMs - recentMs - history.stepMs), status.admitted, nowMs);
  return {
    name: room.name,
    ...(status !== undefined && { room: changeable(status) }),
    figures: figures ?? store,
    verdicts: verdictsOf(store, status, figures, recent),
  };
}

/** How many were let in since the first of some moments, where that is long enough ago to tell. */
function recentOf(points: readonly (readonly number[])[], admitted: number, nowMs: number) {
  const [first] = points;
  const minutes = (nowMs - (first?.[pointNames.indexOf("atMs")] ?? nowMs)) / 60_000;
  const before = first?.[pointNames.indexOf("admitted")] ?? -1;
  return minutes < 0.5 || before < 0 || admitted < before
    ? undefined
    : { admitted: admitted - before, minutes };
}

function changeable(status: RoomStatus): NonNullable<RoomView["room"]> {
  const { mode, revision, epoch, limits, note, opensAt, closesAt, openedAt, now, tuned } = status;
  const room = { mode, revision, epoch, limits, note, opensAt, closesAt, openedAt, now };
  return tuned === undefined ? room : { ...room, tuned };
}

/** The last hours of a room, and who changed it. */
export interface PastView {
  readonly name: string;
  readonly stepMs: number;
  /** What the members of a point are. */
  readonly names: readonly string[];
  readonly points: readonly (readonly number[])[];
  /** Absent where the store cannot be reached. */
  readonly records?: readonly RoomRecord[];
}

/** The past of a room after a time, in Unix milliseconds. */
export async function pastOf(room: OperatedRoom, history: History, sinceMs: number): Promise<PastView> {
  const { name } = room;
  const past = { name, stepMs: history.stepMs, names: pointNames, points: history.of(name, sinceMs) };
  try {
    return { ...past, records: await room.records() };
  } catch (cause) {
    if (!(cause instanceof GateError)) throw cause;
    return past;
  }
}

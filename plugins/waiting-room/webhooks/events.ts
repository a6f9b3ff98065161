/** What happened to a room between two looks at it. */

import type { RoomStatus } from "../machine/mod.ts";

/**
 * What a room, or the store of all rooms, tells: `opened` (people are let in by its limits), `resumed` (after a pause), `paused`, `draining`,
 * `bypass`, `sold-out`, `closed`, `scheduled` (its opening is yet to come again), `full` (a line has begun), `empty` (nobody has waited for a minute),
 * `rate` (it was changed by itself), `state-lost` (the store lost what it knew, and it was put together again), `store-lost` and `store-back`
 * (this process cannot reach the store, and can again).
 */
export type RoomEventName =
  | "opened"
  | "resumed"
  | "paused"
  | "draining"
  | "bypass"
  | "sold-out"
  | "closed"
  | "scheduled"
  | "full"
  | "empty"
  | "rate"
  | "state-lost"
  | "store-lost"
  | "store-back";

/** All of them. */
export const eventNames: readonly RoomEventName[] = [
  "opened",
  "resumed",
  "paused",
  "draining",
  "bypass",
  "sold-out",
  "closed",
  "scheduled",
  "full",
  "empty",
  "rate",
  "state-lost",
  "store-lost",
  "store-back",
];

/** How many looks in a row see people wait before a line has begun, and nobody before it has ended. */
const fullLooks = 2;
const emptyLooks = 12;

/** What was seen of a room. */
export interface Seen {
  readonly mode: RoomStatus["mode"];
  readonly recoveries: number;
  readonly tunedAt: number;
  readonly isFull: boolean;
  /** How many looks in a row saw something else. */
  readonly others: number;
}

/** Something that happened, and by what all processes know it. */
export interface Happening {
  readonly event: RoomEventName;
  readonly id: string;
  /** What is the same: of others who saw it a little earlier or later. */
  readonly rivals: readonly string[];
}

/**
 * Compares a status with what was seen before. Processes that look at different times find the same ids: what was ordered has a revision,
 * what was decided a time. Only how a line begins and ends has none, and is told by about when.
 *
 * @param before What was seen; `undefined` at the first look, which tells nothing.
 * @param lookMs The time between two looks.
 */
export function compare(
  before: Seen | undefined,
  status: RoomStatus,
  lookMs: number,
): { readonly seen: Seen; readonly happened: readonly Happening[] } {
  const { mode, recoveries, tuned, epoch, revision, limits, openedAt } = status;
  const tunedAt = tuned?.at ?? 0;
  const people = peopleIn(status) + (status.priority === undefined ? 0 : peopleIn(status.priority));
  // While a room is not open, nothing can be told of its line that its mode does not tell.
  const waits = mode === "open" ? people > 0 : before?.isFull ?? false;
  if (before === undefined) {
    return { seen: { mode, recoveries, tunedAt, isFull: waits, others: 0 }, happened: [] };
  }
  const others = waits === before.isFull ? 0 : before.others + 1;
  const isOther = others >= (waits ? fullLooks : emptyLooks);
  const isFull = isOther ? waits : before.isFull;
  // A room that is kept in memory begins with the same revisions after a restart.
  const since = openedAt.toString(36);
  const happened: Happening[] = [];
  const add = (event: RoomEventName, key: string) =>
    happened.push({ event, id: `${epoch}-${key}`, rivals: [] });
  if (mode !== before.mode) add(nameOf(before.mode, mode), `${revision}-${mode}-${since}`);
  if (recoveries > before.recoveries) add("state-lost", `lost-${recoveries}-${since}`);
  if (tuned !== undefined && tunedAt > before.tunedAt && limits.admitPerMinute !== tuned.from) {
    add("rate", `rate-${tunedAt}`);
  }
  if (isOther) happened.push(about(waits ? "full" : "empty", `${epoch}-`, status.now, lookMs));
  return {
    seen: { mode, recoveries, tunedAt, isFull, others: isOther ? 0 : others },
    happened,
  };
}

/** How many are there, or are not called yet. */
function peopleIn(
  { present, asleep, issued, frontier }: Pick<RoomStatus, "present" | "asleep" | "issued" | "frontier">,
): number {
  return present + asleep + issued - frontier;
}

/** What has no number of its own: it is the same as what others saw up to some looks before and after. */
export function about(event: RoomEventName, prefix: string, nowMs: number, lookMs: number): Happening {
  const at = Math.floor(nowMs / (4 * lookMs));
  const id = (time: number) => `${prefix}${event}-${time}`;
  return { event, id: id(at), rivals: [id(at - 1), id(at + 1)] };
}

function nameOf(before: RoomStatus["mode"], mode: RoomStatus["mode"]): RoomEventName {
  if (mode !== "open") return mode;
  return before === "paused" ? "resumed" : "opened";
}

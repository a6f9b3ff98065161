import type { OperatedRoom } from "../controls/mod.ts";
import type { RoomMode, RoomStatus } from "../machine/mod.ts";
import type { Happening, RoomEventName } from "./events.ts";

/** What is sent, as JSON. Members may be added; a receiver ignores those that it does not know. */
export interface RoomMessage {
  /**
   * By which the same event is known again, whichever process tells it; the header `webhook-id` has it as well. It begins with the `prefix` of
   * `waitingRoom()`, by which installations that tell one receiver stay apart.
   */
  readonly id: string;
  /** What happened. */
  readonly event: RoomEventName;
  /** When it was seen, in ISO 8601, by the clock of the store; of `store-lost` by that of the process. */
  readonly at: string;
  /** The room; absent for what happened to the store of all of them. */
  readonly room?: string;
  /** What the room does. */
  readonly mode?: RoomMode;
  /** How many times it was changed. */
  readonly revision?: number;
  /** What those who wait are told. */
  readonly note?: string;
  /** How many are there and wait. */
  readonly present?: number;
  /** How many are not called yet and will come: an estimate. */
  readonly far?: number;
  /** How many are inside. */
  readonly inside?: number;
  /** How many may be inside; absent where there is no limit. */
  readonly capacity?: number;
  /** How many may be let in a minute. */
  readonly admitPerMinute?: number;
}

/** The message of something that happened to a room. */
export function messageOf(room: OperatedRoom, status: RoomStatus, { event, id }: Happening): RoomMessage {
  const { mode, revision, present, far, inside, capacity, admitPerMinute } = room.figures(status);
  return {
    id: `${room.key}-${id}`,
    event,
    at: new Date(status.now).toISOString(),
    room: room.name,
    mode,
    revision,
    note: status.note,
    present,
    far,
    inside,
    ...(capacity !== undefined && { capacity }),
    admitPerMinute,
  };
}

/**
 * Waiting rooms: a hall each, and which URL belongs to which room.
 *
 * @module
 */
import { createHall, type Hall } from "../hall.ts";
import { isOnDomain } from "../return-url.ts";
import type { Room } from "../options.ts";
import type { RoomChange, RoomState, RoomStatus } from "../state.ts";

/** A room at work. */
export interface LiveRoom extends Omit<Hall, "change" | "state"> {
  readonly options: Room;
  readonly message: string | null;
  /** The status the room is made to answer. */
  readonly status: RoomStatus;
  change(change: RoomChange, now: number): void;
  state(now: number): RoomState;
}

/**
 * Creates a room.
 *
 * @param options Its settings.
 * @param openedAt When the clock starts, in Unix milliseconds.
 * @returns The room.
 */
export function createRoom(options: Room, openedAt: number): LiveRoom {
  const { slug, title, domain } = options;
  let { message } = options;
  let status: RoomStatus = null;
  const hall = createHall({ ...options, opensAt: Date.parse(options.onsale) }, openedAt);
  return {
    options,
    get message(): string | null {
      return message;
    },
    get ratePerMinute(): number {
      return hall.ratePerMinute;
    },
    get status(): RoomStatus {
      return status;
    },
    visit: hall.visit,
    promote: hall.promote,
    leave: hall.leave,
    change(change, now): void {
      hall.change(change, now);
      if (change.status !== undefined) status = change.status;
      if (change.message !== undefined) message = change.message;
    },
    state: (now) => ({ slug, title, domain, status, ...hall.state(now) }),
  };
}

/**
 * Finds the room of a URL: exact patterns first, then parts, then whole domains, as the feed lists them.
 *
 * @param rooms Rooms in the order of {@linkcode byPrecedence}.
 * @param url The URL to look up.
 * @returns The room, `"unprotected"` on a registered domain outside every room, or `undefined`.
 */
export function findRoom(rooms: readonly LiveRoom[], url: URL): LiveRoom | "unprotected" | undefined {
  const ours = rooms.filter((room) => isOnDomain(room.options.domain, url));
  if (ours.length === 0) return undefined;
  const target = url.pathname + url.search;
  return ours.find((room) => matches(room.options, target)) ?? "unprotected";
}

/** Orders rooms as the feed does: regex, contains, all. */
export function byPrecedence<T extends Pick<Room, "patternType">>(rooms: readonly T[]): T[] {
  const order = ["regex", "contains", "all"];
  return rooms.toSorted((a, b) => order.indexOf(a.patternType) - order.indexOf(b.patternType));
}

function matches(room: Room, target: string): boolean {
  const { patternType, urlPattern } = room;
  if (patternType === "all") return true;
  if (urlPattern === null || urlPattern === "") return false;
  return patternType === "contains" ? target.includes(urlPattern) : new RegExp(urlPattern).test(target);
}

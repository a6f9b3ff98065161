import type { WaitingRoom } from "../configuration/mod.ts";
import type { Connector } from "./connector.ts";
import { seconds, type Visit } from "./visit.ts";
import type { SessionCookie } from "../protocol/session-cookie.ts";

/** How a session cookie, or the one that stands for several, was found. The order is that of the checks. */
export type SessionStatus =
  | "absent"
  | "forged"
  | "other-room"
  | "expired"
  | "other-address"
  | "malformed"
  | "genuine";

/** The state of a visitor's session. */
export interface SessionState {
  readonly status: SessionStatus;
  /** The room whose cookie stands for the state. */
  readonly room: WaitingRoom | undefined;
  readonly cookie: SessionCookie | undefined;
}

/** The queue id of each room with a genuine cookie. */
export type QueueIds = Map<WaitingRoom, string>;

/** What does not matter to a session. */
const untimed = -1;

/**
 * Reads the session cookies of several rooms. The first genuine one stands for the state, otherwise the last.
 *
 * @param validityMinutes How long a session without a fixed validity lasts; left out, time does not matter.
 * @param queueIds Takes the queue ids of all genuine cookies; left out, the first genuine one ends the search.
 */
export function readState(
  connector: Connector,
  rooms: readonly WaitingRoom[],
  visit: Visit,
  validityMinutes: number = untimed,
  queueIds?: QueueIds,
): SessionState {
  let state: SessionState | undefined;
  for (let at = 0; at < rooms.length; at++) {
    const room = rooms[at];
    if (room === undefined) continue;
    const found = readRoom(connector, room, visit, visit.cookies[at] ?? "", validityMinutes);
    if (found === undefined) continue;
    if (state?.status !== "genuine") state = found;
    if (found.status !== "genuine") continue;
    if (queueIds === undefined) return state;
    if (found.cookie.queueId !== "") queueIds.set(room, found.cookie.queueId);
  }
  return state ?? { status: "absent", room: rooms[0], cookie: undefined };
}

/**
 * Reads the session of one room. Browsers may send several cookies of its name, of the host and of its domain: the first
 * genuine one counts, otherwise the last.
 */
function readRoom(
  connector: Connector,
  room: WaitingRoom,
  visit: Visit,
  value: string,
  validityMinutes: number,
): SessionState & { readonly cookie: SessionCookie } | undefined {
  let last: SessionState & { readonly cookie: SessionCookie } | undefined;
  if (value !== "") {
    const cookie = connector.sessions.read(value);
    last = { status: examine(connector, room, cookie, visit, validityMinutes), room, cookie };
    if (last.status === "genuine") return last;
  }
  for (const other of visit.others?.(room.cookieName) ?? []) {
    const cookie = connector.sessions.read(other);
    const status = examine(connector, room, cookie, visit, validityMinutes);
    if (status === "genuine") return { status, room, cookie };
    last ??= { status, room, cookie };
  }
  return last;
}

/** Tells what is wrong with a cookie. Whatever was remembered of it, room, time and address are checked each time. */
function examine(
  connector: Connector,
  room: WaitingRoom,
  cookie: SessionCookie,
  visit: Visit,
  validityMinutes: number,
): SessionStatus {
  if (!cookie.isSigned) return "forged";
  if (cookie.roomId !== room.id && cookie.roomId.toLowerCase() !== room.lowerCaseId) return "other-room";
  const now = seconds(visit);
  if (validityMinutes !== untimed) {
    const minutes = cookie.isFixed ? cookie.fixedMinutes : validityMinutes;
    if (cookie.issuedAt + 60 * minutes < now) return "expired";
  }
  if (cookie.hashedAddress !== "") {
    const address = visit.address();
    if (address !== "" && !connector.isAddress(address, cookie.hashedAddress)) return "other-address";
  }
  return cookie.isWellFormed && cookie.issuedAt <= now + connector.skewSeconds ? "genuine" : "malformed";
}

/** Tells whether a genuine session may be prolonged: one with a fixed validity may not, and 0 counts as none. */
export function isExtendable({ status, cookie }: SessionState): boolean {
  return status === "genuine" && cookie?.fixedMinutes === 0;
}

/** Forgets the cookies of all rooms for which the visitor brought one. */
export function forgetSessions(rooms: readonly WaitingRoom[], visit: Visit): void {
  for (let at = 0; at < rooms.length; at++) {
    const room = rooms[at];
    if (room === undefined) continue;
    if (visit.cookies[at] || visit.others?.(room.cookieName).length) {
      visit.changes.push({ room, value: undefined });
    }
  }
}

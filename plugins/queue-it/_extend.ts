import type { Room } from "./configuration/action.ts";
import { type Core, seconds, type Visit } from "./validation/connector.ts";
import { readState } from "./validation/session-state.ts";

/**
 * Writes the session of a room anew if it is valid, with all that it says but its time.
 *
 * @returns Whether there was one.
 */
export function extendSession(core: Core, room: Room, validityMinutes: number, visit: Visit): boolean {
  const { finding, cookie } = readState(core, [room], visit, validityMinutes);
  if (finding !== "genuine" || cookie === undefined) return false;
  visit.changes.push({ room, value: core.sessions.renew(cookie, room.id, seconds(visit)) });
  return true;
}

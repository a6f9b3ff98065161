import { type Subject, valueError } from "../../src/options/check.ts";
import type { RoomCondition, RoomMatch, RoomOptions } from "./options.ts";

/**
 * Refuses rooms of which each is right by itself, but not beside the others: two of one name, and one that nobody ever comes to, because a room before
 * it takes everybody.
 */
export function checkTogether(subject: Subject, rooms: readonly RoomOptions[]): void {
  const whole = rooms.findIndex(({ match }) => match === undefined || isEverything(match));
  for (const [at, { name }] of rooms.entries()) {
    const twin = rooms.findIndex((each) => each.name === name);
    if (twin < at) {
      throw valueError(subject, `rooms[${at}].name`, `another one than that of rooms[${twin}]`, name);
    }
    if (whole !== -1 && whole < at) {
      const must =
        `before rooms[${whole}], which protects everything, so that no room after it is ever asked`;
      throw valueError(subject, `rooms[${at}]`, must, name);
    }
  }
}

function isEverything(match: RoomMatch): boolean {
  // Array.isArray does not tell a readonly list from a single condition.
  const conditions = (Array.isArray(match) ? match : [match]) as readonly RoomCondition[];
  return conditions.some((each) => each.path === "/" && Object.keys(each).length === 1);
}

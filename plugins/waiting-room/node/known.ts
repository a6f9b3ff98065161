import type { RoomStatus, Seen } from "../machine/mod.ts";
import { seenAfter } from "./seen.ts";

/** How long a status is good that was read, in milliseconds, and how much longer at most and at random: nodes do not read together. */
const freshMs = 1000;
const spreadMs = 250;

/** What a node knows of a room. */
export interface Known {
  /** The most that was ever seen; `undefined` before the first answer. */
  readonly seen: Seen | undefined;
  /** The status that was told last, however old it is. */
  readonly last: RoomStatus | undefined;
  /** Takes note of a status, of which others have known for a while. Answers may overtake each other; an older one changes nothing. */
  learn(status: RoomStatus, ageMs?: number): void;
  /** The last status, while it is young enough. */
  fresh(): RoomStatus | undefined;
}

/**
 * Makes what knows nothing yet.
 *
 * @param now A clock that does not jump, in milliseconds.
 * @param random A number from 0 up to, but without, 1.
 * @param learned Is told each status that is not older than the last one.
 */
export function createKnown(
  now: () => number,
  random: () => number,
  learned?: (status: RoomStatus) => void,
): Known {
  let seen: Seen | undefined;
  let last: RoomStatus | undefined;
  let goodUntil = Number.NEGATIVE_INFINITY;

  return {
    get seen() {
      return seen;
    },
    get last() {
      return last;
    },
    learn(status, ageMs = 0) {
      const isOlder = last !== undefined && (last.epoch > status.epoch || last.now > status.now);
      seen = seenAfter(seen, status);
      if (isOlder) return;
      last = status;
      goodUntil = now() - ageMs + freshMs + random() * spreadMs;
      learned?.(status);
    },
    fresh: () => now() < goodUntil ? last : undefined,
  };
}

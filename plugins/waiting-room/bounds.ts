import { type Limits, unlimited } from "./machine/mod.ts";
import type { RoomStore } from "./stores/store.ts";

/** What the owner has to know where a room is too large for its store; `undefined` where it is not. */
export function beyondBounds(
  { name: store, bounds }: RoomStore,
  room: string,
  limits: Limits,
): string | undefined {
  if (bounds === undefined) return undefined;
  const { people, admissionsPerMinute } = bounds;
  const { capacity, admitPerMinute } = limits;
  const isLarge = capacity !== unlimited && capacity > people;
  if (!isLarge && admitPerMinute <= admissionsPerMinute) return undefined;
  const asked = isLarge ? `${capacity} people inside` : `${admitPerMinute} admissions a minute`;
  const most = isLarge ? people : admissionsPerMinute;
  return `waiting-room: room "${room}" may have ${asked}, and the store "${store}" is fast enough for ${most}: use redisStore()`;
}

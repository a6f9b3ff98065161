import type { BoardEvent } from "./options.ts";

/** Tells of refusals on the console, at most one a second for each cause. */
export function reportRefusals(): (event: BoardEvent) => void {
  const last = new Map<string, number>();
  return ({ is, atMs, why = "", by, room, address }) => {
    if (is !== "refused" || Math.abs(atMs - (last.get(why) ?? -1000)) < 1000) return;
    last.set(why, atMs);
    const details = Object.entries({ room, by, address }).flatMap(([name, value]) =>
      value === undefined ? [] : `${name} ${JSON.stringify(value)}`
    );
    console.warn(["stanchion: the room board refused somebody", why, ...details].join(", "));
  };
}

import type { HeaderChange } from "../../src/decision.ts";

/** What keeps answers out of every cache, in Queue-it's exact form. */
export const noStore: readonly HeaderChange[] = [
  ["cache-control", "no-cache, no-store, must-revalidate, max-age=0"],
  ["pragma", "no-cache"],
  ["expires", "Fri, 01 Jan 1990 00:00:00 GMT"],
];

/** Until when browsers keep a session cookie: for a day, however long the session lasts. */
export function sessionMs(nowMs: number): number {
  return Math.floor(nowMs / 1000) * 1000 + 86_400_000;
}

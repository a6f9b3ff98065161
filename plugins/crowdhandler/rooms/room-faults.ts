/** What the owner is told of the rooms of a feed. */

import { show } from "../../../src/options/check.ts";
import type { RoomHost } from "./room-host.ts";

/** By what a room covers pages, as the feed spells it. */
interface RoomWords {
  readonly domain: string;
  readonly patternType: string;
  readonly urlPattern: string | null;
}

/** How much is said of the rooms of one feed: what else there is to say must not be drowned. */
const maxWarnings = 20;

/** Tells the first of many things, and that there are more. */
export function firstOf(warn: (message: string) => void): (message: string) => void {
  let count = 0;
  return (message) => {
    if (count > maxWarnings) return;
    warn(++count > maxWarnings ? "crowdhandler: more is wrong with rooms of the feed than is told" : message);
  };
}

/** Why a room that can be understood protects nothing; `undefined` where it may. */
export function faultOf(
  { domain, patternType, urlPattern }: RoomWords,
  host: RoomHost,
): string | undefined {
  if (!host.isHost) return `its domain ${show(domain)} is no host`;
  switch (patternType) {
    case "all":
      return undefined;
    case "regex":
      return urlPattern === null ? "it has no pattern" : undefined;
    case "contains":
      return urlPattern ? undefined : "it has no pattern";
    default:
      return `its patternType ${show(patternType)} is none of regex, contains and all`;
  }
}

import type { HookName } from "../errors.ts";

/** The hooks in the order in which they run. */
export const hookNames: readonly HookName[] = [
  "match",
  "prepare",
  "decide",
  "recover",
  "respond",
  "headers",
  "settled",
];

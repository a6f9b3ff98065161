import { show } from "../src/options/check.ts";

/** Refuses what is no gate, where an adapter is made of one. */
export function checkFrameworkGate(framework: string, gate: unknown): void {
  if (typeof gate === "function" && "begin" in gate) return;
  throw new TypeError(
    `Cannot put gate before ${framework}: it must be what createGate() made, received ${show(gate)}`,
  );
}

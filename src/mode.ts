/**
 * How strict the gate is.
 *
 * @module
 */

/**
 * How strict the gate is: `enforce` does what was decided, `report` decides and reports but admits everybody, and
 * `off` is the kill switch.
 */
export type Mode = "enforce" | "report" | "off";

/** All modes, the strictest first. */
export const modeNames: readonly Mode[] = ["enforce", "report", "off"];

/**
 * Tells whether a value is a {@linkcode Mode}.
 *
 * @param value Any value.
 * @returns `true` for a mode.
 *
 * @example
 * ```ts
 * import { isMode } from "@stanchion/stanchion";
 *
 * isMode("report"); // true
 * isMode("on"); // false
 * ```
 */
export function isMode(value: unknown): value is Mode {
  return value === "enforce" || value === "report" || value === "off";
}

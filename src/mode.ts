/**
 * How strict a gate is.
 *
 * @module
 */

/**
 * How strict the gate is: `enforce` does what was decided, `report` decides and reports but admits everybody, and
 * `off` is the kill switch.
 */
export type Mode = "enforce" | "report" | "off";

/** All modes. */
export const modeNames: readonly Mode[] = ["enforce", "report", "off"];

/**
 * Tells whether a value is a {@linkcode Mode}.
 *
 * @param value Any value.
 * @returns `true` for a mode.
 *
 * @example
 * ```ts
 * import { isMode } from "stanchion";
 *
 * isMode("report"); // true
 * isMode("on"); // false
 * ```
 */
export function isMode(value: unknown): value is Mode {
  return value === "enforce" || value === "report" || value === "off";
}

/** How a mode is set. */
export interface SetModeOptions {
  /** For how long, in milliseconds, after which the initial mode holds again. @default {until the next change} */
  readonly forMs?: number;
  /** Who sets it, for logs: up to 80 printable characters. */
  readonly by?: string;
}

/** What a switch stands at. */
export interface ModeState {
  /** The mode. */
  readonly mode: Mode;
  /** The mode as long as nobody has chosen another. */
  readonly initial: Mode;
  /** Until when it holds, in Unix milliseconds; absent if there is no end. */
  readonly untilMs?: number;
  /** Who set it; absent if nobody said so. */
  readonly by?: string;
  /** Whether the storage has it: `false` where a change could not be written yet. Always `true` without a storage. */
  readonly saved: boolean;
  /** How long ago the storage was last read, in milliseconds; absent if it never was. */
  readonly readAgeMs?: number;
}

/** What sets a mode and tells it, such as the switch that `modeSwitch()` makes. */
export interface ModeControl {
  /**
   * Sets the mode: here at once, then in the storage. Where the storage fails, this process follows nevertheless, and
   * goes on trying to write.
   *
   * @param mode The mode.
   * @param options For how long, and by whom.
   * @returns What the switch stands at, once the storage has taken it or failed; `saved` tells which. Never rejected.
   * @throws {TypeError} When an option has the wrong shape.
   * @throws {RangeError} When the mode is none, or an option has a wrong value.
   */
  set(mode: Mode, options?: SetModeOptions): Promise<ModeState>;

  /**
   * Tells what the switch stands at.
   *
   * @returns Plain values.
   */
  state(): ModeState;
}

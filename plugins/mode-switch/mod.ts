/**
 * A switch for the gate's mode: turned at run time, for one process or, through a shared storage, for a fleet.
 *
 * @module
 */

export { modeSwitch } from "./mode-switch.ts";
export type { ModeStorage, ModeSwitch, ModeSwitchOptions } from "./options.ts";
export type { ModeControl, ModeState, SetModeOptions } from "../../src/mode.ts";
export type { Schedule } from "../../src/async/schedule.ts";
export type * from "../../src/contract.ts";

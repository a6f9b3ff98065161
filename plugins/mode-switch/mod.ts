/**
 * A switch for the gate's mode: turned at run time, for one process or, through a shared storage, for a fleet.
 *
 * @module
 */

export * from "./mode-switch.ts";

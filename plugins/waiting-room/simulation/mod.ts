/**
 * The simulation of the waiting room: the machine itself, driven through nodes and a crowd by a clock and chances that follow from a
 * seed.
 *
 * @module
 */

export { type Happening, type PartialWorld, usualCrowd, usualLimits, type World, worldOf } from "./world.ts";
export { type Result, simulate } from "./simulate.ts";

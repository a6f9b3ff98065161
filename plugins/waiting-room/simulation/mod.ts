/**
 * The simulation of the waiting room: the machine itself, driven through nodes and a crowd by a clock and by chances that follow from
 * a seed. Whoever stands at its door counts the passes in browsers, and holds the room to what it promises.
 *
 * @module
 */

export { type Admission, mean, quantile, type Second } from "./figures.ts";
export { type Result, simulate } from "./simulate.ts";
export { type Figure, type Outcome, type Scenario, scenarios } from "./scenarios/mod.ts";
export { type Happening, type PartialWorld, type World, worldOf } from "./world.ts";

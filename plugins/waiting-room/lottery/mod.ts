/**
 * The lottery that anyone can audit: an order that follows from a secret, to which its owner is committed before anybody registers, from
 * what nobody knows before registration is closed, and from how many registered.
 *
 * @module
 */

export { commitmentOf, createDraw, type Draw, type DrawSource, seedOf } from "./draw.ts";
export type { DrawnBy } from "../machine/mod.ts";
export { beaconMust, isBeacon, isCommitment, type LotteryFacts, readFacts } from "./facts.ts";
export { createPermutation, type Permutation } from "./permutation.ts";

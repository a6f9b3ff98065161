/**
 * The gate in front of Next.js.
 *
 * @module
 */

export { nextGate, type NextProxy } from "./next-gate.ts";
export type * from "../../src/contract.ts";

/**
 * Counts what the gate decides, for Prometheus and whatever reads its text format.
 *
 * @module
 */

export * from "./metrics.ts";
export type * from "../../src/contract.ts";

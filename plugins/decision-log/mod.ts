/**
 * Writes one structured record for each decision, without anything by which a visitor could be recognised.
 *
 * @module
 */

export * from "./decision-log.ts";
export type * from "../../src/contract.ts";

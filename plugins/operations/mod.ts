/**
 * Endpoints for those who operate a gate: health, metrics, explanations and the mode.
 *
 * @module
 */

export { type Operations, operations } from "./operations.ts";
export type { MetricsText, OperationsOptions } from "./options.ts";
export type { ModeControl } from "../../src/mode.ts";
export type * from "../../src/contract.ts";

/**
 * Endpoints for those who operate a gate: health, metrics, explanations and the mode.
 *
 * @module
 */

export * from "./operations.ts";

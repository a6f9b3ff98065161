/**
 * The gate as a Hono middleware, and Hono middlewares as plugins of a gate.
 *
 * @module
 */

export { type HonoGate, honoGate } from "./hono-gate.ts";
export { fromHono, type FromHonoOptions, type InspectingMiddleware } from "./from-hono.ts";
export type { StanchionFacts, StanchionFactVariables, StanchionVariables, StanchionVisit } from "../visit.ts";
export type * from "../../src/contract.ts";

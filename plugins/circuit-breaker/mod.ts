/**
 * Stops asking a service that fails, so that an outage does not add its timeout to every page.
 *
 * @module
 */

export type { BreakerChange, BreakerState } from "./breaker.ts";
export { circuitBreaker, type CircuitBreakerOptions } from "./circuit-breaker.ts";
export type * from "../../src/contract.ts";

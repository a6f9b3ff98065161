/**
 * Stops asking a service that fails, so that an outage does not add its timeout to every page.
 *
 * @module
 */

export * from "./circuit-breaker.ts";

/**
 * What happens to visitors when the gate's own work fails, for instance because the provider is down.
 *
 * @module
 */

export * from "./failure-policy.ts";

/**
 * Stanchion puts a virtual waiting room in front of any Web-standard handler.
 *
 * @module
 */

export * from "./src/context.ts";
export type { CookieOptions } from "./src/cookies.ts";
export * from "./src/decided.ts";
export * from "./src/decision.ts";
export * from "./src/errors.ts";
export * from "./src/gate.ts";
export * from "./src/plugin.ts";
export * from "./src/service-calls.ts";
export * from "./src/tokens.ts";
export * from "./src/visit.ts";
export * from "./plugins/body-trigger.ts";
export * from "./plugins/bulkhead.ts";
export * from "./plugins/circuit-breaker.ts";
export * from "./plugins/client-ip.ts";
export * from "./plugins/cookie-tokens.ts";
export * from "./plugins/decision-log.ts";
export * from "./plugins/failover.ts";
export * from "./plugins/failure-policy.ts";
export * from "./plugins/grace.ts";
export * from "./plugins/metrics.ts";
export * from "./plugins/mode-switch.ts";
export * from "./plugins/prefetch.ts";
export * from "./plugins/preflight.ts";
export * from "./plugins/problem-answers.ts";
export * from "./plugins/request-body.ts";
export * from "./plugins/server-timing.ts";
export * from "./plugins/static-files.ts";
export * from "./plugins/storage-tokens.ts";

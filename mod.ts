/**
 * Stanchion puts a virtual waiting room in front of any Web-standard handler.
 *
 * @module
 */

export * from "./src/context.ts";
export type { CookieOptions } from "./src/http/cookie-options.ts";
export * from "./src/decided.ts";
export * from "./src/decision.ts";
export * from "./src/errors.ts";
export * from "./src/gate.ts";
export * from "./src/plugin.ts";
export * from "./src/service.ts";
export * from "./src/storage.ts";
export * from "./src/tokens/store.ts";
export * from "./src/visit.ts";
export * from "./plugins/body-trigger/mod.ts";
export * from "./plugins/bulkhead.ts";
export * from "./plugins/circuit-breaker/mod.ts";
export * from "./plugins/client-ip.ts";
export * from "./src/tokens/cookie-tokens.ts";
export * from "./plugins/decision-log/mod.ts";
export * from "./plugins/failover.ts";
export * from "./plugins/failure-policy/mod.ts";
export * from "./plugins/grace/mod.ts";
export * from "./plugins/metrics/mod.ts";
export * from "./plugins/mode-switch/mod.ts";
export * from "./plugins/prefetch.ts";
export * from "./plugins/preflight.ts";
export * from "./plugins/problem-answers/mod.ts";
export * from "./plugins/request-body.ts";
export * from "./plugins/server-timing.ts";
export * from "./plugins/static-files.ts";
export * from "./plugins/storage-tokens/mod.ts";

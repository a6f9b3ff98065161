/**
 * Stanchion puts a virtual waiting room in front of any Web-standard handler: the core, and the plugins that every pipeline
 * uses. Providers and further plugins have entry points of their own, such as `stanchion/crowdhandler`.
 *
 * Examples import from `stanchion`, the name on npm. `deno add stanchion@jsr:@stanchion/stanchion` gives it to the package of JSR.
 *
 * @module
 */

export type * from "./src/begun.ts";
export * from "./src/context.ts";
export type { CookieOptions } from "./src/cookie-options.ts";
export * from "./src/decision.ts";
export * from "./src/errors.ts";
export type { Complete, GateOptions, Listed } from "./src/gate-options.ts";
export * from "./src/gate.ts";
export * from "./src/guarded.ts";
export * from "./src/health.ts";
export * from "./src/mode.ts";
export * from "./src/platform.ts";
export * from "./src/plugin.ts";
export * from "./src/service.ts";
export * from "./src/storage.ts";
export * from "./src/tokens.ts";
export * from "./plugins/body-trigger/mod.ts";
export * from "./plugins/client-ip.ts";
export * from "./plugins/cookie-tokens.ts";
export * from "./plugins/failure-policy/mod.ts";
export * from "./plugins/prefetch.ts";
export * from "./plugins/preflight.ts";
export * from "./plugins/problem-answers/mod.ts";
export * from "./plugins/request-body.ts";
export * from "./plugins/static-files.ts";

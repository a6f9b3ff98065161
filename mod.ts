/**
 * Stanchion puts a virtual waiting room in front of any Web-standard handler.
 *
 * @module
 */

export * from "./src/context.ts";
export * from "./src/decision.ts";
export * from "./src/errors.ts";
export * from "./src/gate.ts";
export * from "./src/plugin.ts";
export * from "./src/tokens.ts";

/**
 * Keeps visitor tokens on the server, in any storage with `getItem`, `setItem` and `removeItem`. The browser holds
 * a random id only.
 *
 * @module
 */

export * from "./storage-tokens.ts";

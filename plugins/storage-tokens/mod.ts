/**
 * Keeps visitor tokens on the server, in any storage with `getItem`, `setItem` and `removeItem`. The browser holds
 * a random id only.
 *
 * @module
 */

export { storageTokens } from "./storage-tokens.ts";
export type { IdCookieOptions, StorageTokensOptions } from "./options.ts";
export type { TokenStorage } from "../../src/storage.ts";
export type * from "../../src/contract.ts";

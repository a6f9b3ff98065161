/**
 * Keeps the rooms of `waitingRoom()` in Deno KV.
 *
 * @module
 */

export { denoKvStore, type DenoKvStoreOptions } from "./deno-kv-store.ts";
export type { DenoKv, KvAtomic, KvEntry, KvKey } from "./kv.ts";
export type * from "../contract.ts";

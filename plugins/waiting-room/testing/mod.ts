/**
 * What the authors of stores for the waiting room test them with.
 *
 * @module
 */

export type { ScalarRecord, SetName, StateRecord } from "../machine/mod.ts";
export type * from "../stores/contract.ts";
export { storeContract, type StoreContractOptions, type TestedStore } from "./store-contract.ts";

/**
 * What the authors of stores for the waiting room test them with.
 *
 * @module
 */

export type {
  Answered,
  Asked,
  Command,
  Configured,
  Limits,
  Outcome,
  RoomStatus,
  Seen,
  StateRecord,
} from "../machine/mod.ts";
export type { Batch, BatchResult, RoomStore } from "../stores/store.ts";
export { storeContract, type StoreContractOptions, type TestedStore } from "./store-contract.ts";

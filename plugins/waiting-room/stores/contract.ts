/** The types that a store of the waiting room is made of, for the entry points of stores. */

export type {
  Answered,
  Asked,
  CheckIn,
  Command,
  Configured,
  Control,
  Enter,
  Holder,
  Leave,
  Limits,
  Outcome,
  Renew,
  RoomChange,
  RoomMode,
  RoomStatus,
  Seen,
} from "../machine/mod.ts";
export type { Health } from "../../../src/health.ts";
export type { Batch, BatchResult, RoomStore, StoreBounds } from "./store.ts";

/** The types that a store of the waiting room is made of, for the entry points of stores. */

export type {
  Answered,
  Asked,
  Autotune,
  CheckIn,
  Command,
  Commit,
  Configured,
  Control,
  Draw,
  DrawnBy,
  Enter,
  Holder,
  LaneStatus,
  Leave,
  Limits,
  Outcome,
  Renew,
  Report,
  RoomChange,
  RoomMode,
  RoomStatus,
  Seen,
  Tuned,
  TuningReason,
} from "../machine/mod.ts";
export type { Health } from "../../../src/health.ts";
export type { Batch, BatchResult, RoomStore, StoreBounds } from "./store.ts";

/**
 * A waiting room of our own: a provider that needs no hosted service, and keeps its state in a small store.
 *
 * @module
 */

export { type WaitingRoom, waitingRoom } from "./waiting-room.ts";
export type {
  ChangeOptions,
  ChangeResult,
  OperatedRoom,
  RoomFigures,
  RoomOrder,
  RoomRecord,
  StoreFigures,
} from "./controls/mod.ts";
export type { BypassOptions, PriorityOptions } from "./lane-options.ts";
export type {
  AutotuneOptions,
  LotteryOptions,
  PageFunction,
  RoomCondition,
  RoomMatch,
  RoomOptions,
  SharedOptions,
  WaitingRoomOptions,
} from "./options.ts";
export type { NamedTest, TextTest, TriggerCondition } from "../../src/triggers/rule-types.ts";
export type { StatusCache } from "./node/mod.ts";
export type { PageLanguage } from "./page/languages/load.ts";
export type { PageOptions, PageText } from "./page/options.ts";
export type { PageColours, PageTheme } from "./page/theme.ts";
export type { Situation } from "./page/texts.ts";
export type { WaitingView } from "./page/view.ts";
export { memoryStore, type MemoryStoreOptions } from "./stores/memory.ts";
export type { SnapshotStorage } from "./stores/snapshots.ts";
export type { Batch, BatchResult, RoomStore, StoreBounds } from "./stores/store.ts";
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
  Outcome as RoomOutcome,
  Renew,
  Report,
  RoomChange,
  RoomMode,
  RoomStatus,
  Seen,
  Tuned,
  TuningReason,
} from "./machine/mod.ts";
export type * from "../../src/contract.ts";

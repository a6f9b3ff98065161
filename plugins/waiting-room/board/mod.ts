/**
 * A page for the owner of waiting rooms: what they are like, now and over the last hours, and what can be changed about them.
 *
 * @module
 */

export { type RoomBoard, roomBoard } from "./board.ts";
export type { BoardAuth, BoardEvent, BoardOperator, BoardOptions } from "./options.ts";
export type {
  ChangeOptions,
  ChangeResult,
  OperatedRoom,
  RoomFigures,
  RoomOrder,
  RoomRecord,
  StoreFigures,
} from "../controls/mod.ts";
export type {
  DrawnBy,
  LaneStatus,
  Limits,
  RoomMode,
  RoomStatus,
  Tuned,
  TuningReason,
} from "../machine/mod.ts";
export type * from "../../../src/contract.ts";

/**
 * Tells another service what happens to waiting rooms: opened, full, paused, sold out and the like, as signed messages.
 *
 * @module
 */

export { type RoomWebhooks, roomWebhooks } from "./webhooks.ts";
export type { RoomWebhooksOptions } from "./options.ts";
export type { RoomEventName } from "./events.ts";
export type { RoomMessage } from "./message.ts";
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

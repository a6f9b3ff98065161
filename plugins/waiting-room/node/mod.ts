/**
 * How a process reaches the rooms of a store: in batches, and with one reading of their clock and status for all requests.
 *
 * @module
 */

export type { Answered } from "./batches.ts";
export { createStatusKeeper, type StatusCache, type StatusKeeper } from "./status-cache.ts";
export type { Peeked } from "./status-reader.ts";
export { createRoomNode, type RoomNode, type RoomNodeOptions, type StoreCalls } from "./room-node.ts";
export { hasWaiters, seenAfter } from "./seen.ts";

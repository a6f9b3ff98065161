/**
 * How a process reaches the rooms of a store: in batches, and with one reading of their clock and status for all requests.
 *
 * @module
 */

export type { Answered } from "./batches.ts";
export { createRoomNode, type RoomNode, type RoomNodeOptions } from "./room-node.ts";

/**
 * Keeps the rooms of `waitingRoom()` in Durable Objects.
 *
 * @module
 */

export { durableObjectStore } from "./durable-object-store.ts";
export { type RoomObject, roomObject, type RoomObjectOptions } from "./room-object.ts";
export type {
  ObjectAnswer,
  ObjectContext,
  ObjectNamespace,
  ObjectStorage,
  ObjectStub,
  SqlRows,
} from "./platform.ts";
export type * from "../contract.ts";

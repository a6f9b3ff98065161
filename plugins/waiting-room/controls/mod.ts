/**
 * What the owner of a room does to it: changes with an author, and figures.
 *
 * @module
 */

export { figuresOf, type RoomFigures, type StoreFigures, storeFigures } from "./figures.ts";
export { type ChangeOptions, type ChangeResult, type OperatedRoom, operatedRoom } from "./operated-room.ts";
export type { RoomOrder } from "./order.ts";
export type { RoomRecord } from "./records.ts";

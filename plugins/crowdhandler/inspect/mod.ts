/**
 * What the command looks at: the rooms of a page, and whether the keys fit.
 *
 * @module
 */

export {
  type InspectedPage,
  type InspectedRoom,
  type InspectedRooms,
  inspectRooms,
  isPromotionSigned,
} from "./inspect-rooms.ts";
export { readJson } from "../api/check-result.ts";
export { isToken } from "../values.ts";

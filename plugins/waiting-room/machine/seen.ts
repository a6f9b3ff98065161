/** What a node knows of a room from earlier answers. */

import type { RoomStatus } from "./status.ts";

/** By it a store finds out that it lost something. */
export type Seen = Pick<
  RoomStatus,
  | "epoch"
  | "revision"
  | "now"
  | "issued"
  | "frontier"
  | "passed"
  | "lapseLine"
  | "admitted"
  | "renewed"
  | "sessions"
  | "ghosts"
  | "mode"
  | "limits"
  | "note"
  | "opensAt"
  | "closesAt"
  | "openedAt"
  | "tuned"
  | "order"
  | "commitment"
  | "committedFor"
  | "registered"
  | "drawnBy"
  | "beacon"
  | "priority"
>;

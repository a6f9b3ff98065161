import type { CancelAction } from "../configuration/mod.ts";
import type { Connector } from "./connector.ts";
import { type Validation, validationOf, type Visit } from "./visit.ts";
import { cancelLocation } from "./locations.ts";
import { forgetSessions, type QueueIds, readState } from "./session-state.ts";

/** Ends the sessions of a visitor who has a genuine one, however old. A token plays no part. */
export function decideCancel(connector: Connector, action: CancelAction, visit: Visit): Validation {
  const queueIds: QueueIds = new Map();
  const { status, cookie } = readState(connector, action.rooms, visit, undefined, queueIds);
  if (status !== "genuine" || cookie === undefined) {
    return validationOf("nothing-to-cancel", "");
  }
  const location = cancelLocation(connector, action, visit, queueIds);
  forgetSessions(action.rooms, visit);
  return { result: "cancelled", queueId: cookie.queueId, redirectType: cookie.redirectType, location };
}

import { type CancelAction, isAmbiguous } from "../configuration/mod.ts";
import type { Core, Verdict, Visit } from "./connector.ts";
import { GateError } from "../../../src/errors.ts";
import { cancelLocation } from "./locations.ts";
import { forgetSessions, type QueueIds, readState } from "./session-state.ts";

/** Ends the sessions of a visitor who has a genuine one, however old. A token plays no part. */
export function decideCancel(core: Core, action: CancelAction, visit: Visit): Verdict {
  const queueIds: QueueIds = new Map();
  const { finding, cookie } = readState(core, action.rooms, visit, undefined, queueIds);
  if (finding !== "genuine" || cookie === undefined) {
    return { word: "nothing-to-cancel", queueId: undefined, redirectType: undefined, location: "" };
  }
  if (core.profile !== "v3" && action.rooms.some((room) => isAmbiguous(room.id))) {
    throw new GateError("internal", 'The id of a waiting room that is to be cancelled contains "_" or "~"');
  }
  const location = cancelLocation(core, action, visit, queueIds);
  forgetSessions(action.rooms, visit);
  return { word: "cancelled", queueId: cookie.queueId, redirectType: cookie.redirectType, location };
}

/**
 * The machine of the waiting room: what a room answers, by its state, what is asked, and the time.
 *
 * @module
 */

export type * from "./commands.ts";
export { type Lane, lineLength, marksLength, numberInLane, priorityBase } from "./lane.ts";
export { lanesOf } from "./lanes.ts";
export { limitNames, type Limits, type Pace, paceOf, unlimited } from "./limits.ts";
export { isRegistered, isRegistering, isRegistration, isUndrawn, registrationEnd } from "./lottery.ts";
export { type OrderedSet, orderedSet, type SetListener } from "./ordered-set.ts";
export { readRecord, recordOf, type ScalarRecord, scalarsOf, stateOf, type StateRecord } from "./record.ts";
export type { Seen } from "./seen.ts";
export {
  type Configured,
  createState,
  type RoomState,
  type Scalars,
  sessionKind,
  type SetName,
  setNames,
  type Sets,
  setsOf,
  stateForm,
  withSets,
} from "./state.ts";
export { wanted } from "./frontier.ts";
export { statusOf } from "./status-of.ts";
export { type LaneStatus, readStatus, type RoomStatus, statusOfLane } from "./status.ts";
export type { Autotune, Report, Tuned, TuningReason } from "./tuned.ts";
export { type Answered, type Asked, mostCommands, step } from "./step.ts";

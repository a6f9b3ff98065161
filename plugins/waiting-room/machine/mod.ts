/**
 * The machine of the waiting room: what a room answers, by its state, what is asked, and the time.
 *
 * @module
 */

export type * from "./commands.ts";
export { limitNames, type Limits, type Pace, paceOf, unlimited } from "./limits.ts";
export { isRegistering, isUndrawn, registrationEnd } from "./lottery.ts";
export { type OrderedSet, orderedSet, type SetListener } from "./ordered-set.ts";
export { readRecord, recordOf, type ScalarRecord, scalarsOf, stateOf, type StateRecord } from "./record.ts";
export type { Seen } from "./seen.ts";
export {
  type Configured,
  createState,
  lineLength,
  marksLength,
  type RoomState,
  type Scalars,
  sessionKind,
  type SetName,
  setNames,
  type Sets,
  setsOf,
  stateForm,
} from "./state.ts";
export { wanted } from "./frontier.ts";
export { statusOf } from "./status-of.ts";
export { readStatus, type RoomStatus } from "./status.ts";
export type { Autotune, Report, Tuned, TuningReason } from "./tuned.ts";
export { type Answered, type Asked, mostCommands, step } from "./step.ts";

/**
 * Local stand-ins of the hosted services: develop and test against a waiting room without an account.
 *
 * @module
 */
export { createSandbox } from "./create-sandbox.ts";
export type { Sandbox } from "./sandbox.ts";
export {
  DEMO_PRIVATE_KEY,
  DEMO_PUBLIC_KEY,
  type PatternType,
  type RoomOptions,
  type SandboxOptions,
} from "./options.ts";
export { type NotedDecision, type TellOptions, tellSandbox } from "./decisions.ts";
export type { Fault, FaultKind, Faults, SandboxEndpoint } from "./faults.ts";
export type { ReceivedCall, RoomChange, RoomState, RoomStatus, SandboxState } from "./state.ts";
export type { FlowPoint, RecordedResponse } from "./state.ts";
export {
  DEMO_API_KEY,
  DEMO_CUSTOMER_ID,
  DEMO_SECRET_KEY,
  type QueueItOptions,
  type QueueItRoomOptions,
  type QueueItRoomPhase,
} from "./queue-it/options.ts";
export type { QueueItSandbox } from "./queue-it/queue-it.ts";
export type { IssueOptions } from "./queue-it/desk.ts";
export type { PushReport, QueueItRoomChange, QueueItRoomState, QueueItState } from "./queue-it/state.ts";
export type { HallState } from "./hall.ts";

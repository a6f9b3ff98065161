/**
 * Local stand-ins of the hosted services: develop and test against a waiting room without an account.
 *
 * @module
 */
export { createSandbox, type Sandbox } from "./create-sandbox.ts";
export {
  DEMO_PRIVATE_KEY,
  DEMO_PUBLIC_KEY,
  type PatternType,
  type RoomOptions,
  type SandboxOptions,
} from "./options.ts";
export type { Fault, FaultKind, Faults, SandboxEndpoint } from "./faults.ts";
export type { ReceivedCall, RoomChange, RoomState, RoomStatus, SandboxState } from "./state.ts";
export type { RecordedResponse } from "./state.ts";

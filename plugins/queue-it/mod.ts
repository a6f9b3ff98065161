/**
 * The Queue-it provider: lets in who was let through the waiting room, and sends everybody else there, by an integration
 * configuration or by settings in code.
 *
 * @module
 */

export type { ConfigurationReport, Profile } from "./configuration/mod.ts";
export {
  ConfigurationError,
  type IntegrationSource,
  integrationSource,
  type IntegrationSourceOptions,
  type Prepare,
  type RefreshingSource,
  type SourceStatus,
} from "./sources/integration-source.ts";
export type { Schedule } from "../../src/async/schedule.ts";
export { fileSource, type FileSourceOptions } from "./sources/file-source.ts";
export type {
  ConfigurationEvent,
  EdgePlatform,
  QueueItCommon,
  QueueItEventOptions,
  QueueItOptions,
  QueueItSecrets,
} from "./options.ts";
export { pulledSource, type PulledSourceOptions } from "./sources/pulled-source.ts";
export { pushEndpoint, type PushEndpointOptions } from "./sources/push-endpoint.ts";
export { queueIt } from "./queue-it.ts";
export { queueItEvent } from "./queue-it-event.ts";
export {
  createQueueToken,
  type QueueTokenContent,
  type QueueTokenPayload,
  queueTokens,
  type QueueTokensOptions,
} from "./queue-tokens.ts";
export type {
  DirectPass,
  DirectPassAnswer,
  DirectPassCall,
  EnqueueCall,
  EnqueueToken,
  VerifyAction,
  VerifyCall,
} from "./services.ts";
export {
  cancelQueueSession,
  type CancelQueueSessionOptions,
  extendQueueSession,
  type ExtendQueueSessionOptions,
  type QueueSessionOptions,
} from "./application-sessions.ts";
export type * from "../../src/contract.ts";
export type { TriggerReportCode } from "../../src/triggers/matcher.ts";

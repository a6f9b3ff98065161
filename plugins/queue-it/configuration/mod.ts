/**
 * The integration configuration, and the actions that it or an application's code asks for.
 *
 * @module
 */

export {
  type Action,
  type CancelAction,
  cancelAction,
  type IgnoreAction,
  type QueueAction,
  queueAction,
} from "./action.ts";
export { isLabel, isRoomId, isValidity, type SettingsFault, settingsFault } from "./check-settings.ts";
export {
  compileConfiguration,
  type CompileOptions,
  type Configuration,
  type ConfigurationReport,
  triggerFacts,
  type UnusableAction,
} from "./configuration.ts";
export { otherDocument, otherText } from "./other-document.ts";
export { fieldNames, integrationFaults, type InvalidConfiguration } from "./read-integration.ts";
export {
  type ActionSettings,
  type ConnectorIdentity,
  isAmbiguous,
  type Profile,
  type SessionCookieAttributes,
  type WaitingRoom,
  waitingRoomOf,
} from "./settings.ts";

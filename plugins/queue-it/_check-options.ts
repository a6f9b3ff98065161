import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkNumber,
  checkOptions,
  checkStrings,
  secretError,
  shapeError,
  type Subject,
  valueError,
} from "../../src/_options.ts";
import type { CoreSettings } from "./_create-core.ts";
import { type SettingsFault, settingsFault } from "./_settings-fault.ts";
import type { QueueItCommon, QueueItEventOptions, QueueItSecrets } from "./options.ts";

const secretNames = [
  "customerId",
  "secretKeys",
  "profile",
  "sdkName",
  "maxFixedValidityMinutes",
  "clockSkewSeconds",
  "queueIdPattern",
  "seal",
];
const commonNames = [
  "apiKey",
  "verifyAction",
  "directPass",
  "enqueueToken",
  "url",
  "cleanUrl",
  "tokenHeader",
  "ajaxHosts",
  "caseInsensitiveRoomId",
  "debugTokensPass",
  "platform",
  "memoSize",
];

/** Refuses secrets that are not a list of texts. What is wrong is never shown. */
export function checkSecretKeys(subject: Subject, secretKeys: unknown): void {
  const must = "a list of secret keys, none of them empty";
  if (!Array.isArray(secretKeys) || secretKeys.length === 0) throw secretError(subject, "secretKeys", must);
  for (const key of secretKeys) {
    if (typeof key !== "string" || key.trim() === "") throw secretError(subject, "secretKeys", must);
  }
}

/** Refuses wrong options that say who the customer is. */
export function checkSecrets(subject: Subject, options: QueueItSecrets, others: readonly string[]): void {
  checkOptions(subject, options, [...secretNames, ...others]);
  const { customerId, profile, sdkName, queueIdPattern, seal } = options;
  const must = "the customer's id, one word of letters, digits, dots and hyphens";
  if (typeof customerId !== "string") throw shapeError(subject, "customerId", must, customerId);
  if (!/^[\w.-]{1,128}$/.test(customerId)) throw valueError(subject, "customerId", must, customerId);
  checkSecretKeys(subject, options.secretKeys);
  if (profile !== undefined) checkChoice(subject, "profile", profile, ["v5", "v3"]);
  if (seal !== undefined) checkChoice(subject, "seal", seal, ["off", "write", "require"]);
  if (sdkName !== undefined) checkWord(subject, "sdkName", sdkName);
  for (const [name, max] of [["maxFixedValidityMinutes", 9999], ["clockSkewSeconds", 86_400]] as const) {
    if (options[name] !== undefined) {
      checkNumber(subject, name, options[name], name === "clockSkewSeconds" ? 0 : 1, max);
    }
  }
  if (queueIdPattern !== undefined && !(queueIdPattern instanceof RegExp)) {
    throw shapeError(subject, "queueIdPattern", "a regular expression", queueIdPattern);
  }
}

/** Refuses wrong options that both providers have. */
export function checkCommon(subject: Subject, options: QueueItCommon, others: readonly string[]): void {
  checkSecrets(subject, options, [...commonNames, ...others]);
  const { apiKey, ajaxHosts, platform, memoSize, directPass } = options;
  if (apiKey !== undefined && (typeof apiKey !== "string" || apiKey === "")) {
    throw secretError(subject, "apiKey", "the API key, a text that is not empty");
  }
  for (const name of ["verifyAction", "enqueueToken", "url"] as const) {
    if (options[name] !== undefined) checkFunction(subject, name, options[name]);
  }
  for (const name of ["cleanUrl", "tokenHeader", "caseInsensitiveRoomId", "debugTokensPass"] as const) {
    if (options[name] !== undefined) checkBoolean(subject, name, options[name]);
  }
  if (ajaxHosts !== undefined) {
    const must = 'a list of hosts such as "shop.example.com" or "shop.example.com:8443"';
    checkStrings(subject, "ajaxHosts", ajaxHosts, must, (host) => /^[a-z0-9.-]+(?::[0-9]{1,5})?$/.test(host));
  }
  if (memoSize !== undefined) checkNumber(subject, "memoSize", memoSize, 0, 10_000_000);
  if (directPass !== undefined) {
    const must = 'an object with a function "attempt"';
    if (typeof directPass !== "object" || directPass === null || typeof directPass.attempt !== "function") {
      throw shapeError(subject, "directPass", must, directPass);
    }
    if (directPass.onFailure !== undefined) {
      checkChoice(subject, "directPass.onFailure", directPass.onFailure, ["pass", "queue", "fail"]);
    }
  }
  if (platform !== undefined) {
    checkOptions(`${subject}: "platform"`, platform, ["name", "version"]);
    checkWord(subject, "platform.name", platform.name);
    checkWord(subject, "platform.version", platform.version);
  }
}

/** The settings of a core that options stand for. They were checked before. */
export function coreSettings(options: QueueItCommon): CoreSettings {
  return {
    customerId: options.customerId,
    secretKeys: options.secretKeys,
    profile: options.profile,
    sdk: options.sdkName,
    apiKey: options.apiKey,
    memoSize: options.memoSize,
    maxFixedMinutes: options.maxFixedValidityMinutes,
    skewSeconds: options.clockSkewSeconds,
    queueIdPattern: options.queueIdPattern,
    seal: options.seal,
    caseInsensitiveRoomId: options.caseInsensitiveRoomId,
    debugTokensPass: options.debugTokensPass,
    verifyAction: options.verifyAction,
    directPass: options.directPass,
    enqueueToken: options.enqueueToken,
  };
}

/** Refuses settings with which nothing can be done, under the names that they have as options. */
export function checkSettings(
  subject: Subject,
  settings: Parameters<typeof settingsFault>[0],
  kind: "queue" | "cancel",
  profile: "v5" | "v3",
  names: Readonly<Record<SettingsFault["field"], string>>,
): void {
  const fault = settingsFault(settings, kind, profile);
  if (fault === undefined) return;
  const received = settings[fault.field];
  const isShape = received === undefined || received === null || typeof received === "object";
  throw (isShape ? shapeError : valueError)(subject, names[fault.field], fault.must, received);
}

/** Refuses what is not one word that can stand in a URL as it is. */
export function checkWord(subject: Subject, option: string, value: unknown): void {
  const must = "one word of letters, digits, dots, hyphens and ~";
  if (typeof value !== "string") throw shapeError(subject, option, must, value);
  if (!/^[\w.~-]{1,64}$/.test(value)) throw valueError(subject, option, must, value);
}

/** Refuses texts that are none, and flags that are not true or false. */
export function checkTypes<T extends object>(
  subject: Subject,
  options: T,
  texts: readonly (keyof T & string)[],
  flags: readonly (keyof T & string)[],
): void {
  for (const name of texts) {
    if (options[name] !== undefined && typeof options[name] !== "string") {
      throw shapeError(subject, name, "a text", options[name]);
    }
  }
  for (const name of flags) if (options[name] !== undefined) checkBoolean(subject, name, options[name]);
}

/** Refuses wrong options of `queueItEvent` that say what is to be done. */
export function checkEvent(subject: Subject, options: QueueItEventOptions): void {
  const texts = [
    "eventId",
    "queueDomain",
    "queuePathPrefix",
    "cookieDomain",
    "culture",
    "layoutName",
    "actionName",
    "targetUrl",
  ] as const;
  const flags = ["extendValidity", "cookieHttpOnly", "cookieSecure", "verifyQueueId"] as const;
  const others = ["allowedEventIds", "validityMinutes", "version", "queueIdUsageLimit"];
  checkCommon(subject, options, [...texts, ...flags, ...others]);
  checkTypes(subject, options, texts, flags);
  const { allowedEventIds, validityMinutes, version, queueIdUsageLimit, verifyQueueId, verifyAction } =
    options;
  if (allowedEventIds !== undefined) {
    checkStrings(subject, "allowedEventIds", allowedEventIds, "a list of room ids");
  }
  if (validityMinutes !== undefined && typeof validityMinutes !== "number") {
    throw shapeError(subject, "validityMinutes", "a number greater than 0", validityMinutes);
  }
  if (version !== undefined) checkNumber(subject, "version", version, -1);
  if (queueIdUsageLimit !== undefined && queueIdUsageLimit !== null) {
    checkNumber(subject, "queueIdUsageLimit", queueIdUsageLimit, 0);
  }
  if (verifyQueueId && verifyAction === undefined) {
    throw shapeError(subject, "verifyAction", 'given together with "verifyQueueId"', verifyAction);
  }
}

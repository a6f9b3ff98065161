import {
  anything,
  checkBoolean,
  checkChoice,
  checkFunction,
  checkNumber,
  checkRules,
  checkStrings,
  choice,
  group,
  integer,
  type Rule,
  secretError,
  shapeError,
  type Subject,
  textError,
  texts,
  valueError,
} from "../../src/options/check.ts";
import { checkDomain } from "../../src/options/cookie-scope.ts";
import { checkSecretKeys } from "../../src/options/check-secrets.ts";
import { isUnset } from "../../src/options/secret-kind.ts";
import { type SettingsFault, settingsFault } from "./configuration/mod.ts";
import type { QueueItCommon, QueueItEventOptions, QueueItSecrets } from "./options.ts";

/** What is to be said of each option, by its name. */
type Rules = Readonly<Record<string, Rule>>;

/** Refuses wrong options that say who the customer is. */
export function checkSecrets<T extends QueueItSecrets>(subject: Subject, options: T, others: Rules): void {
  checkRules(subject, options, {
    customerId: anything,
    secretKeys: anything,
    profile: choice("v5", "v3"),
    sdkName: checkWord,
    maxFixedValidityMinutes: integer(1, 9999),
    clockSkewSeconds: integer(0, 86_400),
    queueIdPattern: checkPattern,
    seal: choice("off", "write", "require"),
    ...others,
  });
  const isId = (text: string) => /^[\w.-]{1,128}$/.test(text) && !isUnset(text);
  const must = "the customer's id, one word of letters, digits, dots and hyphens";
  checkStrings(subject, "customerId", [options.customerId], must, isId);
  checkSecretKeys(subject, options.secretKeys);
}

/** Refuses wrong options that both providers have. */
export function checkCommon(subject: Subject, options: QueueItCommon, others: Rules): void {
  checkSecrets(subject, options, {
    apiKey: checkApiKey,
    verifyAction: checkFunction,
    directPass: checkDirectPass,
    enqueueToken: checkFunction,
    url: checkFunction,
    cleanUrl: checkBoolean,
    tokenHeader: checkBoolean,
    ajaxHosts: texts(
      'a list of hosts such as "shop.example.com" or "shop.example.com:8443"',
      (host) => /^[a-z0-9.-]+(?::[0-9]{1,5})?$/.test(host),
    ),
    caseInsensitiveRoomId: checkBoolean,
    debugTokensPass: checkBoolean,
    platform: group({ name: anything, version: anything }),
    memoSize: integer(0, 10_000_000),
    serviceTimeoutMs: integer(1, 60_000),
    warn: checkFunction,
    ...others,
  });
  const { platform } = options;
  if (platform !== undefined) {
    checkWord(subject, "platform.name", platform.name);
    checkWord(subject, "platform.version", platform.version);
  }
}

function checkPattern(subject: Subject, option: string, pattern: unknown): void {
  if (!(pattern instanceof RegExp)) throw shapeError(subject, option, "a regular expression", pattern);
}

function checkApiKey(subject: Subject, option: string, key: unknown): void {
  if (typeof key === "string" && !isUnset(key)) return;
  throw secretError(subject, option, "the API key, a text that is not empty", key);
}

function checkDirectPass(subject: Subject, option: string, pass: unknown): void {
  if (
    typeof pass !== "object" || pass === null || !("attempt" in pass) || typeof pass.attempt !== "function"
  ) {
    throw shapeError(subject, option, 'an object with a function "attempt"', pass);
  }
  if ("onFailure" in pass && pass.onFailure !== undefined) {
    checkChoice(subject, `${option}.onFailure`, pass.onFailure, ["pass", "queue", "fail"]);
  }
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
  if (received === undefined) throw textError(subject, names[fault.field], fault.must, received);
  const isShape = received === null || typeof received === "object";
  throw (isShape ? shapeError : valueError)(subject, names[fault.field], fault.must, received);
}

/** Refuses what is not one word that can stand in a URL as it is. */
function checkWord(subject: Subject, option: string, value: unknown): void {
  const must = "one word of letters, digits, dots, hyphens and ~";
  checkStrings(subject, option, [value], must, (text) => /^[\w.~-]{1,64}$/.test(text));
}

/** Refuses what is not a text, and says no more about it. */
export function checkText(subject: Subject, option: string, value: unknown): void {
  checkStrings(subject, option, [value], "a text");
}

/** Refuses wrong options of `queueItEvent` that say what is to be done. */
export function checkEvent(subject: Subject, options: QueueItEventOptions): void {
  checkCommon(subject, options, {
    eventId: checkText,
    queueDomain: checkText,
    queuePathPrefix: checkText,
    cookieDomain: checkDomain,
    culture: checkText,
    layoutName: checkText,
    actionName: checkText,
    targetUrl: checkText,
    extendValidity: checkBoolean,
    cookieHttpOnly: checkBoolean,
    cookieSecure: checkBoolean,
    verifyQueueId: checkBoolean,
    allowedEventIds: texts("a list of room ids"),
    validityMinutes: checkMinutes,
    version: integer(-1),
    queueIdUsageLimit: checkLimit,
  });
  const { verifyQueueId, verifyAction } = options;
  if (verifyQueueId && verifyAction === undefined) {
    throw shapeError(subject, "verifyAction", 'given together with "verifyQueueId"', verifyAction);
  }
}

function checkMinutes(subject: Subject, option: string, minutes: unknown): void {
  if (typeof minutes !== "number") throw shapeError(subject, option, "a number greater than 0", minutes);
}

function checkLimit(subject: Subject, option: string, limit: unknown): void {
  if (limit !== null) checkNumber(subject, option, limit, 0);
}

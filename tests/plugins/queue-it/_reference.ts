/** Puts the recorded cases, which speak the language of the reference, to the connector, and its answers into their terms. */

import { callsBehind } from "../../../src/pipeline/calls.ts";
import { readFileSync } from "node:fs";
import { asDeployed } from "./_helpers.ts";
import { type Action, cancelAction, queueAction } from "../../../plugins/queue-it/configuration/action.ts";
import type { ActionSettings } from "../../../plugins/queue-it/configuration/settings.ts";
import { validateByAction, validateByConfiguration } from "../../../plugins/queue-it/validation/validate.ts";
import { type Connector, createConnector } from "../../../plugins/queue-it/validation/connector.ts";
import type { Validation, Visit } from "../../../plugins/queue-it/validation/visit.ts";
import { debugLifeMs, debugValue } from "../../../plugins/queue-it/validation/diagnostics.ts";
import { enc } from "../../../plugins/queue-it/protocol/encode.ts";
import { compileConfiguration } from "../../../plugins/queue-it/configuration/configuration.ts";
import { isAjax } from "../../../plugins/queue-it/validation/locations.ts";
import { isValidity } from "../../../plugins/queue-it/configuration/check-settings.ts";
import { GateError } from "../../../src/errors.ts";
import { factsOf } from "../../../src/triggers/facts.ts";

/** A recorded case. */
export interface Case {
  readonly id: string;
  readonly area: string;
  readonly profile?: string;
  // deno-lint-ignore no-explicit-any
  readonly input: any;
  // deno-lint-ignore no-explicit-any
  readonly expected: any;
}

/** What came of a case. */
export interface Actual {
  readonly outcome: "result" | "returned" | "throws";
  readonly result?: unknown;
  readonly message?: string;
  readonly setCookies: unknown[];
  readonly calls?: unknown[];
}

/** The SDK string that stands for all of them. */
export const sdk = "SDK";

/** Reads the recorded cases, their SDK strings replaced by {@linkcode sdk}. */
export function readCases(): readonly Case[] {
  const file = new URL("../../vectors/queue-it.json", import.meta.url);
  const text = readFileSync(file, "utf8")
    .replaceAll(/(ver=|SdkVersion=|"sdkVersion":\s*")(?:v3-)?(?:javascript|python)-[0-9.]+/g, `$1${sdk}`)
    .replaceAll(/(ver%3D)(?:v3-)?(?:javascript|python)-[0-9.]+/g, `$1${sdk}`)
    .replaceAll("&kupver=mock", "").replaceAll("%26kupver%3Dmock", "");
  // The vectors' own format.
  return (JSON.parse(text) as { readonly cases: readonly Case[] }).cases;
}

const errors: Readonly<Record<string, string>> = {
  roomId: "eventId can not be null or empty.",
  queueDomain: "queueDomain can not be null or empty.",
};

/** Runs a case in the way that its area demands. */
export async function run({ area, input, profile }: Case): Promise<Actual> {
  const v3 = profile === "js-3.7.12" || profile === "python-3.7.0";
  const changes: unknown[] = [];
  const calls: unknown[] = [];
  let visit: Visit | undefined;
  let connector: Connector | undefined;
  const where: { action: Action | undefined; settings: Settings } = { action: undefined, settings: {} };
  try {
    connector = connectorOf(input, v3, calls, profile === "python-3.7.0");
    visit = visitFor(input);
    const validation = await ask(area, input, connector, visit, where, v3);
    changes.push(...setCookies(visit, where.settings));
    return {
      outcome: "result",
      result: resultOf(validation, where.action, visit, v3, where.settings),
      setCookies: changes,
      ...tail(),
    };
  } catch (error) {
    if (visit !== undefined) changes.push(...setCookies(visit, where.settings, error));
    return {
      outcome: "throws",
      message: messageOf(error),
      setCookies: changes,
      ...tail(),
    };
  }

  function tail() {
    return calls.length === 0 ? {} : { calls };
  }
}

/** What the application's function threw: our own message says where it was called. */
function messageOf(error: unknown): string {
  const original = error instanceof GateError && error.cause !== undefined ? error.cause : error;
  return original instanceof Error ? original.message : "";
}

interface Settings extends ActionSettings {
  readonly rawHttpOnly?: unknown;
  readonly rawSecure?: unknown;
  readonly local?: boolean;
}

// deno-lint-ignore no-explicit-any
type Anything = any;

async function ask(
  area: string,
  input: Anything,
  connector: Connector,
  visit: Visit,
  where: { action: Action | undefined; settings: Settings },
  v3: boolean,
): Promise<Validation> {
  const isLocal = input.currentUrlWithoutQueueITToken === undefined && !("integrationConfig" in input) &&
    !("config" in input);
  if (!isLocal) return await validate(input, connector, visit, where);
  const kind = area === "cancel.local" || area === "legacy37.cancel" || area === "python.cancel" ||
      "cancelConfig" in input
    ? "cancel"
    : "queue";
  const config = kind === "cancel" ? input.cancelConfig : input.queueConfig;
  let settings: Settings = {};
  if (config !== null && config !== undefined) {
    settings = localSettings(config, kind, v3);
    where.settings = settings;
    where.action = kind === "cancel" ? cancelAction(connector, settings) : queueAction(connector, settings);
  }
  // Arguments are checked behind diagnostics, as in the reference; ours are checked at construction.
  const unset: Action = { kind: "ignore", name: "" };
  const checks = () => {
    if (v3 && kind === "cancel" && !input.targetUrl) refuse("targetUrl can not be null or empty.");
    if (!input.customerId) refuse("customerId can not be null or empty.");
    if (!input.secretKey) refuse("secretKey can not be null or empty.");
    if (!config) refuse(`${kind}Config can not be null.`);
    checkSettings(settings, kind, v3);
  };
  const guarded: Visit = Object.defineProperty(visit, "action", {
    configurable: true,
    get: () => undefined,
    // The connector sets the action when diagnostics are over.
    set: () => checks(),
  });
  if (where.action === undefined) {
    const placeholder = { ...queueAction(connector, {}), description: "NULL" };
    const cancel = { ...cancelAction(connector, {}), description: "NULL" };
    return await validateByAction(connector, kind === "cancel" ? cancel : placeholder, guarded);
  }
  return await validateByAction(connector, where.action ?? unset, guarded);
}

async function validate(
  input: Anything,
  connector: Connector,
  visit: Visit,
  where: { action: Action | undefined; settings: Settings },
): Promise<Validation> {
  const raw = "integrationConfigString" in input
    ? input.integrationConfigString
    : input.config ?? JSON.stringify(input.integrationConfig);
  const text = raw === null || raw === undefined ? "null" : raw;
  const configuration = compileConfiguration(text, connector, {
    hostNameWithoutPort: "config" in input,
    missingActionType: "ignore",
  });
  if ("message" in configuration) refuse("integrationsConfigString can not be null or empty.");
  const facts = factsOf({
    url: visit.url ?? "",
    header: (name) => visit.header(name),
    cookie: (name) => input.request?.cookies?.[name] ?? "",
    ...(input.providers?.normalization ? {} : { normalize: (url: string) => url }),
  });
  const guarded: Visit = Object.defineProperty(visit, "match", {
    configurable: true,
    get: () => undefined,
    set: (match) => {
      if (!input.currentUrlWithoutQueueITToken && !input.url) {
        refuse("currentUrlWithoutQueueITToken can not be null or empty.");
      }
      if (match === undefined) return;
      const parsed = JSON.parse(text).Integrations[match.integration];
      where.settings = {
        otherRoomIds: parsed.InvolvedWaitingRoomIds,
        cookieDomain: parsed.CookieDomain,
        rawHttpOnly: parsed.IsCookieHttpOnly || false,
        rawSecure: parsed.IsCookieSecure || false,
      };
      const action = configuration.actions[match.integration];
      if (action?.kind === "unusable") {
        if (action.fault.field === "validityMinutes") {
          refuse("queueConfig.cookieValidityMinute should be integer greater than 0.");
        }
        refuse(`queueConfig.${errors[action.fault.field]}`);
      }
      where.action = action;
      if (action?.kind === "ignore") return;
      if (!input.customerId) refuse("customerId can not be null or empty.");
      if (!input.secretKey) refuse("secretKey can not be null or empty.");
    },
  });
  return await validateByConfiguration(
    connector,
    configuration,
    guarded,
    facts,
    () => input.request?.body ?? "",
  );
}

function refuse(message: string): never {
  throw new TypeError(message);
}

function checkSettings(settings: ActionSettings, kind: "queue" | "cancel", v3: boolean): void {
  const rooms = (settings.roomId ? 1 : 0) + (settings.otherRoomIds ?? []).length;
  if (kind === "queue" ? !settings.roomId : rooms === 0) {
    refuse(
      kind === "queue" || v3
        ? `${kind}Config.eventId can not be null or empty.`
        : "cancelConfig.waitingRoomIds can not be null or empty.",
    );
  }
  if (!settings.queueDomain) refuse(`${kind}Config.queueDomain can not be null or empty.`);
  if (kind === "queue" && !isValidity(settings.validityMinutes)) {
    refuse("queueConfig.cookieValidityMinute should be integer greater than 0.");
  }
}

function localSettings(config: Anything, kind: "queue" | "cancel", v3: boolean): Settings {
  const many = kind === "cancel" && !v3;
  return {
    name: config.actionName,
    roomId: many ? undefined : config.eventId,
    otherRoomIds: many ? config.waitingRoomIds : config.allowedWaitingRoomIds,
    queueDomain: config.queueDomain,
    pathPrefix: config.queuePathPrefix,
    version: config.version,
    culture: config.culture,
    layout: config.layoutName,
    cookieDomain: config.cookieDomain,
    cookieHttpOnly: config.isCookieHttpOnly,
    cookieSecure: config.isCookieSecure,
    validityMinutes: config.cookieValidityMinute,
    extends: config.extendCookieValidity,
    verifies: config.verifyActionEnabled,
    usageLimit: config.queueIdUsageLimit,
    rawHttpOnly: config.isCookieHttpOnly ?? null,
    rawSecure: config.isCookieSecure ?? null,
    local: true,
  };
}

/** A connector for a case. An empty secret is none; with us it does not get past construction. */
export function connectorOf(
  input: Anything,
  v3: boolean,
  calls: unknown[],
  python: boolean = false,
): Connector {
  const { verifyAction, directAction, enqueueToken } = input.providers ?? {};
  return createConnector({
    customerId: input.customerId ?? "",
    secretKeys: input.secretKey && !input.providers?.noCrypto ? [input.secretKey] : [],
    ...asDeployed,
    profile: v3 ? "v3" : "v5",
    sdkName: sdk,
    caseInsensitiveRoomId: python,
    apiKey: input.apiKey,
    verifyAction: verifyAction && ((call) => {
      const { customerId, roomId, queueId, usageLimit, apiKey = null, actionName } = call;
      calls.push({
        call: "verify",
        customerId,
        waitingRoomId: roomId,
        queueId,
        queueIdUsageLimit: usageLimit,
        apiKey,
        actionName,
      });
      if (verifyAction.throws) return Promise.reject(new Error(verifyAction.throws));
      return Promise.resolve(verifyAction.allowed);
    }),
    directPass: directAction && {
      disabled: directAction.settings.disabled,
      proxyKey: directAction.settings.proxyKey,
      timeoutMs: directAction.settings.directPass?.timeoutMillis,
      attempt: (
        { customerId, roomId, actionName, url, proxyKey, ip, userAgent, referer, timeoutMs, sdk: sdkVersion },
      ) => {
        calls.push({
          call: "tryDirectPass",
          customerId,
          waitingRoomId: roomId,
          actionName,
          protectedUrl: url,
          proxyKey,
          clientIp: ip,
          userAgent,
          referer,
          timeout: timeoutMs,
          sdkVersion,
        });
        if (directAction.throws) return Promise.reject(new Error(directAction.throws));
        return Promise.resolve({
          hasPassed: directAction.hasPassed,
          queueitToken: directAction.queueitToken,
        });
      },
    },
    enqueueToken: enqueueToken === undefined ? undefined : ({ roomId }) => {
      calls.push({ call: "getEnqueueToken", waitingRoomId: roomId });
      return enqueueToken;
    },
  });
}

const calls = callsBehind();

/** A visit for a case. */
export function visitFor(input: Anything): Visit {
  const request = input.request ?? input;
  const target = "currentUrlWithoutQueueITToken" in input
    ? input.currentUrlWithoutQueueITToken
    : input.url ?? input.targetUrl;
  return {
    nowMs: input.nowMs,
    // A URL that is null is spelled so in diagnostics, and refused afterwards.
    url: input.currentUrlWithoutQueueITToken === null ? "null" : target ?? "",
    token: input.queueitToken ?? input.token ?? "",
    originalUrl: request.url ?? "",
    address: () => request.clientIp ?? "",
    header: (name) => request.headers?.[name] ?? "",
    calls,
    dryRun: false,
    read: (name) => request.cookies?.[name] ?? "",
    action: undefined,
    match: undefined,
    cookies: [],
    diagnostics: undefined,
    changes: [],
  };
}

function setCookies(visit: Visit, settings: Settings, error?: unknown): unknown[] {
  const calls: unknown[] = visit.changes.map(({ room, value }) => ({
    name: room.cookieName,
    value: value ?? "",
    domain: settings.cookieDomain ?? null,
    expiration: value === undefined ? 0 : Math.floor(visit.nowMs / 1000) + 86_400,
    // A cookie is stored with flags, and deleted with what the configuration holds.
    isHttpOnly: value === undefined ? settings.rawHttpOnly ?? null : Boolean(settings.rawHttpOnly),
    isSecure: value === undefined ? settings.rawSecure ?? null : Boolean(settings.rawSecure),
  }));
  if (visit.diagnostics !== undefined) {
    if (error instanceof Error) visit.diagnostics.set("Exception", error.message);
    calls.push({
      name: "queueitdebug",
      value: debugValue(visit.diagnostics),
      domain: null,
      expiration: Math.floor((visit.nowMs + debugLifeMs) / 1000),
      isHttpOnly: false,
      isSecure: false,
    });
  }
  return calls;
}

function resultOf(
  validation: Validation,
  action: Action | undefined,
  visit: Visit,
  v3: boolean,
  settings: Settings,
): Record<string, unknown> {
  const { result, location } = validation;
  const isDone = result === "no-match" || result === "diagnostics";
  const kind = isDone ? undefined : action?.kind;
  const rooms = kind === "queue" || kind === "cancel"
    ? (action as { readonly rooms: readonly { readonly id: string }[] }).rooms.map(({ id }) => id)
    : null;
  const eventId = kind === "queue" ? rooms?.[0] ?? null : kind === "cancel" && v3 ? rooms?.[0] ?? null : null;
  return {
    actionType: result === "diagnostics"
      ? "ConnectorDiagnosticsRedirect"
      : kind === undefined
      ? null
      : { queue: "Queue", cancel: "Cancel", ignore: "Ignore" }[kind],
    eventId,
    ...(v3 ? {} : { involvedWaitingRoomIds: kind === "queue" ? settings.otherRoomIds ?? [] : rooms }),
    queueId: validation.queueId ?? null,
    redirectUrl: location === "" ? null : location,
    redirectType: validation.redirectType ?? null,
    actionName: kind === undefined
      ? null
      : settings.local && settings.name === null
      ? null
      : action?.name ?? null,
    isAjaxResult: isDone ? null : isAjax(visit),
    doRedirect: location !== "",
    ajaxRedirectUrl: enc(location),
  };
}

/** Runs a case of the Python connector in the profile that is nearest to it, and puts the answer into its terms. */
export async function runPython(one: Case): Promise<Actual> {
  const actual = await run(one);
  const { message, result, setCookies } = actual;
  const isAjaxResult = (result as Record<string, unknown> | undefined)?.isAjaxResult ?? false;
  return {
    ...actual,
    ...(message === undefined ? {} : { message: message.replace("can not be null", "can not be none") }),
    ...(result === undefined ? {} : { result: { ...result as object, isAjaxResult } }),
    setCookies: setCookies.map((cookie) => {
      const { value, expiration, isHttpOnly, isSecure, ...rest } = cookie as Record<string, unknown>;
      const isDeleted = value === "";
      return {
        ...rest,
        value: isDeleted ? null : value,
        expiration: isDeleted ? -1 : expiration,
        isHttpOnly: Boolean(isHttpOnly),
        isSecure: Boolean(isSecure),
      };
    }),
  };
}

import * as v from "valibot";
import { requestUrl } from "../../../src/url/request-url.ts";
import { type RequestFacts, requestFacts } from "../../../src/triggers/facts.ts";
import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import type { TriggerMatcher, TriggerReportCode } from "../../../src/triggers/matcher.ts";
import { type Action, cancelAction, queueAction } from "./action.ts";
import type { ConnectorIdentity } from "./settings.ts";
import {
  anything,
  fieldNames,
  flagsOf,
  invalid,
  type InvalidConfiguration,
  isNumeric,
  readIntegration,
  schemaOf,
} from "./read-integration.ts";
import { otherDocument, otherText } from "./other-document.ts";
import { flagMessage } from "../../../src/triggers/read-integration.ts";
import { type SettingsFault, settingsFault } from "./check-settings.ts";
import { takeToken } from "../protocol/token-in-url.ts";

/** Something that is wrong with a configuration, or suspicious about it, and yet does not keep it from being used. */
export interface ConfigurationReport {
  /**
   * `malformed`: the integration has not the shape of one, and is skipped. `unusable`: it lacks what its action needs;
   * a request that it matches is a failure. `other-customer`: the configuration is another customer's. `empty`: no integration
   * sends anybody to a waiting room. `no-action`, `unknown-action`: the integration does not say what is to be done, or what
   * nobody knows. The others are those of the trigger engine.
   */
  readonly code:
    | "malformed"
    | "unusable"
    | "other-customer"
    | "empty"
    | "no-action"
    | "unknown-action"
    | TriggerReportCode;
  /** The place of the integration in the list; `undefined` where the configuration as a whole is meant. */
  readonly integration: number | undefined;
  /** The name of the integration; `""` if it has none. */
  readonly name: string;
  /** Where in the configuration, such as `Integrations.0.QueueDomain`. */
  readonly path: string;
  /** What, in words. */
  readonly message: string;
}

/** An integration that was matched and yet cannot be acted upon. */
export interface UnusableAction {
  readonly kind: "unusable";
  readonly name: string;
  readonly fault: SettingsFault;
}

/** A configuration, ready to be asked. */
export interface Configuration {
  readonly version: number;
  readonly matcher: TriggerMatcher;
  /** What is to be done, by the places of the integrations. */
  readonly actions: readonly (Action | UnusableAction)[];
  /** Whether an integration sends visitors to a waiting room, or would if it could be used. */
  readonly protects: (integration: number) => boolean;
  readonly reports: readonly ConfigurationReport[];
}

/** How configurations are compiled. */
export interface CompileOptions {
  readonly hostNameWithoutPort: boolean;
  /** What an integration without an action does. */
  readonly missingActionType: "ignore" | "queue";
}

const configurationSchema = v.object({
  Version: schemaOf("number", isVersion, "Invalid version"),
  CustomerId: anything,
  Integrations: v.nullish(schemaOf("Array", isList)),
});

/** A number, or a text that is one. */
function isVersion(value: unknown): value is number | string {
  return isNumeric(value) && Number.isFinite(Number(value)) && Number(value) !== 0;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** What the triggers of a configuration look at: a request as the gate reads it, but for the token in its URL. */
export function triggerFacts(request: Request): RequestFacts {
  return requestFacts(request, { url: takeToken(requestUrl(request) ?? request.url).url });
}

/** Compiles a configuration, given as text or as what the text says. Nothing is ever read from it again. */
export function compileConfiguration(
  given: unknown,
  identity: ConnectorIdentity,
  options: CompileOptions,
): Configuration | InvalidConfiguration {
  const parsed = parseText(given);
  if ("message" in parsed) return parsed;
  const configuration = v.safeParse(configurationSchema, parsed.value);
  if (!configuration.success) {
    const { path, message } = invalid(configuration.issues);
    return path === "Integrations"
      ? { path, message }
      : { path, message: `${message}. ${otherDocument(parsed.value)}` };
  }
  const { Version, CustomerId, Integrations } = configuration.output;
  const version = Number(Version);
  const reports: ConfigurationReport[] = [];
  if (typeof CustomerId === "string" && CustomerId.toLowerCase() !== identity.customerId.toLowerCase()) {
    const message = "The configuration is not that of the customer in the options";
    reports.push({ code: "other-customer", integration: undefined, name: "", path: "CustomerId", message });
  }
  const raw = Integrations ?? [];
  const actions: (Action | UnusableAction)[] = [];
  const protecting = new Set<number>();
  const matched: unknown[] = [];
  for (const [index, entry] of raw.entries()) {
    const { action, protects, reports: found } = compileIntegration(entry, index, version, identity, options);
    if (protects) protecting.add(index);
    reports.push(...found);
    actions.push(action ?? skipped);
    // Those that are skipped keep their place, and match nothing.
    matched.push(action === undefined ? nothing : entry);
  }
  // Where something is wrong with one that would, that is told.
  const isSound = reports.every(({ integration }) => integration === undefined);
  if (isSound && actions.every(({ kind }) => kind === "ignore")) {
    const why = raw.length === 0
      ? "There are no integrations"
      : "No integration sends anybody to a waiting room";
    const message = `${why}: every request is let through`;
    reports.push({ code: "empty", integration: undefined, name: "", path: "Integrations", message });
  }
  const protects = (integration: number) => protecting.has(integration);
  const matcher = compileIntegrations({ Integrations: matched }, {
    protects,
    normalization: identity.profile === "v5",
    hostNameWithoutPort: options.hostNameWithoutPort,
  });
  for (const { code, integration, name, trigger, part, message } of matcher.reports) {
    if (matched[integration] === nothing) continue;
    const path = `Integrations.${integration}` + (trigger === undefined ? "" : `.Triggers.${trigger}`) +
      (part === undefined ? "" : `.TriggerParts.${part}`);
    reports.push({ code, integration, name, path, message });
  }
  return { version, matcher, actions, protects, reports };
}

const skipped: Action = { kind: "ignore", name: "" };
const nothing: unknown = { Triggers: [] };

interface Compiled {
  readonly protects: boolean;
  readonly action: Action | UnusableAction | undefined;
  readonly reports: readonly ConfigurationReport[];
}

function compileIntegration(
  entry: unknown,
  index: number,
  version: number,
  identity: ConnectorIdentity,
  options: CompileOptions,
): Compiled {
  const place = `Integrations.${index}`;
  const read = readIntegration(entry, version);
  if ("message" in read) {
    const path = read.path === "" ? place : `${place}.${read.path}`;
    const message = `${read.message}; it is skipped`;
    return {
      action: undefined,
      protects: false,
      reports: [{ code: "malformed", integration: index, name: nameOf(entry), path, message }],
    };
  }
  const { name, settings } = read;
  const kind = kindOf(read.actionType, options);
  const reports: ConfigurationReport[] = [];
  function tell(code: ConfigurationReport["code"], member: string, message: string): void {
    reports.push({ code, integration: index, name, path: `${place}.${member}`, message });
  }
  const aboutAction = doubtOfAction(read.actionType, kind);
  if (aboutAction !== undefined) tell(...aboutAction);
  for (const [flag, value] of flagsOf(entry)) tell("flag-type", flag, flagMessage(flag, value));
  if (kind === "ignore") return { action: { kind: "ignore", name }, protects: false, reports };
  const protects = kind === "queue";
  const fault = settingsFault(settings, kind, identity.profile);
  if (fault === undefined) {
    const action = kind === "queue" ? queueAction(identity, settings) : cancelAction(identity, settings);
    return { action, protects, reports };
  }
  const field = fieldNames[fault.field];
  tell("unusable", field, `${field} must be ${fault.must}; the requests that it matches are failures`);
  return { action: { kind: "unusable", name, fault }, protects, reports };
}

/** What is to be said of an action that is missing, or that nobody knows. */
function doubtOfAction(
  actionType: string,
  kind: "queue" | "cancel" | "ignore",
): readonly ["no-action" | "unknown-action", "ActionType", string] | undefined {
  const done = kind === "queue" ? "it queues" : "what it matches is let through";
  if (actionType === "") return ["no-action", "ActionType", `There is no ActionType: ${done}`];
  if (kind !== "ignore" || actionType === "Ignore") return undefined;
  const shown = JSON.stringify(actionType.slice(0, 60));
  const known = "Queue, Cancel or Ignore";
  return [
    "unknown-action",
    "ActionType",
    `The action ${shown} is unknown: ${done}; it must be ${known}, in this case`,
  ];
}

function kindOf(actionType: string, options: CompileOptions): "queue" | "cancel" | "ignore" {
  switch (actionType) {
    case "Queue":
      return "queue";
    case "Cancel":
      return "cancel";
    case "":
      return options.missingActionType;
    default:
      return "ignore";
  }
}

function parseText(given: unknown): { readonly value: unknown } | InvalidConfiguration {
  if (typeof given !== "string") return { value: given };
  // Editors and shells put a byte-order mark in front.
  const text = given.startsWith("\ufeff") ? given.slice(1) : given;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { path: "", message: `The text is not JSON${otherText(text)}` };
  }
}

function nameOf(entry: unknown): string {
  return typeof entry === "object" && entry !== null && "Name" in entry && typeof entry.Name === "string"
    ? entry.Name
    : "";
}

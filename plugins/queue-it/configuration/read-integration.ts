import * as v from "valibot";
import type { ActionSettings } from "./settings.ts";
import type { SettingsFault } from "./check-settings.ts";

const textSchema = schemaOf("string", isText);
const text = v.nullish(textSchema);
/** What is looked at as JavaScript does: `"false"` is true. */
export const anything: v.GenericSchema<unknown> = v.nullish(v.custom<unknown>(() => true));

const integrationSchema = v.object({
  // Left out, it is "unspecified" in URLs; null is an empty one.
  Name: text,
  ActionType: text,
  EventId: text,
  InvolvedWaitingRoomIds: v.nullish(v.array(textSchema)),
  CookieDomain: text,
  IsCookieHttpOnly: anything,
  IsCookieSecure: anything,
  LayoutName: text,
  Culture: text,
  ExtendCookieValidity: anything,
  CookieValidityMinute: anything,
  QueueDomain: text,
  QueuePathPrefix: text,
  RedirectLogic: text,
  ForcedTargetUrl: text,
  VerifyQueueIdEnabled: anything,
  QueueIdUsageLimit: v.nullish(schemaOf("number", isNumeric)),
});

const flags = ["IsCookieHttpOnly", "IsCookieSecure", "ExtendCookieValidity", "VerifyQueueIdEnabled"] as const;

/** The flags of an integration that are texts, of which each but the empty one counts as true. */
export function flagsOf(entry: unknown): readonly (readonly [flag: string, value: string])[] {
  // Its members are read as unknown; it was found to be an object.
  const fields = entry as Readonly<Record<string, unknown>>;
  return flags.flatMap((flag) => {
    const value = fields[flag];
    return typeof value === "string" && value !== "" ? [[flag, value] as const] : [];
  });
}

type Integration = v.InferOutput<typeof integrationSchema>;

/** A configuration, or a part of one, that cannot be used. */
export interface InvalidConfiguration {
  /** Where the fault is; `""` for the text as a whole. */
  readonly path: string;
  readonly message: string;
}

/** What an integration is, apart from its triggers. */
export interface ReadIntegration {
  /** What it is to do; `""` where it does not say so. */
  readonly actionType: string;
  readonly name: string;
  readonly settings: ActionSettings;
}

/** Reads an integration, whose triggers are read elsewhere. */
export function readIntegration(entry: unknown, version: number): ReadIntegration | InvalidConfiguration {
  const integration = v.safeParse(integrationSchema, entry);
  if (!integration.success) return invalid(integration.issues);
  const { Name, ActionType } = integration.output;
  return {
    actionType: ActionType ?? "",
    name: Name ?? "",
    settings: settingsOf(integration.output, version),
  };
}

/** One kind of schema stands for several of valibot's, each of which a bundle would carry; it says the same. */
export function schemaOf<T>(
  expected: string,
  accepts: (value: unknown) => value is T,
  otherwise?: string,
): v.GenericSchema<unknown, T> {
  return v.custom<T>(
    accepts,
    ({ input, received }) =>
      otherwise !== undefined && typeof input === expected
        ? otherwise
        : `Invalid type: Expected ${expected} but received ${received}`,
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Whether a value is a number, or a text that is one. */
export function isNumeric(value: unknown): value is number | string {
  if (typeof value === "string") return /^\s*[+-]?\d+(?:\.\d+)?\s*$/.test(value);
  return typeof value === "number" && !Number.isNaN(value);
}

/** Finds all that keeps an integration from being read. */
export function integrationFaults(entry: unknown): readonly InvalidConfiguration[] {
  const { issues = [] } = v.safeParse(integrationSchema, entry);
  return issues.map((issue) => ({ path: v.getDotPath(issue) ?? "", message: issue.message }));
}

/** Says where the first fault is that valibot found. */
export function invalid(
  issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]],
): InvalidConfiguration {
  const [issue] = issues;
  return { path: v.getDotPath(issue) ?? "", message: issue.message };
}

function settingsOf(integration: Integration, version: number): ActionSettings {
  return {
    name: integration.Name,
    roomId: integration.EventId,
    otherRoomIds: integration.InvolvedWaitingRoomIds,
    queueDomain: integration.QueueDomain,
    pathPrefix: integration.QueuePathPrefix,
    version,
    culture: integration.Culture,
    layout: integration.LayoutName,
    cookieDomain: integration.CookieDomain,
    cookieHttpOnly: Boolean(integration.IsCookieHttpOnly),
    cookieSecure: Boolean(integration.IsCookieSecure),
    validityMinutes: integration.CookieValidityMinute,
    extends: Boolean(integration.ExtendCookieValidity),
    verifies: Boolean(integration.VerifyQueueIdEnabled),
    usageLimit: integration.QueueIdUsageLimit == null ? null : Number(integration.QueueIdUsageLimit),
    target: targetOf(integration),
  };
}

function targetOf({ RedirectLogic, ForcedTargetUrl }: Integration): string | undefined {
  switch (RedirectLogic) {
    case "ForcedTargetUrl":
    // A misspelling that connectors for PHP, Java and .NET know as well.
    case "ForecedTargetUrl":
      return ForcedTargetUrl ?? "";
    case "EventTargetUrl":
      return "";
    default:
      return undefined;
  }
}

/** The names of the settings in a configuration. */
export const fieldNames: Readonly<Record<SettingsFault["field"], string>> = {
  roomId: "EventId",
  otherRoomIds: "InvolvedWaitingRoomIds",
  queueDomain: "QueueDomain",
  pathPrefix: "QueuePathPrefix",
  cookieDomain: "CookieDomain",
  validityMinutes: "CookieValidityMinute",
};

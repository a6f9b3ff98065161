import type { ActionSettings, WaitingRoom } from "./settings.ts";

const queueKeys: readonly string[] = [
  "EventId",
  "AllowedWaitingRoomIds",
  "Version",
  "ActionName",
  "QueueDomain",
  "QueuePathPrefix",
  "CookieDomain",
  "IsCookieHttpOnly",
  "IsCookieSecure",
  "ExtendCookieValidity",
  "CookieValidityMinute",
  "LayoutName",
  "Culture",
  "VerifyActionEnabled",
  "QueueIdUsageLimit",
];
const cancelKeys: readonly string[] = [
  "WaitingRoomIds",
  "Version",
  "QueueDomain",
  "QueuePathPrefix",
  "CookieDomain",
  "IsCookieHttpOnly",
  "IsCookieSecure",
  "ActionName",
];
const onlyV5: ReadonlySet<string> = new Set([
  "AllowedWaitingRoomIds",
  "QueuePathPrefix",
  "VerifyActionEnabled",
  "QueueIdUsageLimit",
]);

/** Spells the settings of a queue action as the diagnostics of the deployed connectors do. */
export function describeQueue(settings: ActionSettings, rooms: readonly WaitingRoom[], v3: boolean): string {
  return describe(settings, v3 ? queueKeys.filter((key) => !onlyV5.has(key)) : queueKeys, rooms);
}

/** The same of a cancel action. */
export function describeCancel(settings: ActionSettings, rooms: readonly WaitingRoom[], v3: boolean): string {
  const keys = v3
    ? cancelKeys.map((key) => key === "WaitingRoomIds" ? "EventId" : key).filter((key) => !onlyV5.has(key))
    : cancelKeys.filter((key) => key !== "QueuePathPrefix" || Boolean(settings.pathPrefix));
  return describe(settings, keys, rooms);
}

function describe(settings: ActionSettings, keys: readonly string[], rooms: readonly WaitingRoom[]): string {
  const values: Readonly<Record<string, unknown>> = {
    EventId: settings.roomId,
    AllowedWaitingRoomIds: (settings.otherRoomIds ?? []).join(","),
    WaitingRoomIds: rooms.map((room) => room.id).join(","),
    Version: settings.version,
    ActionName: settings.name === undefined ? "unspecified" : settings.name,
    QueueDomain: settings.queueDomain,
    QueuePathPrefix: settings.pathPrefix || "",
    CookieDomain: settings.cookieDomain,
    IsCookieHttpOnly: settings.cookieHttpOnly,
    IsCookieSecure: settings.cookieSecure,
    ExtendCookieValidity: settings.extends,
    CookieValidityMinute: settings.validityMinutes,
    LayoutName: settings.layout,
    Culture: settings.culture,
    VerifyActionEnabled: settings.verifies ?? false,
    QueueIdUsageLimit: settings.usageLimit || "",
  };
  return keys.map((key) => `${key}:${values[key]}`).join("&");
}

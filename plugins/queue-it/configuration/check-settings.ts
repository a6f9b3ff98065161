import { isCookieName } from "../../../src/http/cookie-name.ts";
import { isHostName } from "../../../src/url/host-name.ts";
import { type ActionSettings, isAmbiguous, type Profile } from "./settings.ts";

/** What is wrong with the settings of an action. */
export interface SettingsFault {
  readonly field:
    | "roomId"
    | "otherRoomIds"
    | "queueDomain"
    | "pathPrefix"
    | "cookieDomain"
    | "validityMinutes";
  /** What it must be. */
  readonly must: string;
}

/** Finds the first setting with which nothing can be done. */
export function settingsFault(
  settings: ActionSettings,
  kind: "queue" | "cancel",
  profile: Profile,
): SettingsFault | undefined {
  const { roomId, otherRoomIds, queueDomain, pathPrefix, cookieDomain } = settings;
  const others = profile === "v3" ? [] : otherRoomIds ?? [];
  const isFit = kind === "cancel" && profile !== "v3" ? isListedRoomId : isRoomId;
  const roomMust = kind === "cancel" && profile !== "v3"
    ? "the id of a waiting room: one word without _ and ~"
    : "the id of a waiting room: one word";
  if (roomId ? !isFit(roomId) : kind === "queue" || others.length === 0) {
    return { field: "roomId", must: roomMust };
  }
  if (!others.every((id) => id === "" || isFit(id))) return { field: "otherRoomIds", must: roomMust };
  if (!queueDomain || !isQueueDomain(queueDomain)) {
    return {
      field: "queueDomain",
      must: "the waiting room's host without scheme, such as example.queue-it.net",
    };
  }
  if (pathPrefix && !isPath(pathPrefix)) return { field: "pathPrefix", must: "a path without query" };
  if (cookieDomain && !isHostName(cookieDomain)) return { field: "cookieDomain", must: "a host name" };
  if (kind === "queue" && !isValidity(settings.validityMinutes)) {
    return { field: "validityMinutes", must: "a number greater than 0" };
  }
  return undefined;
}

/** Tells whether a value converts to a positive finite number. */
export function isValidity(value: unknown): boolean {
  if (typeof value !== "number" && typeof value !== "string") return false;
  const minutes = Number(value);
  return Number.isFinite(minutes) && minutes > 0;
}

/** Tells whether a text can be the end of a cookie's name, and stand in its value. */
export function isRoomId(text: string): boolean {
  return isCookieName(text) && !text.includes("&");
}

/** Tells whether a text is a host, or a host and the beginning of a path. */
export function isQueueDomain(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?(?:\/[!-~]*)?$/i.test(text) &&
    !/[?#\\]/.test(text);
}

/** Tells whether a text is a label of a host name. */
export function isLabel(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(text);
}

function isPath(text: string): boolean {
  return /^[!-~]*$/.test(text) && !/[?#\\]/.test(text);
}

function isListedRoomId(text: string): boolean {
  return isRoomId(text) && !isAmbiguous(text);
}

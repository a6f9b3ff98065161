/**
 * Ending and prolonging sessions from within the application.
 *
 * @module
 */

import {
  anything,
  checkBoolean,
  checkStrings,
  checkSyncFunction,
  type Rule,
  shapeError,
  valueError,
} from "../../src/options/check.ts";
import {
  decodeCookie,
  forgetCookie,
  readCookie,
  readOlderCookies,
  writeCookie,
} from "../../src/http/cookies.ts";
import type { HeaderChange } from "../../src/decision.ts";
import {
  cancelAction,
  isRoomId,
  isValidity,
  type SessionCookieAttributes,
  type WaitingRoom,
  waitingRoomOf,
} from "./configuration/mod.ts";
import { checkSecrets, checkSettings, checkText } from "./check-options.ts";
import { validateByAction } from "./validation/validate.ts";
import { type Connector, createConnector } from "./validation/connector.ts";
import { seconds, type Validation, type Visit } from "./validation/visit.ts";
import { enc } from "./protocol/encode.ts";
import { isHostName } from "../../src/url/host-name.ts";
import { readState } from "./validation/session-state.ts";
import { isAjax, noStore } from "./validation/locations.ts";
import { sessionMs } from "./protocol/session-cookie.ts";
import type { QueueItSecrets } from "./options.ts";

/** What {@linkcode cancelQueueSession} and {@linkcode extendQueueSession} need to know. */
export interface QueueSessionOptions extends QueueItSecrets {
  /** The `Domain` of the session cookie, as the provider writes it. @default {""} */
  readonly cookieDomain?: string;
  /** Whether the session cookie is hidden from scripts. @default {false} */
  readonly cookieHttpOnly?: boolean;
  /** Whether the session cookie is sent over encrypted connections only. @default {false} */
  readonly cookieSecure?: boolean;
  /** The visitor's address, for sessions that are bound to one. @default {unknown: it is not compared} */
  readonly address?: string;
  /** The time in Unix milliseconds. @default {the platform's clock} */
  readonly now?: () => number;
}

/** The options of {@linkcode cancelQueueSession}. */
export interface CancelQueueSessionOptions extends QueueSessionOptions {
  /** The waiting rooms whose sessions end; one only for version 3. */
  readonly eventIds: readonly string[];
  /** The waiting room's host, without scheme. */
  readonly queueDomain: string;
  /** The beginning of the path of the waiting room's pages (version 5). @default {""} */
  readonly queuePathPrefix?: string;
  /** Where the visitor comes back to; `""` for the waiting room's own choice. @default {request.url} */
  readonly targetUrl?: string;
  /** The version of these settings, for statistics. @default {-1} */
  readonly version?: number;
  /** The name of these settings, for statistics. @default {"unspecified"} */
  readonly actionName?: string;
}

/** The options of {@linkcode extendQueueSession}. */
export interface ExtendQueueSessionOptions extends QueueSessionOptions {
  /** The waiting room. */
  readonly eventId: string;
  /** How long a session lasts, in minutes. */
  readonly validityMinutes: number;
}

/**
 * Ends the sessions of a visitor, for instance after a purchase, so that whoever comes again waits again.
 *
 * @param request The visitor's request.
 * @param options The secrets and the waiting rooms.
 * @returns The answer that ends them: a redirect to the waiting room, which returns the visitor; `undefined` when the
 * visitor has no valid session.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { cancelQueueSession } from "stanchion/queue-it";
 *
 * export function thankYou(request: Request): Response {
 *   const cancelled = cancelQueueSession(request, {
 *     customerId: "example",
 *     secretKeys: ["your-secret-key"],
 *     eventIds: ["event1"],
 *     queueDomain: "example.queue-it.net",
 *   });
 *   return cancelled ?? new Response("Thank you!");
 * }
 * ```
 */
export function cancelQueueSession(
  request: Request,
  options: CancelQueueSessionOptions,
): Response | undefined {
  const subject = "cancelled session";
  checkSession(subject, options, {
    queueDomain: checkText,
    queuePathPrefix: checkText,
    targetUrl: checkText,
    actionName: checkText,
    eventIds: anything,
    version: anything,
  });
  const { eventIds, profile = "v5", targetUrl = request.url } = options;
  const must = "a list of ids of waiting rooms, not empty";
  checkStrings(subject, "eventIds", eventIds, must, isRoomId);
  if (eventIds.length === 0) throw shapeError(subject, "eventIds", must, eventIds);
  const [roomId, ...otherRoomIds] = eventIds;
  const settings = {
    name: options.actionName,
    roomId,
    otherRoomIds,
    queueDomain: options.queueDomain,
    pathPrefix: options.queuePathPrefix,
    version: options.version,
  };
  checkSettings(subject, settings, "cancel", profile, {
    roomId: "eventIds",
    otherRoomIds: "eventIds",
    queueDomain: "queueDomain",
    pathPrefix: "queuePathPrefix",
    cookieDomain: "cookieDomain",
    validityMinutes: "validityMinutes",
  });
  const connector = connectorOf(options);
  const visit = visitOf(request, options, targetUrl);
  // A request reads its cookies at once, so the answer is one as well.
  const { location } = validateByAction(connector, cancelAction(connector, settings), visit) as Validation;
  if (location === "") return undefined;
  const headers = new Headers();
  for (const [name, value] of noStore) headers.set(name, value);
  for (const line of setCookies(visit, options)) headers.append("set-cookie", line);
  if (!isAjax(visit)) {
    headers.set("location", location);
    return new Response(null, { status: 302, headers });
  }
  headers.set("x-queueit-redirect", enc(location));
  headers.set("access-control-expose-headers", "x-queueit-redirect");
  return new Response(null, { headers });
}

/**
 * Prolongs the session of a visitor, for instance while a page is being filled in. A session that is not valid any more
 * remains so, and one of a fixed length starts anew.
 *
 * @param request The visitor's request.
 * @param options The secrets and the waiting room.
 * @returns The headers that the application's response needs; an empty list when there is no valid session.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { extendQueueSession } from "stanchion/queue-it";
 *
 * export function keepAlive(request: Request): Response {
 *   const response = new Response(null, { status: 204 });
 *   const headers = extendQueueSession(request, {
 *     customerId: "example",
 *     secretKeys: ["your-secret-key"],
 *     eventId: "event1",
 *     validityMinutes: 20,
 *   });
 *   for (const [name, value] of headers) response.headers.append(name, value);
 *   return response;
 * }
 * ```
 */
export function extendQueueSession(
  request: Request,
  options: ExtendQueueSessionOptions,
): readonly HeaderChange[] {
  const subject = "extended session";
  checkSession(subject, options, { eventId: anything, validityMinutes: anything });
  const { eventId, validityMinutes } = options;
  checkStrings(subject, "eventId", [eventId], "the id of a waiting room", isRoomId);
  if (typeof validityMinutes !== "number") {
    throw shapeError(subject, "validityMinutes", minutesMust, validityMinutes);
  }
  if (!isValidity(validityMinutes)) {
    throw valueError(subject, "validityMinutes", minutesMust, validityMinutes);
  }
  const visit = visitOf(request, options, request.url);
  const room = waitingRoomOf(eventId);
  visit.cookies = [readCookie(request.headers.get("cookie"), room.cookieName) ?? ""];
  extendSession(connectorOf(options), room, validityMinutes, visit);
  return setCookies(visit, options).map((line) => ["set-cookie", line]);
}

/** Writes the session of a room anew if it is valid, with all that it says but its time. */
export function extendSession(
  connector: Connector,
  room: WaitingRoom,
  validityMinutes: number,
  visit: Visit,
): void {
  const { status, cookie } = readState(connector, [room], visit, validityMinutes);
  if (status !== "genuine" || cookie === undefined) return;
  visit.changes.push({ room, value: connector.sessions.renew(cookie, room.id, seconds(visit)) });
}

const minutesMust = "a number greater than 0";

/** A connector that serves one request. */
function connectorOf(options: QueueSessionOptions): Connector {
  return createConnector({ ...options, memoSize: 0 });
}

function visitOf(
  request: Request,
  { address = "", now = Date.now }: QueueSessionOptions,
  url: string,
): Visit {
  const cookies = request.headers.get("cookie");
  return {
    nowMs: now(),
    url,
    token: "",
    originalUrl: request.url,
    address: () => address,
    header: (name) => request.headers.get(name) ?? "",
    calls: undefined,
    dryRun: false,
    read: (name) => readCookie(cookies, name),
    others: (name) => readOlderCookies(cookies, name).map(decodeCookie),
    action: undefined,
    match: undefined,
    cookies: [],
    diagnostics: undefined,
    changes: [],
  };
}

function setCookies({ changes, nowMs }: Visit, options: QueueSessionOptions): readonly string[] {
  const { cookieDomain = "", cookieHttpOnly = false, cookieSecure = false } = options;
  const place: SessionCookieAttributes = {
    domain: cookieDomain,
    httpOnly: cookieHttpOnly,
    secure: cookieSecure,
  };
  return changes.map(({ room, value }) => {
    const attributes = { path: "/", ...place };
    if (value === undefined) return forgetCookie(room.cookieName, attributes);
    return writeCookie(room.cookieName, value, { ...attributes, expiresAtMs: sessionMs(nowMs) });
  });
}

function checkSession<T extends QueueSessionOptions>(
  subject: string,
  options: T,
  others: Readonly<Record<string, Rule>>,
): void {
  checkSecrets(subject, options, {
    cookieDomain: checkDomain,
    address: checkText,
    cookieHttpOnly: checkBoolean,
    cookieSecure: checkBoolean,
    now: checkSyncFunction,
    ...others,
  });
}

function checkDomain(subject: string, option: string, domain: unknown): void {
  checkText(subject, option, domain);
  if (domain !== "") checkStrings(subject, option, [domain], "a host name", isHostName);
}

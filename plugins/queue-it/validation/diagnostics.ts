import { type Action, isLabel } from "../configuration/mod.ts";
import type { Connector } from "./connector.ts";
import { type Diagnostics, seconds, type Visit } from "./visit.ts";
import { pageOf } from "./locations.ts";
import { isSigned, parseToken } from "../protocol/token.ts";

/** What a debug token leads to: diagnostics that are to be told, or a page that says why not. */
export type Diagnosis =
  | { readonly diagnostics: Diagnostics }
  | { readonly location: string };

/** The name of the debug cookie. */
export const debugCookie = "queueitdebug";

/** How long the debug cookie is kept, in milliseconds. */
export const debugLifeMs = 1_200_000;

/** The longest debug cookie that browsers keep, in bytes. */
const maxBytes = 4096;

/**
 * Looks at a token for `rt_debug`. Only who has a secret can have made one that switches diagnostics on.
 *
 * @returns `undefined` for any other token.
 */
export function diagnose(connector: Connector, visit: Visit): Diagnosis | undefined {
  // Spares ordinary tokens the parsing.
  if (visit.token === "" || !visit.token.includes("rt_debug")) return undefined;
  const token = parseToken(visit.token);
  if (token.redirectType !== "debug") return undefined;
  if (!isLabel(connector.customerId)) {
    return { location: "https://api2.queue-it.net/diagnostics/connector/error/?code=setup" };
  }
  const { customerId } = connector;
  const page = `https://${customerId}.api2.queue-it.net/${customerId}/diagnostics/connector/error/?code=`;
  if (!isSigned(token, connector.signer, connector.ignoresCase)) return { location: `${page}hash` };
  if (token.deadline < seconds(visit)) return { location: `${page}timestamp` };
  return { diagnostics: new Map() };
}

/** Notes what is known before a configuration is looked at. */
export function noteRequest(connector: Connector, visit: Visit, configVersion: string): void {
  const { diagnostics } = visit;
  if (diagnostics === undefined) return;
  diagnostics.set("SdkVersion", connector.sdk);
  diagnostics.set("PureUrl", visit.url);
  diagnostics.set("QueueitToken", visit.token);
  diagnostics.set("OriginalUrl", visit.originalUrl);
  noteVisitor(diagnostics, visit);
  diagnostics.set("ConfigVersion", configVersion);
}

/** Notes which integration was found, if any, and what it is. */
export function noteMatch(visit: Visit, action: Action | undefined): void {
  const { diagnostics } = visit;
  if (diagnostics === undefined) return;
  diagnostics.set("MatchedConfig", action === undefined ? "NULL" : action.name);
  if (action === undefined || action.kind === "ignore") return;
  diagnostics.set("TargetUrl", action.kind === "queue" ? action.target ?? pageOf(visit) : pageOf(visit));
  diagnostics.set(action.kind === "queue" ? "QueueConfig" : "CancelConfig", action.description);
}

/** Notes what is known where the action is fixed in code. */
export function noteAction(connector: Connector, visit: Visit, action: Action): void {
  const { diagnostics } = visit;
  if (diagnostics === undefined) return;
  diagnostics.set("SdkVersion", connector.sdk);
  diagnostics.set("TargetUrl", visit.url);
  diagnostics.set("QueueitToken", visit.token);
  if (action.kind === "cancel") diagnostics.set("CancelConfig", action.description);
  diagnostics.set("OriginalUrl", visit.originalUrl);
  if (action.kind === "queue") diagnostics.set("QueueConfig", action.description);
  noteVisitor(diagnostics, visit);
}

function noteVisitor(diagnostics: Diagnostics, visit: Visit): void {
  diagnostics.set("ServerUtcTime", `${new Date(visit.nowMs).toISOString().slice(0, 19)}Z`);
  diagnostics.set("RequestIP", visit.address());
  diagnostics.set("RequestHttpHeader_Via", visit.header("via"));
  diagnostics.set("RequestHttpHeader_Forwarded", visit.header("forwarded"));
  diagnostics.set("RequestHttpHeader_XForwardedFor", visit.header("x-forwarded-for"));
  diagnostics.set("RequestHttpHeader_XForwardedHost", visit.header("x-forwarded-host"));
  diagnostics.set("RequestHttpHeader_XForwardedProto", visit.header("x-forwarded-proto"));
}

/** Writes the diagnostics as the value of the debug cookie, in which the longest values give way to the limit. */
export function debugValue(diagnostics: Diagnostics): string {
  const entries = [...diagnostics].map(([key, value]) => [key, value.toWellFormed()] as const);
  let most = Number.POSITIVE_INFINITY;
  for (;;) {
    const value = entries.map(([key, text]) => `${key}=${shortened(text, most)}`).join("|");
    // The attributes need room, too.
    if (encodeURIComponent(value).length <= maxBytes - 100 || most === 0) return value;
    const longest = Math.max(...entries.map(([, text]) => Math.min(text.length, most)));
    most = Math.floor(longest / 2);
  }
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).toWellFormed();
}

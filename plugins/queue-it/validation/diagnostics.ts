import { type Action, isLabel } from "../configuration/mod.ts";
import { type Core, type Findings, seconds, type Visit } from "./connector.ts";
import { pageOf } from "./locations.ts";
import { isSigned, parseToken } from "../protocol/token.ts";

/** What a debug token leads to: findings that are to be told, or a page that says why not. */
export type Diagnosis =
  | { readonly findings: Findings }
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
export function diagnose(core: Core, visit: Visit): Diagnosis | undefined {
  // Spares ordinary tokens the parsing.
  if (visit.token === "" || !visit.token.includes("rt_debug")) return undefined;
  const token = parseToken(visit.token);
  if (token.redirectType !== "debug") return undefined;
  if (!isLabel(core.customerId)) {
    return { location: "https://api2.queue-it.net/diagnostics/connector/error/?code=setup" };
  }
  const { customerId } = core;
  const page = `https://${customerId}.api2.queue-it.net/${customerId}/diagnostics/connector/error/?code=`;
  if (!isSigned(token, core.signer, core.ignoresCase)) return { location: `${page}hash` };
  if (token.deadline < seconds(visit)) return { location: `${page}timestamp` };
  return { findings: new Map() };
}

/** Notes what is known before a configuration is looked at. */
export function noteRequest(core: Core, visit: Visit, configVersion: string): void {
  const { findings } = visit;
  if (findings === undefined) return;
  findings.set("SdkVersion", core.sdk);
  findings.set("PureUrl", visit.url);
  findings.set("QueueitToken", visit.token);
  findings.set("OriginalUrl", visit.originalUrl);
  noteVisitor(findings, visit);
  findings.set("ConfigVersion", configVersion);
}

/** Notes which integration was found, if any, and what it is. */
export function noteMatch(visit: Visit, action: Action | undefined): void {
  const { findings } = visit;
  if (findings === undefined) return;
  findings.set("MatchedConfig", action === undefined ? "NULL" : action.name);
  if (action === undefined || action.kind === "ignore") return;
  findings.set("TargetUrl", action.kind === "queue" ? action.target ?? pageOf(visit) : pageOf(visit));
  findings.set(action.kind === "queue" ? "QueueConfig" : "CancelConfig", action.description);
}

/** Notes what is known where the action is fixed in code. */
export function noteAction(core: Core, visit: Visit, action: Action): void {
  const { findings } = visit;
  if (findings === undefined) return;
  findings.set("SdkVersion", core.sdk);
  findings.set("TargetUrl", visit.url);
  findings.set("QueueitToken", visit.token);
  if (action.kind === "cancel") findings.set("CancelConfig", action.description);
  findings.set("OriginalUrl", visit.originalUrl);
  if (action.kind === "queue") findings.set("QueueConfig", action.description);
  noteVisitor(findings, visit);
}

function noteVisitor(findings: Findings, visit: Visit): void {
  findings.set("ServerUtcTime", `${new Date(visit.nowMs).toISOString().slice(0, 19)}Z`);
  findings.set("RequestIP", visit.address());
  findings.set("RequestHttpHeader_Via", visit.header("via"));
  findings.set("RequestHttpHeader_Forwarded", visit.header("forwarded"));
  findings.set("RequestHttpHeader_XForwardedFor", visit.header("x-forwarded-for"));
  findings.set("RequestHttpHeader_XForwardedHost", visit.header("x-forwarded-host"));
  findings.set("RequestHttpHeader_XForwardedProto", visit.header("x-forwarded-proto"));
}

/** Writes the findings as the value of the debug cookie, in which the longest values give way to the limit. */
export function debugValue(findings: Findings): string {
  const entries = [...findings].map(([key, value]) => [key, value.toWellFormed()] as const);
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

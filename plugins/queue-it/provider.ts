import { atOnce } from "../../src/async/at-once.ts";
import { isPromise, leave } from "../../src/async/maybe-promise.ts";
import { type Context, type ContextKey, contextKey } from "../../src/context.ts";
import type { Decision, Facts, HeaderChange, PlainAnswer, Refusal } from "../../src/decision.ts";
import { withFallback } from "../../src/errors.ts";
import { createKeyWatch, type KeyWatch } from "../../src/options/key-watch.ts";
import { warnOnce } from "../../src/options/warn-once.ts";
import type { Provider } from "../../src/plugin.ts";
import type { Calls } from "../../src/service.ts";
import { describeMatch } from "../../src/triggers/matcher.ts";
import type { QueueItCommon } from "./options.ts";
import { PageVisit } from "./page-visit.ts";
import { decoded, enc } from "./protocol/encode.ts";
import { addedParameters, createTokenTaker, type TokenInUrl } from "./protocol/token-in-url.ts";
import { type Connector, longestMsOf } from "./validation/connector.ts";
import { debugCookie, debugLifeMs, debugValue } from "./validation/diagnostics.ts";
import { isAjax, noStore, queueLocation } from "./validation/locations.ts";
import type { Diagnostics, Validation, ValidationResult } from "./validation/visit.ts";

/** What tells the providers apart: whether a configuration or the application's code says what is protected. */
export interface ProviderParts {
  readonly name: "queue-it" | "queue-it-event";
  readonly connector: Connector;
  /** Decides about a visit. */
  validate(visit: PageVisit): Validation | Promise<Validation>;
  /** How long a visitor waits at most before anything is validated, in milliseconds. @default {0} */
  readonly waitMs?: number | undefined;
}

/** What needs no request, prepared once. */
interface Setup {
  readonly validate: ProviderParts["validate"];
  readonly url: ((ctx: Context) => string) | undefined;
  readonly takeToken: (url: string) => TokenInUrl;
  readonly cleanUrl: boolean;
  readonly tokenHeader: boolean;
  readonly ajaxHosts: ReadonlySet<string> | undefined;
  /** The edge platform, as it stands at the end of each location. */
  readonly suffix: string;
  /** The edge platform, as a header. */
  readonly platformHeader: HeaderChange | undefined;
  /** Keeps the visit for those who are sent elsewhere, and those whose response needs more headers than the sessions. */
  readonly visitKey: ContextKey<PageVisit>;
  readonly keys: KeyWatch;
}

/** Makes a provider from checked options: what both have in common, from the request to the answer. */
export function createQueueItProvider(options: QueueItCommon, parts: ProviderParts): Provider {
  const setup = setupOf(options, parts);
  return {
    name: parts.name,
    final: "decide",
    service: serviceOf(parts.connector),
    callsInTurn: [parts.connector.verifyAction, parts.connector.enqueueToken].filter((call) => call).length,
    longestMs: (parts.waitMs ?? 0) + longestMsOf(parts.connector),
    decide: (ctx, calls) => decide(setup, ctx, calls),
    respond: (ctx, refusal) => respond(setup, ctx, refusal),
    headers: (ctx) => headers(setup, ctx),
  };
}

/** What is called while visitors wait: sessions and tokens are checked without anybody. */
function serviceOf({ verifyAction, enqueueToken }: Connector): string | undefined {
  const called = [verifyAction && "verifyAction", enqueueToken && "enqueueToken"].filter((name) => name);
  return called.length === 0 ? undefined : `Queue-it (${called.join(", ")})`;
}

function setupOf(options: QueueItCommon, { name, validate }: ProviderParts): Setup {
  const { url, cleanUrl = true, tokenHeader = false, platform, ajaxHosts, secretKeys, apiKey } = options;
  const { warn = (message) => console.warn(message) } = options;
  return {
    validate,
    url,
    takeToken: createTokenTaker(),
    cleanUrl,
    tokenHeader,
    ajaxHosts: ajaxHosts === undefined ? undefined : new Set(ajaxHosts),
    suffix: platform === undefined ? "" : `&kupver=${platform.name}-${platform.version}`,
    platformHeader: platform && ["x-queueit-connector", platform.name],
    visitKey: contextKey("Queue-it visit"),
    keys: createKeyWatch(name, { secretKeys, apiKey }, "secretKeys", warnOnce(warn)),
  };
}

/** Decides about a request, and carries out what was decided. */
function decide(setup: Setup, ctx: Context, calls: Calls): Decision | Promise<Decision> {
  if (!ctx.dryRun) setup.keys.used();
  const visit = enter(setup, ctx, calls);
  const failed = (cause: unknown) => fail(setup, visit, cause);
  try {
    const validation = setup.validate(visit);
    if (isPromise(validation)) {
      return Promise.resolve(validation).then((validation) => conclude(setup, visit, validation)).catch(
        failed,
      );
    }
    const decision = conclude(setup, visit, validation);
    // What a store that takes its time throws is a failure as well.
    return isPromise(decision) ? Promise.resolve(decision).catch(failed) : decision;
  } catch (cause) {
    return failed(cause);
  }
}

function enter({ url, takeToken, tokenHeader, ajaxHosts }: Setup, ctx: Context, calls: Calls): PageVisit {
  const original = url === undefined ? ctx.returnUrl : atOnce("url", url(ctx));
  const taken = takeToken(original);
  let { token } = taken;
  // Who has a visit explained is told what it is, whatever comes of it.
  if (ctx.dryRun) void ctx.passive;
  if (token === "" && tokenHeader) token = decoded(ctx.request.headers.get("x-queueittoken") ?? "") ?? "";
  return new PageVisit(ctx, calls, original, taken.url, token, ajaxHosts);
}

function conclude(setup: Setup, visit: PageVisit, validation: Validation): Decision | Promise<Decision> {
  const { ctx } = visit;
  if (ctx.note !== undefined) explain(visit, ctx.note);
  if (!ctx.dryRun && validation.result === "hash") setup.keys.unsigned();
  if (validation.result === "accepted") setup.keys.accepted();
  const decision = decisionOf(setup, visit, validation);
  if (visit.location !== "" || visit.diagnostics !== undefined) ctx.set(setup.visitKey, visit);
  if (visit.changes.length === 0) return decision;
  const kept = visit.carryOut();
  return isPromise(kept) ? kept.then(() => decision) : decision;
}

function decisionOf({ suffix, cleanUrl }: Setup, visit: PageVisit, validation: Validation): Decision {
  const { result } = validation;
  if (validation.location !== "") {
    const action = result === "cancelled" || result === "diagnostics" ? "redirect" : "queue";
    const location = visit.location = validation.location + suffix;
    const facts = factsOf(visit, validation, action);
    return { action, reason: `queue-it/${result}`, location, headers: noStore, facts };
  }
  if (cleanUrl && visit.url !== visit.originalUrl && visit.action?.kind === "queue" && visit.isRepeatable) {
    const facts = factsOf(visit, validation, "redirect");
    return { action: "redirect", reason: "queue-it/clean-url", location: visit.url, headers: noStore, facts };
  }
  return unconcerned[result] ??
    { action: "admit", reason: `queue-it/${result}`, facts: factsOf(visit, validation, "admit") };
}

/** What is decided about pages without a waiting room, made once. */
const unconcerned: Readonly<Partial<Record<ValidationResult, Decision>>> = {
  ignored: { action: "admit", reason: "queue-it/ignored" },
  "no-match": { action: "admit", reason: "queue-it/no-match" },
};

function factsOf(visit: PageVisit, validation: Validation, action: Decision["action"]): Facts {
  const { result, queueId, redirectType } = validation;
  const back = action === "queue" ? backFactsOf(visit) : undefined;
  // Nobody answered for a visitor whom a direct pass let in because it failed.
  const isProven = action === "admit" && result === "accepted" && redirectType !== "timeout";
  return {
    room: roomOf(visit),
    visitor: queueId || undefined,
    proven: isProven ? proofOf(visit, queueId) : undefined,
    returnBy: back?.returnBy,
    returnWithout: back?.returnWithout,
    ends: result === "cancelled" ? true : undefined,
  };
}

/** Where the use of queue ids is limited, their signature was not enough. */
function proofOf({ action, dryRun }: PageVisit, queueId: string | undefined): "service" | "signature" {
  return action?.kind === "queue" && action.verifies && queueId && !dryRun ? "service" : "signature";
}

function roomOf({ action, match }: PageVisit): string | undefined {
  if (action?.kind === "queue") return action.room.id;
  // A page of an integration that cannot be used is in no room where anybody has a place. Visitors choose to go there.
  return action === undefined && match !== undefined ? "" : undefined;
}

/** A page that was asked for comes back in this parameter; a target that the configuration names does not change. */
function backFactsOf({ action }: PageVisit): Pick<Facts, "returnBy" | "returnWithout"> | undefined {
  return action?.kind === "queue" && action.target === undefined ? backFacts : undefined;
}

const backFacts = { returnBy: "t", returnWithout: addedParameters };

function fail({ visitKey, suffix }: Setup, visit: PageVisit, cause: unknown): never {
  const { ctx, action } = visit;
  visit.hasFailed = true;
  visit.diagnostics?.set("Exception", cause instanceof Error ? cause.message : String(cause));
  visit.location = action?.kind === "queue" ? queueLocation(action, visit, "") + suffix : "";
  ctx.set(visitKey, visit);
  try {
    leave(visit.carryOut());
  } catch {
    // The failure that is being handled may be the store's own.
  }
  throw withFallback(cause, {
    facts: { room: roomOf(visit), ...backFactsOf(visit) },
    fallback: visit.location === "" ? undefined : { location: visit.location, headers: noStore },
  });
}

/** Answers a script, whose redirect is a header. */
function respond({ suffix, visitKey }: Setup, ctx: Context, refusal: Refusal): PlainAnswer | undefined {
  if (refusal.action !== "queue" && refusal.action !== "redirect") return undefined;
  // The visitor is sent to the waiting room, by this provider or by the policy after it failed.
  const visit = ctx.get(visitKey);
  if (visit === undefined || refusal.location !== visit.location || !isAjax(visit)) return undefined;
  const bare = refusal.location.slice(0, refusal.location.length - suffix.length);
  return {
    status: 200,
    headers: {
      "x-queueit-redirect": enc(bare) + suffix,
      "access-control-expose-headers": "x-queueit-redirect",
    },
    body: null,
  };
}

/** The headers that a response gets beside the sessions. */
function headers({ visitKey, platformHeader }: Setup, ctx: Context): readonly HeaderChange[] | undefined {
  const visit = ctx.get(visitKey);
  if (visit === undefined || (!visit.hasFailed && visit.diagnostics === undefined)) {
    return platformHeader && [platformHeader];
  }
  const changes: HeaderChange[] = [];
  if (platformHeader !== undefined) changes.push(platformHeader);
  if (visit.hasFailed) changes.push(["x-queueit-failed", "true"]);
  if (visit.diagnostics !== undefined) changes.push(debugHeader(visit.diagnostics, visit.nowMs));
  return changes;
}

function debugHeader(diagnostics: Diagnostics, nowMs: number): HeaderChange {
  const expires = new Date(nowMs + debugLifeMs).toUTCString();
  return [
    "set-cookie",
    `${debugCookie}=${encodeURIComponent(debugValue(diagnostics))}; Path=/; Expires=${expires}`,
  ];
}

/** Says by what a visit was decided, and who was not asked for the sake of the explanation. */
function explain({ match, action }: PageVisit, note: (remark: string) => void): void {
  if (match !== undefined) note(describeMatch(match));
  if (action?.kind === "queue" && action.verifies) {
    note("the service that counts the use of queue ids was not asked; it is taken to agree");
  }
}

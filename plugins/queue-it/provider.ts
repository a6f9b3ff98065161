import { isPromise } from "../../src/async/maybe-promise.ts";
import { type Context, type ContextKey, contextKey } from "../../src/context.ts";
import type { Decision, HeaderChange, Refusal } from "../../src/decision.ts";
import { GateError } from "../../src/errors.ts";
import type { Provider } from "../../src/plugin.ts";
import { describeMatch } from "../../src/triggers/matcher.ts";
import { serviceCalls } from "../../src/service.ts";
import { fallbackLocation, tokenStore } from "../../src/tokens/store.ts";
import { promoted, returnParameter, visitorToken, waitingRoom } from "../../src/visit.ts";
import { guardedBy, harmless, limited } from "./connector-variants.ts";
import type { QueueItCommon } from "./options.ts";
import { PageVisit } from "./page-visit.ts";
import { decoded, enc } from "./protocol/encode.ts";
import { takeToken } from "./protocol/token-in-url.ts";
import type { Connector } from "./validation/connector.ts";
import { debugCookie, debugLifeMs, debugValue } from "./validation/diagnostics.ts";
import { ajaxHeader, noStore, queueLocation } from "./validation/locations.ts";
import type { Diagnostics, Validation, ValidationResult } from "./validation/visit.ts";

/** What tells the providers apart: whether a configuration or the application's code says what is protected. */
export interface ProviderParts {
  readonly name: "queue-it" | "queue-it-event";
  readonly connector: Connector;
  /** Decides about a visit, with the connector that serves it. */
  validate(connector: Connector, visit: PageVisit): Validation | Promise<Validation>;
}

/** What needs no request, prepared once. */
interface Setup {
  readonly validate: ProviderParts["validate"];
  readonly connector: Connector;
  readonly dryRunConnector: Connector;
  readonly passiveConnector: Connector;
  readonly url: ((ctx: Context) => string) | undefined;
  readonly cleanUrl: boolean;
  readonly tokenHeader: boolean;
  readonly ajaxHosts: ReadonlySet<string> | undefined;
  /** The edge platform, as it stands at the end of each location. */
  readonly suffix: string;
  /** The edge platform, as a header. */
  readonly platformHeader: HeaderChange | undefined;
  /** Keeps the visit for those whose response needs more headers than the sessions. */
  readonly visitKey: ContextKey<PageVisit>;
}

/** Makes a provider from checked options: what both have in common, from the request to the answer. */
export function createQueueItProvider(options: QueueItCommon, parts: ProviderParts): Provider {
  const setup = setupOf(options, parts);
  return {
    name: parts.name,
    requires: [tokenStore],
    guards: true,
    decide: (ctx) => decide(setup, ctx),
    respond: (ctx, refusal) => respond(setup, ctx, refusal),
    headers: (ctx) => headers(setup, ctx),
  };
}

function setupOf(options: QueueItCommon, parts: ProviderParts): Setup {
  const { url, cleanUrl = true, tokenHeader = false, platform, ajaxHosts, serviceTimeoutMs = 2000 } = options;
  const connector = limited(parts.connector, serviceTimeoutMs);
  return {
    validate: parts.validate,
    connector,
    dryRunConnector: harmless(connector, true),
    passiveConnector: harmless(connector, false),
    url,
    cleanUrl,
    tokenHeader,
    ajaxHosts: ajaxHosts === undefined ? undefined : new Set(ajaxHosts),
    suffix: platform === undefined ? "" : `&kupver=${platform.name}-${platform.version}`,
    platformHeader: platform && ["x-queueit-connector", platform.name],
    visitKey: contextKey("Queue-it visit"),
  };
}

/** Decides about a request, and carries out what was decided. */
function decide(setup: Setup, ctx: Context): Decision | Promise<Decision> {
  const visit = enter(setup, ctx);
  try {
    const validation = setup.validate(connectorFor(setup, visit), visit);
    if (!isPromise(validation)) return concluded(setup, visit, validation);
    return validation.then((validation) => conclude(setup, visit, validation))
      .catch((cause) => fail(setup, visit, cause));
  } catch (cause) {
    return fail(setup, visit, cause);
  }
}

function enter({ url, tokenHeader, ajaxHosts }: Setup, ctx: Context): PageVisit {
  const store = ctx.get(tokenStore);
  if (store === undefined) throw new GateError("internal", "there is no token store; add cookieTokens()");
  const original = url === undefined ? ctx.href : url(ctx);
  const taken = takeToken(original);
  let { token } = taken;
  if (token === "" && tokenHeader) token = decoded(ctx.request.headers.get("x-queueittoken") ?? "") ?? "";
  return new PageVisit(ctx, store, original, taken.url, token, ajaxHosts);
}

/** Who asks nobody needs no guard, and a page that is fetched in advance asks nobody. */
function connectorFor(
  { connector, dryRunConnector, passiveConnector }: Setup,
  { ctx, isPassive }: PageVisit,
): Connector {
  if (isPassive && !ctx.dryRun) return passiveConnector;
  const guard = ctx.get(serviceCalls);
  const own = ctx.dryRun ? dryRunConnector : connector;
  return guard === undefined ? own : guardedBy(own, guard);
}

/** As {@linkcode conclude}, and what a store that takes its time throws is a failure as well. */
function concluded(setup: Setup, visit: PageVisit, validation: Validation): Decision | Promise<Decision> {
  const decision = conclude(setup, visit, validation);
  return isPromise(decision) ? decision.catch((cause) => fail(setup, visit, cause)) : decision;
}

function conclude(setup: Setup, visit: PageVisit, validation: Validation): Decision | Promise<Decision> {
  const { ctx } = visit;
  if (ctx.note !== undefined) explain(visit, ctx.note);
  if (visit.diagnostics !== undefined || setup.platformHeader !== undefined) ctx.set(setup.visitKey, visit);
  if (validation.queueId) ctx.set(visitorToken, validation.queueId);
  const decision = decisionOf(setup, visit, validation);
  tellRoom(visit);
  // Nobody answered for a visitor whom a direct pass let in because it failed.
  if (
    decision.action === "admit" && validation.result === "accepted" && validation.redirectType !== "timeout"
  ) {
    ctx.set(promoted, true);
  }
  if (decision.action === "queue") tellReturn(visit);
  if (visit.changes.length === 0) return decision;
  const kept = visit.carryOut();
  return isPromise(kept) ? kept.then(() => decision) : decision;
}

function decisionOf(
  { suffix, cleanUrl }: Setup,
  visit: PageVisit,
  { result, location }: Validation,
): Decision {
  if (location !== "") {
    const action = result === "cancelled" || result === "diagnostics" ? "redirect" : "queue";
    return { action, reason: `queue-it/${result}`, location: location + suffix, headers: noStore };
  }
  if (cleanUrl && visit.url !== visit.originalUrl && visit.action?.kind === "queue") {
    return { action: "redirect", reason: "queue-it/clean-url", location: visit.url, headers: noStore };
  }
  return admissions[result] ?? { action: "admit", reason: `queue-it/${result}` };
}

/** What a visitor who may go on is told, made once. */
const admissions: Readonly<Partial<Record<ValidationResult, Decision>>> = {
  accepted: { action: "admit", reason: "queue-it/accepted" },
  ignored: { action: "admit", reason: "queue-it/ignored" },
  "no-match": { action: "admit", reason: "queue-it/no-match" },
};

function tellRoom({ ctx, action, match }: PageVisit): void {
  if (action?.kind === "queue") ctx.set(waitingRoom, action.room.id);
  // A page of an integration that cannot be used is in no room where anybody has a place. Visitors choose to go there.
  else if (action === undefined && match !== undefined) ctx.set(waitingRoom, "");
}

/** A page that was asked for comes back in this parameter; a target that the configuration names does not change. */
function tellReturn({ ctx, action }: PageVisit): void {
  if (action?.kind === "queue" && action.target === undefined) ctx.set(returnParameter, "t");
}

function fail({ visitKey, suffix }: Setup, visit: PageVisit, cause: unknown): never {
  const { ctx, action } = visit;
  visit.hasFailed = true;
  visit.diagnostics?.set("Exception", cause instanceof Error ? cause.message : String(cause));
  ctx.set(visitKey, visit);
  tellRoom(visit);
  if (action?.kind === "queue") {
    ctx.set(fallbackLocation, queueLocation(action, visit, "") + suffix);
    tellReturn(visit);
  }
  try {
    const kept = visit.carryOut();
    if (isPromise(kept)) kept.catch(() => {});
  } catch {
    // The failure that is being handled may be the store's own.
  }
  throw cause;
}

/** Answers a script, whose redirect is a header. */
function respond({ suffix }: Setup, ctx: Context, refusal: Refusal): Response | undefined {
  if (refusal.action !== "queue" && refusal.action !== "redirect") return undefined;
  const isOurs = refusal.reason.startsWith("queue-it/") || refusal.location === ctx.get(fallbackLocation);
  if (!isOurs || refusal.reason === "queue-it/clean-url" || !ctx.request.headers.get(ajaxHeader)) {
    return undefined;
  }
  const bare = refusal.location.slice(0, refusal.location.length - suffix.length);
  return new Response(null, {
    headers: {
      "x-queueit-redirect": enc(bare) + suffix,
      "access-control-expose-headers": "x-queueit-redirect",
    },
  });
}

/** The headers that a response gets beside the sessions. */
function headers({ visitKey, platformHeader }: Setup, ctx: Context): readonly HeaderChange[] | undefined {
  const visit = ctx.get(visitKey);
  if (visit === undefined) return platformHeader && [platformHeader];
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

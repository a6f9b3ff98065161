import { type Context, type ContextKey, contextKey } from "../../src/context.ts";
import type { Decision, HeaderChange, Refusal } from "../../src/decision.ts";
import { GateError } from "../../src/errors.ts";
import { describeMatch } from "../../src/triggers/matcher.ts";
import { serviceCalls } from "../../src/service.ts";
import { fallbackLocation, tokenStore } from "../../src/tokens/store.ts";
import { promoted, returnParameter, visitorToken, waitingRoom } from "../../src/visit.ts";
import { ajaxHeader, noStore, queueLocation } from "./validation/locations.ts";
import { coreSettings } from "./check-options.ts";
import { type Core, createCore, type Findings, type Verdict, type Visit } from "./validation/connector.ts";
import { debugCookie, debugLifeMs, debugValue } from "./validation/diagnostics.ts";
import { decoded, enc } from "./protocol/encode.ts";
import { PageVisit } from "./page-visit.ts";
import { guardedBy, limited } from "./connector-variants.ts";
import { takeToken } from "./protocol/token-in-url.ts";
import type { QueueItCommon } from "./options.ts";

/** What both providers have in common: a request comes in, a decision goes out. */
export interface Desk {
  readonly core: Core;
  /** Lets a function decide about a request, and carries out what it decided. */
  decide(
    ctx: Context,
    consult: (core: Core, visit: Visit) => Verdict | Promise<Verdict>,
  ): Decision | Promise<Decision>;
  /** Answers a script, whose redirect is a header. */
  respond(ctx: Context, refusal: Refusal): Response | undefined;
  /** The headers that a response gets beside the sessions. */
  headers(ctx: Context): readonly HeaderChange[] | undefined;
}

/** Does once, from checked options, what needs no request. */
export function createDesk(options: QueueItCommon): Desk {
  const core = limited(createCore(coreSettings(options)), options.serviceTimeoutMs ?? 2000);
  const dryCore = harmless(core, true);
  const passiveCore = harmless(core, false);
  const { url, cleanUrl = true, tokenHeader = false, platform, ajaxHosts } = options;
  const suffix = platform === undefined ? "" : `&kupver=${platform.name}-${platform.version}`;
  const connector: HeaderChange | undefined = platform && ["x-queueit-connector", platform.name];
  const hosts = ajaxHosts === undefined ? undefined : new Set(ajaxHosts);
  const slot: ContextKey<PageVisit> = contextKey("Queue-it visit");

  function enter(ctx: Context): PageVisit {
    const store = ctx.get(tokenStore);
    if (store === undefined) throw new GateError("internal", "there is no token store; add cookieTokens()");
    const original = url === undefined ? ctx.href : url(ctx);
    const taken = takeToken(original);
    let { token } = taken;
    if (token === "" && tokenHeader) token = decoded(ctx.request.headers.get("x-queueittoken") ?? "") ?? "";
    return new PageVisit(ctx, store, original, taken.url, token, hosts);
  }

  function conclude(visit: PageVisit, verdict: Verdict): Decision | Promise<Decision> {
    const { ctx } = visit;
    if (ctx.note !== undefined) explain(visit, ctx.note);
    if (visit.findings !== undefined || connector !== undefined) ctx.set(slot, visit);
    if (verdict.queueId) ctx.set(visitorToken, verdict.queueId);
    const decision = decisionOf(visit, verdict);
    tellRoom(visit);
    // Nobody answered for a visitor whom a direct pass let in because it failed.
    if (decision.action === "admit" && verdict.word === "accepted" && verdict.redirectType !== "timeout") {
      ctx.set(promoted, true);
    }
    if (decision.action === "queue") tellReturn(visit);
    if (visit.changes.length === 0) return decision;
    const kept = visit.carryOut();
    return kept instanceof Promise ? kept.then(() => decision) : decision;
  }

  /** Who asks nobody needs no guard, and a page that is fetched in advance asks nobody. */
  function coreFor({ ctx, isPassive }: PageVisit): Core {
    if (isPassive && !ctx.dryRun) return passiveCore;
    const guard = ctx.get(serviceCalls);
    const own = ctx.dryRun ? dryCore : core;
    return guard === undefined ? own : guardedBy(own, guard);
  }

  function tellRoom({ ctx, action, match }: PageVisit): void {
    if (action?.kind === "queue") ctx.set(waitingRoom, action.room.id);
    // A page of an integration that cannot be used is in no room where anybody has a place. Visitors choose to go there.
    else if (action === undefined && match !== undefined) ctx.set(waitingRoom, "");
  }

  /** A page that was asked for comes back in this parameter; a target that the configuration names does not change. */
  function tellReturn({ ctx, action }: PageVisit): void {
    if (action?.kind === "queue" && action.target === undefined) ctx.set(returnParameter, "t");
  }

  function decisionOf(visit: PageVisit, { word, location }: Verdict): Decision {
    if (location !== "") {
      const action = word === "queued" || word === "sessionstate" || isError(word) ? "queue" : "redirect";
      return { action, reason: `queue-it/${word}`, location: location + suffix, headers: noStore };
    }
    if (cleanUrl && visit.url !== visit.originalUrl && visit.action?.kind === "queue") {
      return { action: "redirect", reason: "queue-it/clean-url", location: visit.url, headers: noStore };
    }
    return admissions[word] ?? { action: "admit", reason: `queue-it/${word}` };
  }

  function fail(visit: PageVisit, cause: unknown): never {
    const { ctx, action } = visit;
    visit.hasFailed = true;
    visit.findings?.set("Exception", cause instanceof Error ? cause.message : String(cause));
    ctx.set(slot, visit);
    tellRoom(visit);
    if (action?.kind === "queue") {
      ctx.set(fallbackLocation, queueLocation(action, visit, "") + suffix);
      tellReturn(visit);
    }
    try {
      const kept = visit.carryOut();
      if (kept instanceof Promise) kept.catch(() => {});
    } catch {
      // The failure that is being handled may be the store's own.
    }
    throw cause;
  }

  return {
    core,

    decide(ctx, consult) {
      const visit = enter(ctx);
      try {
        const verdict = consult(coreFor(visit), visit);
        if (!(verdict instanceof Promise)) return concluded(visit, verdict);
        return verdict.then((verdict) => conclude(visit, verdict)).catch((cause) => fail(visit, cause));
      } catch (cause) {
        return fail(visit, cause);
      }
    },

    respond(ctx, refusal) {
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
    },

    headers(ctx) {
      const visit = ctx.get(slot);
      if (visit === undefined) return connector && [connector];
      const changes: HeaderChange[] = [];
      if (connector !== undefined) changes.push(connector);
      if (visit.hasFailed) changes.push(["x-queueit-failed", "true"]);
      if (visit.findings !== undefined) changes.push(debugHeader(visit.findings, visit.nowMs));
      return changes;
    },
  };

  /** As {@linkcode conclude}, and what a store that takes its time throws is a failure as well. */
  function concluded(visit: PageVisit, verdict: Verdict): Decision | Promise<Decision> {
    const decision = conclude(visit, verdict);
    return decision instanceof Promise ? decision.catch((cause) => fail(visit, cause)) : decision;
  }
}

/** What a visitor who may go on is told, made once. */
const admissions: Readonly<Partial<Record<Verdict["word"], Decision>>> = {
  accepted: { action: "admit", reason: "queue-it/accepted" },
  ignored: { action: "admit", reason: "queue-it/ignored" },
  "no-match": { action: "admit", reason: "queue-it/no-match" },
};

function isError(word: Verdict["word"]): boolean {
  return word === "hash" || word === "eventid" || word === "timestamp" || word === "ip" ||
    word === "qidlimit";
}

function debugHeader(findings: Findings, nowMs: number): HeaderChange {
  const expires = new Date(nowMs + debugLifeMs).toUTCString();
  return [
    "set-cookie",
    `${debugCookie}=${encodeURIComponent(debugValue(findings))}; Path=/; Expires=${expires}`,
  ];
}

/** Says by what a visit was decided, and who was not asked for the sake of the explanation. */
function explain({ match, action }: PageVisit, note: (remark: string) => void): void {
  if (match !== undefined) note(describeMatch(match));
  if (action?.kind === "queue" && action.verifies) {
    note("the service that counts the use of queue ids was not asked; it is taken to agree");
  }
}

/**
 * A core that asks nobody for anything: none of it can be taken back.
 *
 * @param allows Whether a visit that would be counted counts as allowed. For a page that is served it must not.
 */
function harmless(core: Core, allows: boolean): Core {
  return {
    ...core,
    verifyAction: core.verifyAction && (() => allows),
    directPass: undefined,
    // Asked for nothing, it still shows whether it could be asked.
    enqueueToken: allows && core.enqueueToken ? () => undefined : undefined,
  };
}

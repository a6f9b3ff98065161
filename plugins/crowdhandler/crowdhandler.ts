import { isPromise } from "../../src/async/maybe-promise.ts";
import { type ContextKey, contextKey } from "../../src/context.ts";
import type { Decision } from "../../src/decision.ts";
import type { Outcome, Provider } from "../../src/plugin.ts";
import type { Health } from "../../src/health.ts";
import { checkCrowdhandlerOptions } from "./check-options.ts";
import { decideInFullMode } from "./modes/full.ts";
import { decideInHybridMode } from "./modes/hybrid.ts";
import {
  createModeParts,
  failureOf,
  keepAfterFailure,
  type PageRequest,
  readPageRequest,
} from "./modes/page-request.ts";
import { sessionOf } from "./session/session.ts";
import { never, SessionSigner } from "./session/signature.ts";
import type { CrowdhandlerOptions } from "./options.ts";
import { crowdhandlerVisit } from "./visit.ts";

/**
 * Creates the CrowdHandler provider. It comes last in the pipeline.
 *
 * Its decisions: `crowdhandler/promoted`, `/unprotected`, `/checkout` (admit), `/queued`, `/lite` (queue),
 * `/clean-url` (redirect), `/url-too-long`, `/passive` (reject), `/cookies-required` and `/agent-required` (respond). A call that fails is a
 * failure with its cause, and the failure policy decides.
 *
 * Protocol: https://www.crowdhandler.com/docs, and the public integrations of CrowdHandler.
 *
 * @param options The account's keys and how to use them.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape or `publicKey` is missing.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen, staticFiles } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
 *
 * const gate = createGate({
 *   publicHosts: ["shop.example.com"],
 *   plugins: [
 *     staticFiles({ roots: ["/assets"] }),
 *     cookieTokens(),
 *     failOpen(),
 *     crowdhandler({ publicKey: "your-public-key" }),
 *   ],
 * });
 * ```
 */
export function crowdhandler(options: CrowdhandlerOptions): Provider {
  checkCrowdhandlerOptions(options);
  const parts = createModeParts(options);
  const { mode = "full", privateKey = "", random = Math.random } = options;
  const { sample = 0.2 } = options.performance ?? {};
  const hybrid = mode === "hybrid" ? { ...parts, signer: new SessionSigner(privateKey) } : undefined;
  const own: ContextKey<Decision> = contextKey("decision of CrowdHandler");
  const usesRooms = hybrid !== undefined || parts.needsRooms;
  // The rooms, and the check.
  const callsInTurn = usesRooms ? 2 : 1;

  function decidePage(request: PageRequest): Decision | Promise<Decision> {
    return hybrid === undefined ? decideInFullMode(parts, request) : decideInHybridMode(hybrid, request);
  }

  /** What is kept of a token that was not checked. */
  function unchecked(token: string): string {
    return hybrid === undefined ? token : hybrid.signer.write(sessionOf(token, undefined), never);
  }

  /** Ends a check that failed, once what is known of the visitor is kept. */
  function fail(request: PageRequest, cause: unknown): Promise<never> {
    let kept: void | Promise<void> = undefined;
    try {
      kept = keepAfterFailure(parts, request, unchecked);
    } catch {
      // The failure that is being handled may be the store's own; it is reported, its consequences are not.
    }
    const failure = failureOf(parts, request, cause);
    if (!isPromise(kept)) throw failure;
    const rethrow = () => {
      throw failure;
    };
    return Promise.resolve(kept).then(rethrow, rethrow);
  }

  return {
    name: "crowdhandler",
    final: "decide",
    service: "CrowdHandler",
    publicHosts: options.publicHosts,
    callsInTurn,
    longestMs: callsInTurn * parts.client.timeoutMs,

    decide(ctx, calls): Decision | Promise<Decision> {
      const request = readPageRequest(parts, ctx, calls);
      const decided = (decision: Decision) => {
        ctx.set(own, decision);
        return decision;
      };
      try {
        const decision = decidePage(request);
        if (!isPromise(decision)) return decision;
        return Promise.resolve(decision).then(decided).catch((cause) => fail(request, cause));
      } catch (cause) {
        return fail(request, cause);
      }
    },

    settled(ctx, outcome, calls): void | Promise<void> {
      const visit = ctx.get(crowdhandlerVisit);
      // Somebody else may have let the visitor in, because this check could not be brought to its end.
      const status = outcome.decision === ctx.get(own) ? statusOf(outcome) : undefined;
      if (visit?.responseId === undefined || status === undefined) return;
      // A report must not keep a service busy that is down.
      if (calls.refuses()) return;
      if (random() >= sample) return;
      const { responseId, startedAt, timeMs = ctx.now() - startedAt } = visit;
      return parts.client.record({ responseId, status, timeMs });
    },

    health: () => usesRooms ? healthOf(parts.roomCache.ageMs()) : {},
  };
}

function healthOf(ageMs: number | undefined): Health {
  return { roomsFeedLoaded: ageMs !== undefined, ...(ageMs !== undefined && { roomsFeedAgeMs: ageMs }) };
}

/** The status of a page that was served to an admitted visitor; there is none to an upgraded connection. */
function statusOf(outcome: Outcome): number | undefined {
  if (outcome.decision.action !== "admit") return undefined;
  // Platforms answer for an application that threw.
  return outcome.threw ? 500 : outcome.status;
}

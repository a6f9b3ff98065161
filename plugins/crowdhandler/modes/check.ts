import type { Context } from "../../../src/context.ts";
import { ServiceError } from "../../../src/errors.ts";
import type { Calls } from "../../../src/service.ts";
import { type CheckResult, readResult } from "../api/check-result.ts";
import type { ApiClient } from "../api/client.ts";
import { isAboutAddress, isAboutVisitor } from "../api/refusal.ts";
import { askApplication, checkFactsOf } from "../api/visitor-facts.ts";
import type { CrowdhandlerOptions } from "../options.ts";
import type { PageUrl } from "../page-url.ts";

/** A visit whose visitor is checked. */
export interface CheckedVisit {
  readonly ctx: Context;
  readonly calls: Calls;
  readonly page: PageUrl;
}

/** Asks the service about a visitor. */
export type VisitorCheck = (visit: CheckedVisit, token: string | undefined) => Promise<CheckResult>;

/** For how long it counts that the service took somebody's check, in milliseconds. */
const recentMs = 60_000;

/** The service would not check this one visitor. It is thrown within a call, so that no guard takes it for an answer. */
class VisitorRefused extends ServiceError {}

/**
 * Makes the function that asks about visitors. A refusal for which the visitor alone can be the reason is no failure: the visitor
 * counts as not promoted. One without an address to give is a failure of its own.
 */
export function createVisitorCheck(
  client: ApiClient,
  { visitor, fields }: CrowdhandlerOptions,
  warn: (message: string) => void,
): VisitorCheck {
  let takenAt = Number.NEGATIVE_INFINITY;

  return async ({ ctx, calls, page }, token) => {
    const facts = checkFactsOf(ctx, page, askApplication("visitor", visitor, ctx));
    const further = askApplication("fields", fields, ctx);
    const call = client.check(token, facts, further);

    async function make(signal: AbortSignal): Promise<CheckResult> {
      let result: CheckResult;
      try {
        result = await call.make(signal);
      } catch (cause) {
        const isRecent = Math.abs(ctx.now() - takenAt) < recentMs;
        if (isAboutAddress(cause, facts)) throw unidentified(cause);
        if (isAboutVisitor(cause, { token, facts, further }, isRecent)) {
          throw new VisitorRefused("unidentified", cause.message, { status: cause.status });
        }
        throw cause;
      }
      if (!ctx.dryRun) takenAt = ctx.now();
      return result;
    }

    try {
      return await calls.run({ ...call, make });
    } catch (cause) {
      if (!(cause instanceof VisitorRefused)) throw cause;
      ctx.note?.("the service refused to check this visitor, who counts as not promoted");
      // Browsers say what they are: who does not is no news to the owner.
      if (facts.agent && !ctx.dryRun) warn(newsOf(cause));
      return notPromoted;
    }
  };
}

function unidentified(cause: ServiceError): ServiceError {
  const { message, status } = cause;
  const advice =
    'no client address is known: add clientIp({ trustedProxies, header }), or tell it by "visitor"';
  return new ServiceError("unidentified", `${message}; ${advice}`, { status, cause });
}

/** Says nothing that a visitor can vary. */
function newsOf({ status }: ServiceError): string {
  return `CrowdHandler refused the check of a visitor with HTTP ${status}, who is sent to wait: ` +
    'if that goes on, look at what "visitor" and "fields" tell it';
}

/** What counts for a visitor whom the service refuses to check. */
const notPromoted = readResult('{"result":{"promoted":0}}');

import { chain } from "../async/maybe-promise.ts";
import type { BodyText, Context } from "../context.ts";
import { bodyForms } from "../http/body-views.ts";
import { type RequestFacts, requestFacts } from "./facts.ts";
import type { TriggerMatch, TriggerMatcher } from "./matcher.ts";

/**
 * Compares a request with rules, in every form in which programs may know it. The body is left alone unless a rule that the request
 * comes to depends on it, and one that cannot be read to its end counts as meeting that rule.
 *
 * @returns The rule that is met; `"unread"` for one about a body that could not be read.
 */
export function matchRequest(
  matcher: TriggerMatcher,
  ctx: Context,
): TriggerMatch | "unread" | undefined | Promise<TriggerMatch | "unread" | undefined> {
  const { returnUrl: url, readings, caseSensitive } = ctx;
  const facts = requestFacts(ctx.request, { url, readings, caseSensitive });
  const match = matcher.match(facts);
  if (match !== "needs-body") return match;
  return chain(ctx.body(), (body) => matchBody(matcher, facts, body));
}

function matchBody(
  matcher: TriggerMatcher,
  facts: RequestFacts,
  body: BodyText,
): TriggerMatch | "unread" | undefined {
  for (const form of bodyForms(body.text)) {
    // A form of the body that cannot be had is one that meets every rule about it.
    const match = matcher.match(facts, form, () => true);
    if (typeof match === "object") return match;
  }
  return body.complete ? undefined : "unread";
}

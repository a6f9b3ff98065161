/** What comes when it is known what becomes of a request: the headers of the response, and the work behind it. */

import { isPromise, leave } from "../async/maybe-promise.ts";
import type { HeaderChange } from "../decision.ts";
import { GateError, HookError } from "../errors.ts";
import type { Outcome } from "../plugin.ts";
import type { Machinery } from "./machinery.ts";
import type { RequestContext } from "./request-context.ts";
import { add, none } from "./returned.ts";

/** The changes of the decision, of the tokens that were written, and of all plugins, in this order. */
export function changesOf(
  { pipeline, report }: Machinery,
  ctx: RequestContext,
  outcome: Outcome,
  response: Response | undefined,
  own?: readonly HeaderChange[],
): readonly HeaderChange[] {
  let changes = none;
  try {
    if (own) changes = add(none, own);
  } catch (cause) {
    report(new GateError("internal", "The decision's headers cannot be sent", { cause }));
  }
  try {
    const kept = ctx.openTokens?.headers();
    if (kept) changes = add(changes, kept);
  } catch (cause) {
    report(new GateError("internal", "The visitor's tokens cannot be sent", { cause }));
  }
  for (const { plugin, run } of pipeline.headers) {
    try {
      const more = run(ctx, response, outcome);
      if (more) changes = add(changes, more);
    } catch (cause) {
      report(new HookError(plugin, "headers", cause));
    }
  }
  return changes;
}

/** Runs the `settled` hooks, of which nobody waits for any. */
export function settle(machinery: Machinery, ctx: RequestContext, outcome: Outcome): void {
  const { pipeline, background, report, calls } = machinery;
  for (const step of pipeline.settled) {
    const failed = (cause: unknown) => new HookError(step.plugin, "settled", cause);
    try {
      if (!background.takes(step)) {
        throw new GateError("internal", "dropped, too much work is pending already");
      }
      const work = step.run(ctx, outcome, calls);
      background.note(step, isPromise(work));
      if (!isPromise(work)) continue;
      const watched = background.watch(work, failed);
      leave(ctx.platform.waitUntil?.(watched));
    } catch (cause) {
      report(failed(cause));
    }
  }
}

import type { Context } from "../../src/context.ts";
import { type GateError, HookError } from "../../src/errors.ts";
import type { Outcome } from "../../src/plugin.ts";

/** Knows since when which plugin fails. */
export interface Outages {
  /** Notes a failure, and tells when the outage to which it belongs began, in Unix milliseconds. */
  begin(ctx: Context, failure: GateError): number;
  /** Ends the outages that an outcome proves to be over. */
  end(ctx: Context, outcome: Outcome): void;
}

/** Begins to track outages, one for each plugin that fails. */
export function trackOutages(): Outages {
  const beginnings = new Map<string, number>();
  return {
    begin(ctx, failure) {
      const key = keyOf(failure);
      const since = beginnings.get(key) ?? ctx.now();
      if (!ctx.dryRun) beginnings.set(key, since);
      return since;
    },
    end(ctx, { decision, decidedBy, failure }) {
      if (beginnings.size === 0 || failure !== undefined || ctx.passive) return;
      // Only who knows something of a visitor, or sends one to wait, has done its work: visitors must not end an outage by
      // what they send.
      if (decision.action !== "queue" && decision.facts?.proven === undefined) return;
      for (const key of beginnings.keys()) {
        // Who decided proves nothing about the others, but every `prepare` hook has run before.
        if (key === decidedBy || key.endsWith("/")) beginnings.delete(key);
      }
    },
  };
}

/** The plugin that failed to decide, `plugin/` when it failed to prepare, and `/` when it was none of them. */
function keyOf(failure: GateError): string {
  if (!(failure instanceof HookError)) return "/";
  return failure.hook === "prepare" ? `${failure.plugin}/` : failure.plugin;
}

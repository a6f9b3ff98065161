/**
 * Limits the provider to the requests that rules describe, however many rules there are. The engine is open to
 * plugins of your own, too.
 *
 * @module
 */

import { chain, leave } from "../src/async/maybe-promise.ts";
import { checkFunction, checkOptions } from "../src/options/check.ts";
import { createHostWarning } from "../src/options/untrusted-host.ts";
import type { Context } from "../src/context.ts";
import type { Decision } from "../src/decision.ts";
import type { Decider } from "../src/plugin.ts";
import { matchRequest } from "../src/triggers/match-request.ts";
import { describeMatch, type TriggerMatch, type TriggerReport } from "../src/triggers/matcher.ts";
import { compileRules, type TriggerRule } from "../src/triggers/rules.ts";
export type * from "../src/contract.ts";

export * from "../src/triggers/facts.ts";
export * from "../src/triggers/integrations.ts";
export * from "../src/triggers/matcher.ts";
export * from "../src/triggers/normalize-url.ts";
export * from "../src/triggers/rules.ts";

/** The options of {@linkcode triggers}. */
export interface TriggersOptions {
  /**
   * Is told, at construction, of each rule that is suspicious: it matches everything, or nothing, or never gets its
   * turn because of an earlier one, or has a text that no request has.
   *
   * @default {console.warn, for rules that protect less than they seem to}
   */
  readonly onReport?: (report: TriggerReport) => void;
}

/**
 * Lets a request bypass the gate unless it meets one of the rules. Put it before the provider.
 *
 * A rule is met if it is met by any form in which the application may know the URL, in any case, unless the gate is told
 * that the application is `caseSensitive`.
 *
 * It stays synchronous and leaves the body alone unless a rule that the request comes to depends on the body. That is
 * compared in several forms, as it was sent, as forms and JSON are read, and with its fields in the notation of either, and a
 * rule that one of them meets is met; a text that is not to be in it has to be in the body itself. A body that cannot be read to its
 * end, or whose fields cannot be told, counts as meeting that rule, so that nobody escapes the waiting room by padding it;
 * how much is read is up to `requestBody`.
 *
 * @param rules The rules, in order: the first that is met is the one that `gate.explain` names.
 * @param options Who is told of suspicious rules.
 * @returns The plugin.
 * @throws {TypeError} When a rule or an option has the wrong shape.
 * @throws {RangeError} When a list or a text to be contained is empty, or a name is impossible.
 *
 * @example
 * ```ts
 * import { triggers } from "stanchion/triggers";
 *
 * export const plugin = triggers([
 *   { name: "tickets", any: [{ path: { contains: ["/tickets", "/seats"] } }, { url: { contains: "?buy=" } }] },
 *   { name: "checkout", any: [{ path: { equals: "/checkout" }, cookie: { name: "staff", present: false } }] },
 * ]);
 * ```
 */
export function triggers(rules: readonly TriggerRule[], options: TriggersOptions = {}): Decider {
  checkOptions(subject, options, ["onReport"]);
  const { onReport = warnOf } = options;
  checkFunction(subject, "onReport", onReport);
  const matcher = compileRules(rules, subject);
  const warnOfHost = createHostWarning("triggers");
  matcher.reports.forEach((report) => leave(onReport(report)));

  return {
    name: "triggers",
    decide(ctx) {
      if (matcher.usesHost) warnOfHost(ctx);
      return chain(matchRequest(matcher, ctx), (match) => said(ctx, match));
    },
  };
}

const subject = "triggers plugin";

/** A rule that matches everything shows itself, and one that is shadowed takes nothing away. What protects nothing nobody sees. */
function warnOf({ code, name, message }: TriggerReport): void {
  if (code !== "always" && code !== "shadowed") {
    console.warn(`triggers: rule ${JSON.stringify(name)}: ${message}`);
  }
}

const unmatched: Decision = { action: "bypass", reason: "triggers/unmatched" };

function said(ctx: Context, match: TriggerMatch | "unread" | undefined): Decision | undefined {
  if (match === undefined) return unmatched;
  ctx.note?.(
    match === "unread"
      ? "the body could not be read to its end, so it counts as meeting the rule"
      : describeMatch(match, "rule"),
  );
  return undefined;
}

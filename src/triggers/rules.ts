/**
 * Rules of your own, written in code.
 *
 * @module
 */

import { shapeError, valueError } from "../options/check.ts";
import { compileTriggers } from "./compile.ts";
import type { TriggerMatcher } from "./matcher.ts";
import { Place, readRule } from "./read-rules.ts";
import type { TriggerRule } from "./rule-types.ts";

export type { NamedTest, TextTest, TriggerCondition, TriggerRule } from "./rule-types.ts";

/**
 * Compiles rules written in code.
 *
 * @param rules The rules. The first that a request meets is the match; the others are not looked at.
 * @param subject What the rules are for, for messages.
 * @returns The matcher. With `any`, each condition is a trigger of the match and its tests are the parts; with `all`,
 * there is one trigger and the tests of all conditions are its parts.
 * @throws {TypeError} When a rule has the wrong shape.
 * @throws {RangeError} When a list or a text to be contained is empty, or a name is impossible.
 *
 * @example
 * ```ts
 * import { compileRules, requestFacts } from "stanchion/triggers";
 *
 * const matcher = compileRules([
 *   {
 *     name: "tickets",
 *     any: [
 *       { path: { contains: "/tickets" }, cookie: { name: "staff", present: false } },
 *       { host: { equals: "tickets.shop.example" } },
 *     ],
 *   },
 * ]);
 * matcher.match(requestFacts(new Request("https://shop.example/tickets/7"))); // { name: "tickets", trigger: 0, … }
 * ```
 */
export function compileRules(
  rules: readonly TriggerRule[],
  subject: string = "rule matcher",
): TriggerMatcher {
  if (!Array.isArray(rules)) throw shapeError(subject, "rules", "a list of rules", rules);
  if (rules.length === 0) throw valueError(subject, "rules", "a list with at least one rule", rules);
  return compileTriggers(
    [...rules].map((rule: TriggerRule, index) => readRule(rule, new Place(subject, `rules[${index}]`))),
  );
}

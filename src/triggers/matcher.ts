/**
 * A matcher: triggers compiled once, asked for each request.
 *
 * @module
 */

import type { RequestFacts } from "./facts.ts";

/** The trigger that was the first to hold. */
export interface TriggerMatch {
  /** The place of its integration, or rule, in the list. */
  readonly integration: number;
  /** The name of its integration, or rule; `""` if it has none. */
  readonly name: string;
  /** Its place among the triggers of the integration, or among the conditions of the rule. */
  readonly trigger: number;
  /** The places of the parts by which it holds. */
  readonly parts: readonly number[];
  /**
   * The form of the URL by which it holds, if that is not the URL itself. For a request to an address `*` stands in it for any
   * host that the rules name.
   */
  readonly reading?: string;
}

/**
 * Why a rule is suspicious.
 *
 * | code | what |
 * |---|---|
 * | `damaged` | the structure is broken; an evaluation that gets there skips the integration |
 * | `unknown-validator`, `unknown-operator` | the part never holds |
 * | `unknown-part` | the part looks at nothing: a part of the URL, a cookie or a header that there is not |
 * | `unknown-logic` | the operator of the trigger is neither `And` nor `Or`, and counts as `And` |
 * | `operand-type` | an operand is no text |
 * | `flag-type` | a flag is a text, and each text but the empty one counts as true, also `"false"` |
 * | `impossible` | as it is written, no request has the text: a path with `?`, a host with a scheme or capitals, a blank at an end |
 * | `literal` | the text was hardly meant letter by letter: a glob, a regular expression, a URL in place of a path |
 * | `evadable` | the rule exempts from a later one, and visitors meet it by a header, a cookie or a body of theirs |
 * | `negated-wildcard` | `Contains` with `*` holds for every text, and negation does not change that |
 * | `empty-contains` | every text contains the empty one |
 * | `empty-and` | a trigger without parts holds for every request |
 * | `always` | the integration matches every request |
 * | `never` | the integration, or the trigger, matches no request |
 * | `shadowed` | earlier integrations match whatever this one matches |
 */
export type TriggerReportCode =
  | "damaged"
  | "unknown-validator"
  | "unknown-operator"
  | "unknown-part"
  | "unknown-logic"
  | "operand-type"
  | "flag-type"
  | "impossible"
  | "literal"
  | "evadable"
  | "negated-wildcard"
  | "empty-contains"
  | "empty-and"
  | "always"
  | "never"
  | "shadowed";

/** Something suspicious about a rule, found when it was compiled. */
export interface TriggerReport {
  /** What is suspicious. */
  readonly code: TriggerReportCode;
  /** The place of the integration, or rule, in the list. */
  readonly integration: number;
  /** Its name; `""` if it has none. */
  readonly name: string;
  /** The place of the trigger; `undefined` if the integration as a whole is meant. */
  readonly trigger: number | undefined;
  /** The place of the part; `undefined` if the trigger as a whole is meant. */
  readonly part: number | undefined;
  /** The places of the earlier integrations that shadow this one; otherwise empty. */
  readonly by: readonly number[];
  /** The same in words. */
  readonly message: string;
}

/** A form of a body, such as without its escapes, or the fields of a form as JSON would have them. */
export interface BodyForm {
  /** What is compared by rules that protect. */
  readonly text: string;
  /** The body as it was sent, in which everything must stand that exempts. */
  readonly sent: string;
  /**
   * Whether all of the body is in the form. Otherwise it says nothing of what is not in the body: negated parts of rules
   * that protect are compared with what was sent.
   */
  readonly isReading: boolean;
}

/** Triggers, compiled. */
export interface TriggerMatcher {
  /** What was suspicious when they were compiled, in the order of the rules. */
  readonly reports: readonly TriggerReport[];
  /** Whether any of them looks at the body. */
  readonly usesBody: boolean;
  /**
   * Whether any of them looks at the scheme or the host of the URL. Visitors choose the host that they name: where such
   * rules are in force, the gate has to know the hosts of the site.
   */
  readonly usesHost: boolean;

  /**
   * Finds the first trigger that holds, in the order of the list.
   *
   * Facts with readings are compared in all of them, and the strictest answer counts. The first match that protects wins,
   * that of the canonical form before the others; if there is none, the match is what the rules say of the URL as it was
   * written. What protects is compared in any case and spelling; what exempts, as it stands there.
   *
   * @param facts The facts of the request.
   * @param body The body or a form of it, if it was read; `""` if there is none or nobody may read it.
   * @param assume Given for a body that cannot be read: tells by its place in the list whether an integration counts as
   * matched that depends on it. The others are passed over.
   * @returns The match, `undefined` if there is none, or `"needs-body"` if the result depends on the body, which was
   * left out: read it and ask again, with the same facts.
   */
  match(
    facts: RequestFacts,
    body?: string | BodyForm,
    assume?: (integration: number) => boolean,
  ): TriggerMatch | "needs-body" | undefined;
}

/**
 * Puts a match into words, for remarks and logs.
 *
 * @param match The match.
 * @param noun What the list consists of.
 * @returns Such as `integration 3 ("tickets"), trigger 0, part 1`, and by which form of the URL if that is not its own.
 *
 * @example
 * ```ts
 * import { describeMatch } from "stanchion/triggers";
 *
 * describeMatch({ integration: 3, name: "tickets", trigger: 0, parts: [1] });
 * ```
 */
export function describeMatch(match: TriggerMatch, noun: string = "integration"): string {
  const { integration, name, trigger, parts, reading } = match;
  const which = parts.length === 0 ? "" : `, part${parts.length > 1 ? "s" : ""} ${parts.join(", ")}`;
  // What stands in a query may be nobody's business, in whatever spelling.
  const how = reading === undefined
    ? ""
    : `, by the reading ${JSON.stringify(reading.replace(/\?.*$/s, "?…"))}`;
  return `${noun} ${integration} (${JSON.stringify(name)}), trigger ${trigger}${which}${how}`;
}

/**
 * The one form into which every notation of triggers is brought before it is compiled.
 */

import { type Automaton, buildAutomaton, findsAny } from "./automaton.ts";
import type { RequestFacts } from "./facts.ts";
import type { BodyForm } from "./matcher.ts";
import type { Target } from "./target.ts";

/** Compares a text of the request with others. */
export interface TextPart extends Target {
  readonly kind: "text";
  readonly mode: "equals" | "contains";
  /**
   * One of them must be equal or contained; in upper case where case is ignored. Sorted by code units, distinct, and
   * none is empty if it is to be contained.
   */
  readonly operands: readonly string[];
  /** Whether every text but the empty one matches. */
  readonly wildcard: boolean;
  readonly ignoreCase: boolean;
  readonly negative: boolean;
  /** Whether it looks at the body for a rule that exempts. */
  readonly exempts?: boolean;
  /** Finds the operands when they are many. */
  readonly finder: Automaton | ReadonlySet<string> | undefined;
}

/** A condition. `damaged` is one that cannot be evaluated: whoever reaches it gives its integration up. */
export type Part = TextPart | { readonly kind: "constant"; readonly holds: boolean } | {
  readonly kind: "damaged";
};

/** Parts of which all, or any, must hold. */
export interface Trigger {
  /** The place in the list of the integration's triggers. */
  readonly index: number;
  readonly any: boolean;
  readonly parts: readonly Part[];
}

/** A rule, that is an integration: triggers of which one must hold. */
export interface Rule {
  readonly name: string;
  readonly triggers: readonly Trigger[];
}

/** What an evaluation came to. The last two: the body is needed to tell, and the integration is to be given up. */
export const no = 0;
export const yes = 1;
export const needsBody = 2;
export const damaged = 3;
export type Verdict = typeof no | typeof yes | typeof needsBody | typeof damaged;

/** Beyond this many operands a part gets a finder. */
const many = 8;

/** Makes a part; one whose result does not depend on the request becomes a constant. */
export function textPart(
  target: Target,
  mode: "equals" | "contains",
  texts: readonly string[],
  options: { readonly wildcard?: boolean; readonly ignoreCase: boolean; readonly negative: boolean },
): Part {
  const { wildcard = false, ignoreCase, negative } = options;
  const operands = [...new Set(ignoreCase ? texts.map((text) => text.toUpperCase()) : texts)].sort();
  if (mode === "contains" && operands.includes("")) return constant(!negative);
  if (operands.length === 0 && !wildcard) return constant(negative);
  const finder = operands.length <= many
    ? undefined
    : mode === "equals"
    ? new Set(operands)
    : buildAutomaton(operands);
  return { kind: "text", ...target, mode, operands, wildcard, ignoreCase, negative, finder };
}

/** A part that always gives the same result. */
export function constant(holds: boolean): Part {
  return { kind: "constant", holds };
}

/** Tells whether a part looks at the URL only. */
export function isOfUrl(part: Part): part is TextPart {
  if (part.kind !== "text") return false;
  const { subject } = part;
  return subject === "url" || subject === "path" || subject === "host" || subject === "hostname";
}

/** Tells what a part gives for a text, which is in upper case where case is ignored. */
export function compare(part: TextPart, text: string): boolean {
  return found(part, text) !== part.negative;
}

/** The body, or a form of it, if it is known; as {@linkcode TriggerMatcher} is asked. */
export type Body = string | BodyForm | undefined;

/** Evaluates a trigger. A body that is `undefined` is not known yet. */
export function evaluate(trigger: Trigger, facts: RequestFacts, body: Body): Verdict {
  let open = false;
  for (const part of trigger.parts) {
    const verdict = evaluatePart(part, facts, body);
    if (verdict === needsBody) open = true;
    else if (verdict === damaged) return open ? needsBody : damaged;
    // What the body says does not matter when another part settles it.
    else if ((verdict === yes) === trigger.any) return verdict;
  }
  if (open) return needsBody;
  return trigger.any ? no : yes;
}

/** The places of the parts by which a trigger holds: the first that does, or all of them. */
export function decisive(trigger: Trigger, facts: RequestFacts, body: Body): readonly number[] {
  if (!trigger.any) return trigger.parts.map((_, index) => index);
  const first = trigger.parts.findIndex((part) => evaluatePart(part, facts, body) === yes);
  // None does where it is only assumed that the body would.
  return first === -1 ? [] : [first];
}

function evaluatePart(part: Part, facts: RequestFacts, body: Body): Verdict {
  if (part.kind === "constant") return part.holds ? yes : no;
  if (part.kind === "damaged") return damaged;
  if (part.subject === "body" && body === undefined) return needsBody;
  const text = facts.text(part, part.ignoreCase, typeof body === "object" ? formFor(part, body) : body);
  return compare(part, text) ? yes : no;
}

/** What is to exempt a request has to stand in the body that was sent; what is not in a notation may be in the body all the same. */
function formFor({ negative, exempts }: TextPart, { text, sent, isReading }: BodyForm): string {
  const isOfSent = exempts === true ? !negative : negative && !isReading;
  return isOfSent ? sent : text;
}

function found(part: TextPart, text: string): boolean {
  const { mode, operands, finder } = part;
  if (part.wildcard && text !== "") return true;
  if (finder !== undefined) {
    return finder instanceof Set ? finder.has(text) : findsAny(finder as Automaton, text);
  }
  for (const operand of operands) {
    if (mode === "equals" ? text === operand : text.includes(operand)) return true;
  }
  return false;
}

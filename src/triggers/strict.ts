/**
 * Rules for an application of which it is not known in which form it reads a URL.
 *
 * A part that protects, of a rule that protects or negated in one that exempts, compares in every way in which a program
 * may: in any case, by any scheme, with any escapes. A part that exempts compares the letters as they are.
 */

import { isOfUrl, type Part, type Rule, type TextPart, textPart, type Trigger } from "./condition.ts";
import { anyHost, forAnyHost, formsOf, namesHost } from "./operand-forms.ts";

/** Rules that were made strict. */
export interface StrictRules {
  readonly rules: readonly Rule[];
  /** Whether the rules as they are written have the last word: where nothing protects, they may not say the same. */
  readonly needsExact: boolean;
}

/** How rules are made strict. */
export interface Strictness {
  /** Whether a rule protects, by its place in the list. */
  readonly protects: (rule: number) => boolean;
  readonly caseSensitive: boolean;
  /** Whether the rules are for requests to an address, whose host says nothing. */
  readonly forAddress: boolean;
}

/** Makes rules strict. What has no other form is not copied. */
export function strictRules(rules: readonly Rule[], strictness: Strictness): StrictRules {
  let needsExact = false;

  function strict(part: Part, protects: boolean): Part {
    if (!isOfUrl(part)) return part;
    const isWide = protects !== part.negative;
    const made = strictPart(part, isWide, strictness);
    // What protects and is met more often changes nothing where it is not met.
    if (made !== part && !(protects && isWide)) needsExact = true;
    return made;
  }

  const made = rules.map((rule, at) => {
    // Whoever comes upon damage gives the rule up: what comes upon it more often protects less.
    if (rule.triggers.some(({ parts }) => parts.at(-1)?.kind === "damaged")) return rule;
    const protects = strictness.protects(at);
    return mapped(rule, (part) => strict(part, protects));
  });
  return { rules: made, needsExact };
}

/** Tells whether any rule looks at the scheme or the host of a URL. */
export function looksAtHost(rules: readonly Rule[]): boolean {
  return rules.some(({ triggers }) => triggers.some(({ parts }) => parts.some(isOfHost)));
}

/** Tells whether a part looks at the scheme or the host of a URL. */
export function isOfHost(part: Part): boolean {
  return isOfUrl(part) && part.operands.some((operand) => namesHost(part.subject, operand));
}

function strictPart(part: TextPart, wide: boolean, { caseSensitive, forAddress }: Strictness): Part {
  const { subject, mode, operands, wildcard, negative } = part;
  const ignoreCase = part.ignoreCase || (wide && !caseSensitive);
  const forms = operands.flatMap((operand) => {
    const all = formsOf(subject, operand, { mode, wide });
    return forAddress && wide ? all.map((form) => forAnyHost(subject, form)) : all;
  });
  const isSame = ignoreCase === part.ignoreCase && new Set(forms).size === operands.length && !forAddress;
  return isSame || operands.length === 0
    ? part
    : textPart(part, mode, forms, { wildcard, ignoreCase, negative });
}

function mapped(rule: Rule, change: (part: Part) => Part): Rule {
  const triggers = rule.triggers.map((trigger): Trigger => {
    const parts = trigger.parts.map(change);
    return parts.every((part, at) => part === trigger.parts[at]) ? trigger : { ...trigger, parts };
  });
  return triggers.every((trigger, at) => trigger === rule.triggers[at]) ? rule : { ...rule, triggers };
}

/** A URL in whose host an address stands, or the name of the machine itself: no visitor's, and yet it is served. */
const toAddress = /^https?:\/\/(?:[0-9.]+|\[[^\]/]*\]|(?:[^/?#]+\.)?localhost)\.?(?::[0-9]*)?(?:[/?#]|$)/i;

/** Tells whether a URL names an address in place of a host. */
export function isToAddress(url: string): boolean {
  const end = url.indexOf("/", 8);
  const last = end === -1 ? 0 : url.charCodeAt(end - 1) | 32;
  // Names hardly end like this.
  const isName = last > 96 && last < 123 &&
    (last !== 116 /* t */ || url.slice(end - 9, end).toLowerCase() !== "localhost");
  return !isName && toAddress.test(url);
}

/** Puts {@linkcode anyHost} in the place of a URL's host. */
export function withAnyHost(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/?#]*/i, `$1${anyHost}`);
}

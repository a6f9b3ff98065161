/**
 * Rules for an application of which it is not known in which form it reads a URL.
 *
 * A part that protects, of a rule that protects or negated in one that exempts, compares in every way in which a program
 * may: in any case, by any scheme, with any escapes. A part that exempts compares the letters as they are.
 */

import { needleForms } from "../http/body-views.ts";
import { isOfUrl, type Part, type Rule, type TextPart, textPart, type Trigger } from "./condition.ts";
import { anyHost, forAnyHost, formsOf, namesHost } from "./operand-forms.ts";

/** Rules that were made strict. */
export interface StrictRules {
  readonly rules: readonly Rule[];
  /** Whether the rules as they are written have the last word: where nothing protects, they may name another that exempts. */
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
  const made = rules.map((rule, at) => {
    // Whoever comes upon damage gives the rule up: what comes upon it more often protects less.
    if (rule.triggers.some(({ parts }) => parts.at(-1)?.kind === "damaged")) return rule;
    const protects = strictness.protects(at);
    const triggers = mapped(
      rule.triggers,
      (trigger) =>
        withBodyForms(
          withParts(trigger, (part) => protects !== part.negative ? widened(part, strictness) : part),
          protects,
        ),
    );
    if (triggers === rule.triggers) return rule;
    if (!protects) needsExact = true;
    return { ...rule, triggers };
  });
  return { rules: made, needsExact };
}

/**
 * Gives a trigger of a rule that exempts in the forms in which another program knows its operands: where the URL is
 * decoded, so are they. It says nothing of a URL that the trigger as it is written does not exempt.
 */
export function exemptTrigger(trigger: Trigger, caseSensitive: boolean): Trigger {
  const strictness: Strictness = { protects: () => false, caseSensitive, forAddress: false };
  return withParts(trigger, (part) => {
    if (part.negative) return widened(part, strictness);
    return withOperands(part, formsIn(part, false), part.ignoreCase);
  });
}

/** Tells whether any rule looks at the scheme or the host of a URL. */
export function looksAtHost(rules: readonly Rule[]): boolean {
  return rules.some(({ triggers }) =>
    triggers.some(({ parts }) =>
      parts.some((part) =>
        isOfHost(part) || (isOfUrl(part) && part.operands.some((text) => /^https?:/i.test(text)))
      )
    )
  );
}

/** Tells whether a part looks at the host of a URL. */
export function isOfHost(part: Part): boolean {
  return isOfUrl(part) && part.operands.some((operand) => namesHost(part.subject, operand));
}

/** Compares a part of the URL in every way in which a program may. */
function widened(part: TextPart, { caseSensitive, forAddress }: Strictness): Part {
  const forms = formsIn(part, true);
  const ignoreCase = part.ignoreCase || !caseSensitive;
  if (!forAddress) return withOperands(part, forms, ignoreCase);
  return withOperands(part, forms.map((form) => forAnyHost(part.subject, form)), ignoreCase);
}

function formsIn({ subject, mode, operands }: TextPart, wide: boolean): readonly string[] {
  return operands.flatMap((operand) => formsOf(subject, operand, { mode, wide }));
}

function withOperands(part: TextPart, texts: readonly string[], ignoreCase: boolean): Part {
  const { mode, operands, wildcard, negative } = part;
  const known = new Set(operands);
  const isSame = ignoreCase === part.ignoreCase && texts.every((text) => known.has(text));
  return isSame || operands.length === 0
    ? part
    : textPart(part, mode, texts, { wildcard, ignoreCase, negative });
}

/** Changes the parts of a trigger that look at the URL. */
function withParts(trigger: Trigger, change: (part: TextPart) => Part): Trigger {
  const parts = mapped(trigger.parts, (part) => isOfUrl(part) ? change(part) : part);
  return parts === trigger.parts ? trigger : { ...trigger, parts };
}

/** What is to be in a body, so that a request is protected, is looked for in each of its spellings. */
function withBodyForms(trigger: Trigger, protects: boolean): Trigger {
  const parts = mapped(trigger.parts, (part) => {
    if (part.kind !== "text" || part.subject !== "body") return part;
    const wide = protects !== part.negative
      ? withOperands(part, part.operands.flatMap(needleForms), part.ignoreCase)
      : part;
    return protects || wide.kind !== "text" ? wide : { ...wide, exempts: true };
  });
  return parts === trigger.parts ? trigger : { ...trigger, parts };
}

/** The list itself where nothing of it changes. */
function mapped<T>(list: readonly T[], change: (one: T) => T): readonly T[] {
  const made = list.map(change);
  return made.every((one, at) => one === list[at]) ? list : made;
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

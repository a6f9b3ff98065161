/** Finding rules that match everything or nothing. What it says is true; it does not find every such rule. */

import { isEverywhere } from "./build-index.ts";
import type { Part, Rule, TextPart, Trigger } from "./condition.ts";
import { isHopeless, operandFaults } from "./impossible.ts";
import { partKey, shadows, targetKey } from "./shadow.ts";
import type { TriggerReport, TriggerReportCode } from "./matcher.ts";

/** What a trigger gives for the requests of the web. */
type Nature = "always" | "never" | "depends";

/** How rules are looked at. */
export interface LintOptions {
  /** Whether a rule protects what it matches, by its place: the gate tries other spellings then. */
  readonly protects: (rule: number) => boolean;
  /** Whether others compare the rules letter by letter, and are to find what is meant as well. */
  readonly byTheLetter: boolean;
}

/** Looks at rules that were read. */
export function lint(rules: readonly Rule[], options: LintOptions): TriggerReport[] {
  const reports: TriggerReport[] = [];
  const natures = rules.map(({ triggers }) => triggers.map(natureOf));
  const alive = rules.map(({ triggers }, rule) =>
    triggers.filter((_, at) => natures[rule]?.[at] !== "never")
  );
  const everything = rules.findIndex((rule, at) => matchesAll(rule, natures[at] ?? []));
  const shadow = shadows(rules.map((rule, at) => ({ name: rule.name, triggers: alive[at] ?? [] })));
  for (const [integration, { name, triggers }] of rules.entries()) {
    const tell = (code: TriggerReportCode, message: string, trigger?: number, by: readonly number[] = []) =>
      reports.push({ code, integration, name, trigger, part: undefined, by, message });
    const nature = natures[integration] ?? [];
    for (const trigger of triggers) {
      for (
        const [part, code, message] of faultsOf(trigger, options.protects(integration), options.byTheLetter)
      ) {
        reports.push({ code, integration, name, trigger: trigger.index, part, by: [], message });
      }
    }
    // What exempts only from nothing exempts nobody.
    const exempts = !options.protects(integration) &&
      rules.some((_, at) => at > integration && options.protects(at));
    for (const { index, parts } of exempts ? alive[integration] ?? [] : []) {
      const by = parts.find(isSent);
      if (by !== undefined) {
        tell("evadable", `Visitors meet the rule, and pass, by what they send: ${inWords(by)}`, index);
      }
    }
    if (alive[integration]?.length === 0) {
      tell("never", triggers.length === 0 ? "There is no trigger" : "No trigger ever holds");
      continue;
    }
    for (const [at, trigger] of triggers.entries()) {
      if (nature[at] === "never") tell("never", "The trigger never holds", trigger.index);
    }
    const by = everything !== -1 && everything < integration ? [everything] : shadow[integration] ?? [];
    if (matchesAll({ name, triggers }, nature)) tell("always", "Every request matches");
    if (by.length > 0) {
      tell("shadowed", `Whatever matches was matched before, by integration ${by.join(", ")}`, undefined, by);
    }
  }
  return reports;
}

/** What is wrong with the texts of a trigger, by the places of its parts. */
function faultsOf(
  { parts }: Trigger,
  protects: boolean,
  byTheLetter: boolean,
): readonly (readonly [part: number, code: TriggerReportCode, message: string])[] {
  return parts.flatMap((part, at) => {
    if (part.kind !== "text") return [];
    // What is compared in other spellings as well finds what is meant.
    const isWidened = protects !== part.negative;
    return operandFaults(part)
      .filter(({ kind }) => kind !== "written" || byTheLetter || !isWidened)
      .map(({ kind, operand, why }) => {
        const shown = JSON.stringify(operand.length > 60 ? `${operand.slice(0, 57)}...` : operand);
        const negated = part.negative ? ", which always holds then" : "";
        const what = kind === "never"
          ? `It never matches${negated}`
          : kind === "literal"
          ? "It hardly means what it seems to"
          : `It never matches as it is written${negated}`;
        const words = byTheLetter ? why : inCode(why);
        return [at, kind === "literal" ? "literal" : "impossible", `${what}: ${shown} ${words}`] as const;
      });
  });
}

/** Whether a part looks at what a visitor sends as they like, beside the page that they ask for. */
function isSent(part: Part): part is TextPart {
  if (part.kind !== "text") return false;
  const { subject } = part;
  return subject === "header" || subject === "userAgent" || subject === "cookie" || subject === "body";
}

function inWords({ subject, name }: TextPart): string {
  if (subject === "userAgent") return "the header User-Agent";
  return subject === "body" ? "the body" : `the ${subject} ${JSON.stringify(name.slice(0, 60))}`;
}

/** The words of configurations, as they are in code. */
function inCode(text: string): string {
  return text.replace(
    /\b(?:Page(?=Url|Path)|Is(?=IgnoreCase))(\w)(\w*)/g,
    (_, first, rest) => first.toLowerCase() + rest,
  )
    .replace("Contains", "contains");
}

/** A trigger that always holds, with none before it that could reach damage. */
function matchesAll({ triggers }: Rule, natures: readonly Nature[]): boolean {
  const always = natures.indexOf("always");
  return always !== -1 && !triggers.slice(0, always).some(hasDamage);
}

/** Whoever evaluates the trigger may come upon damage. */
export function hasDamage({ parts }: Trigger): boolean {
  return parts.at(-1)?.kind === "damaged";
}

function natureOf({ any, parts }: Trigger): Nature {
  const natures = parts.map(natureOfPart);
  if (any) {
    if (natures.includes("always") || hasComplement(parts)) return "always";
    return natures.every((nature) => nature === "never") ? "never" : "depends";
  }
  if (natures.includes("never") || hasComplement(parts) || isContradiction(parts)) return "never";
  return natures.every((nature) => nature === "always") ? "always" : "depends";
}

function natureOfPart(part: Part): Nature {
  if (part.kind === "constant") return part.holds ? "always" : "never";
  if (part.kind === "damaged") return "depends";
  if (isHopeless(part)) return part.negative ? "always" : "never";
  if (!isCertain(part)) return "depends";
  return part.negative ? "never" : "always";
}

/** Every request has a URL with a host and a path, and all of them begin alike. */
function isCertain({ subject, mode, operands, wildcard, ignoreCase }: TextPart): boolean {
  if (wildcard) {
    return subject === "url" || subject === "host" || subject === "hostname" || subject === "path";
  }
  if (mode === "equals") return false;
  return operands.some((operand) =>
    (subject === "url" && isEverywhere(operand, ignoreCase)) || (subject === "path" && operand === "/")
  );
}

/** A part and its opposite. Both are evaluated unless damage comes first, which is always last. */
function hasComplement(parts: readonly Part[]): boolean {
  const seen = new Set<string>();
  for (const part of parts) {
    if (part.kind !== "text") continue;
    seen.add(partKey(part));
    if (seen.has(partKey({ ...part, negative: !part.negative }))) return true;
  }
  return false;
}

/** One text that is to equal different ones. */
function isContradiction(parts: readonly Part[]): boolean {
  const possible = new Map<string, readonly string[]>();
  for (const part of parts) {
    if (part.kind !== "text" || part.mode !== "equals" || part.negative) continue;
    const key = targetKey(part, part.ignoreCase);
    const before = possible.get(key);
    const allowed = new Set(part.operands);
    const now = before === undefined ? part.operands : before.filter((operand) => allowed.has(operand));
    if (now.length === 0) return true;
    possible.set(key, now);
  }
  return false;
}

/**
 * Reading integrations of whatever shape: what is damaged or makes no sense is reported, and nothing throws.
 */

import { constant, type Part, type Rule, textPart, type Trigger } from "./condition.ts";
import type { Subject, Target } from "./target.ts";
import type { TriggerReport, TriggerReportCode } from "./matcher.ts";

/** How integrations are read. */
export interface Reading {
  readonly normalization: boolean;
  readonly hostNameWithoutPort: boolean;
  readonly reports: TriggerReport[];
}

type Tell = (code: TriggerReportCode, message: string, trigger?: number, part?: number) => void;

/** Reads one integration, up to the first damage that every evaluation would reach. */
export function readIntegration(integration: unknown, index: number, reading: Reading): Rule {
  const fields = isObject(integration) ? integration : {};
  const name = typeof fields.Name === "string" ? fields.Name : "";
  const triggers: Trigger[] = [];
  const rule: Rule = { name, triggers };
  function tell(code: TriggerReportCode, message: string, trigger?: number, part?: number): void {
    reading.reports.push({ code, integration: index, name, trigger, part, by: [], message });
  }
  if (!isObject(integration)) tell("damaged", "The integration is not an object");
  else if (!Array.isArray(fields.Triggers)) tell("damaged", '"Triggers" is not a list');
  else {
    const normalized = reading.normalization && Boolean(fields.IsNormalizationEnabled);
    tellOfFlags(fields, ["IsNormalizationEnabled"], (message) => tell("flag-type", message));
    for (const [at, trigger] of fields.Triggers.entries()) {
      const read = readTrigger(trigger, at, normalized, reading, tell);
      if (read === undefined) break;
      triggers.push(read);
    }
  }
  return rule;
}

function readTrigger(
  trigger: unknown,
  index: number,
  normalized: boolean,
  reading: Reading,
  tell: Tell,
): Trigger | undefined {
  if (!isObject(trigger)) {
    tell("damaged", "The trigger is not an object", index);
    return undefined;
  }
  if (!Array.isArray(trigger.TriggerParts)) {
    tell("damaged", '"TriggerParts" is not a list', index);
    return undefined;
  }
  const { LogicalOperator } = trigger;
  const any = LogicalOperator === "Or";
  if (!any && LogicalOperator !== "And" && LogicalOperator !== undefined && LogicalOperator !== null) {
    const message = `The LogicalOperator is neither "And" nor "Or", and counts as "And": ${
      inShort(LogicalOperator)
    }`;
    tell("unknown-logic", message, index);
  }
  const parts: Part[] = [];
  for (const [at, raw] of trigger.TriggerParts.entries()) {
    const part = readPart(raw, normalized, reading, (code, message) => tell(code, message, index, at));
    parts.push(part);
    // Nobody gets past the damage, so what follows does not matter.
    if (part.kind === "damaged") break;
  }
  if (!any && parts.length === 0) tell("empty-and", "The trigger has no parts, so it always holds", index);
  // A constant may decide the trigger, and with it whether the damage is ever reached.
  const reaches = (part: Part) => part.kind === "constant" && part.holds !== any;
  if (parts.at(-1)?.kind === "damaged" && parts.slice(0, -1).every(reaches)) return undefined;
  return { index, any, parts };
}

function readPart(
  raw: unknown,
  normalized: boolean,
  reading: Reading,
  tell: (code: TriggerReportCode, message: string) => void,
): Part {
  if (raw === null || raw === undefined) {
    tell("damaged", "The part is missing");
    return { kind: "damaged" };
  }
  const part = isObject(raw) ? raw : {};
  const target = targetOf(part, normalized, reading);
  if (target === undefined) {
    tell(
      "unknown-validator",
      `The part never holds, its validator is unknown: ${inShort(part.ValidatorType)}`,
    );
    return constant(false);
  }
  if (target === "empty") tell("unknown-part", whyEmpty(part));
  tellOfFlags(part, ["IsIgnoreCase", "IsNegative"], (message) => tell("flag-type", message));
  const operator = part.Operator;
  const ignoreCase = Boolean(part.IsIgnoreCase);
  const negative = Boolean(part.IsNegative);
  const mode = operator === "Equals" || operator === "EqualsAny" ? "equals" : "contains";
  if (
    operator !== "Equals" && operator !== "Contains" && operator !== "EqualsAny" && operator !== "ContainsAny"
  ) {
    tell("unknown-operator", `The part never holds, its operator is unknown: ${inShort(operator)}`);
    return constant(false);
  }
  const several = operator === "EqualsAny" || operator === "ContainsAny";
  const list = several ? listOf(part.ValuesToCompare || []) : [part.ValueToCompare || ""];
  if (list === undefined) {
    tell("damaged", '"ValuesToCompare" is not a list');
    return { kind: "damaged" };
  }
  const wildcard = mode === "contains" && list.includes("*");
  if (operator === "Contains" && wildcard && negative) {
    tell("negated-wildcard", "The part always holds: negation does not apply to *");
    return constant(true);
  }
  const texts: string[] = [];
  for (const item of list) {
    if (typeof item !== "string") tell("operand-type", `An operand is not a text: ${inShort(item)}`);
    const text = operandOf(item, mode === "equals" && !ignoreCase);
    if (text === undefined || (wildcard && item === "*")) continue;
    if (text === "" && mode === "contains") tell("empty-contains", "Every text contains the empty one");
    texts.push(text);
  }
  const made = textPart(target === "empty" ? nowhere : target, mode, texts, {
    wildcard,
    ignoreCase,
    negative,
  });
  if (target !== "empty" || made.kind !== "text") return made;
  // There is nothing to look at, so the empty text is compared, once and for all.
  return constant(made.operands.includes("") !== negative);
}

const nowhere: Target = { subject: "body", name: "", normalized: false };

/** What a part looks at: `"empty"` if there never is such a thing, `undefined` if it is unknown. */
function targetOf(
  part: Record<string, unknown>,
  normalized: boolean,
  { hostNameWithoutPort }: Reading,
): Target | "empty" | undefined {
  switch (part.ValidatorType) {
    case "UrlValidator": {
      const subject: Subject | undefined = part.UrlPart === "PageUrl"
        ? "url"
        : part.UrlPart === "PagePath"
        ? "path"
        : part.UrlPart === "HostName"
        ? hostNameWithoutPort ? "hostname" : "host"
        : undefined;
      return subject === undefined ? "empty" : { subject, name: "", normalized };
    }
    case "CookieValidator": {
      const name = part.CookieName;
      return isCookieName(name) ? { subject: "cookie", name, normalized: false } : "empty";
    }
    case "HttpHeaderValidator": {
      const name = part.HttpHeaderName;
      return isHeaderName(name)
        ? { subject: "header", name: name.toLowerCase(), normalized: false }
        : "empty";
    }
    case "UserAgentValidator":
      return { subject: "userAgent", name: "", normalized: false };
    case "RequestBodyValidator":
      return { subject: "body", name: "", normalized: false };
    default:
      return undefined;
  }
}

/** Why there never is what a part looks at. */
function whyEmpty({ ValidatorType, UrlPart, CookieName, HttpHeaderName }: Record<string, unknown>): string {
  const nothing = "The part looks at nothing";
  switch (ValidatorType) {
    case "CookieValidator":
      return `${nothing}: CookieName is no name of a cookie: ${inShort(CookieName)}`;
    case "HttpHeaderValidator":
      return `${nothing}: HttpHeaderName is no name of a header: ${inShort(HttpHeaderName)}`;
    default:
      return `${nothing}: UrlPart must be PageUrl, PagePath or HostName: ${inShort(UrlPart)}`;
  }
}

/** Flags are read as JavaScript does, to which `"false"` is true. */
function tellOfFlags(
  fields: Record<string, unknown>,
  names: readonly string[],
  tell: (message: string) => void,
): void {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === "string" && value !== "") tell(flagMessage(name, value));
  }
}

/** What is said of a flag that is a text. */
export function flagMessage(name: string, value: string): string {
  return `${name} is a text, and each counts as true: ${
    inShort(value)
  }; write true or false without quotation marks`;
}

/** A cookie can have this name: a text without separators and without blanks around it. */
export function isCookieName(name: unknown): name is string {
  return typeof name === "string" && /^[^=;\s](?:[^=;]*[^=;\s])?$/.test(name);
}

/** A header can have this name: a token, as RFC 9110 says. */
export function isHeaderName(name: unknown): name is string {
  return typeof name === "string" && /^[\w!#$%&'*+.^`|~-]+$/.test(name);
}

/** Operands as texts: `undefined` never matches, which is so for null, and for any other kind if it is to be the same. */
function operandOf(item: unknown, strict: boolean): string | undefined {
  if (typeof item === "string") return item;
  if (item === null || item === undefined || strict) return undefined;
  try {
    return String(item);
  } catch {
    return undefined;
  }
}

function listOf(values: unknown): readonly unknown[] | undefined {
  if (typeof values === "string") return Array.from(values);
  return Array.isArray(values) ? values : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function inShort(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value.slice(0, 40))
    : value === null
    ? "null"
    : typeof value;
}

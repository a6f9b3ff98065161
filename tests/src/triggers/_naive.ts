import { normalizeUrl } from "../../../src/triggers/normalize-url.ts";
import type { SimpleRequest } from "./_requests.ts";

/** An answer of a naive evaluation: what matched, `-1` for nothing, or that the body is needed to tell. */
export type NaiveAnswer = { readonly integration: number; readonly trigger: number } | -1 | "needs-body";

type Fields = Readonly<Record<string, unknown>>;
type Truth = boolean | "unknown" | "damaged";

/**
 * Evaluates integrations one after another, straight from the specification and with no thought of speed. A body that
 * is `undefined` is not known.
 */
export function naive(
  integrations: readonly unknown[],
  request: SimpleRequest,
  body: string | undefined,
): NaiveAnswer {
  for (const [integration, raw] of integrations.entries()) {
    const { Triggers, IsNormalizationEnabled } = (raw ?? {}) as Fields;
    if (!Array.isArray(Triggers)) continue;
    const url = (IsNormalizationEnabled ? normalizeUrl(request.url) : "") || request.url;
    for (const [trigger, each] of Triggers.entries()) {
      const truth = triggerTruth(each, { ...request, url }, body);
      if (truth === "damaged") break;
      if (truth === "unknown") return "needs-body";
      if (truth) return { integration, trigger };
    }
  }
  return -1;
}

function triggerTruth(trigger: unknown, request: SimpleRequest, body: string | undefined): Truth {
  const { TriggerParts, LogicalOperator } = (trigger ?? {}) as Fields;
  if (!Array.isArray(TriggerParts)) return "damaged";
  const any = LogicalOperator === "Or";
  let unknown = false;
  for (const part of TriggerParts) {
    const truth = partTruth(part, request, body);
    if (truth === "damaged") return unknown ? "unknown" : "damaged";
    if (truth === any) return any;
    if (truth === "unknown") unknown = true;
  }
  return unknown ? "unknown" : !any;
}

function partTruth(raw: unknown, request: SimpleRequest, body: string | undefined): Truth {
  if (raw === null || raw === undefined) return "damaged";
  const part = raw as Fields;
  const list = part.ValuesToCompare || [];
  const any = part.Operator === "EqualsAny" || part.Operator === "ContainsAny";
  if (body === undefined && part.ValidatorType === "RequestBodyValidator") {
    // A body that makes no difference is not needed.
    const operands = [part.ValueToCompare, ...(Array.isArray(list) || typeof list === "string" ? list : [])]
      .map(String);
    const truths = ["", "\u0001", "*", ...operands].map((each) => partTruth(raw, request, each));
    return truths.every((truth) => truth === truths[0]) ? truths[0] ?? false : "unknown";
  }
  const value = textOf(part, request, body ?? "");
  if (value === undefined) return false;
  if (any && !Array.isArray(list) && typeof list !== "string") return "damaged";
  if (!any && part.Operator !== "Equals" && part.Operator !== "Contains") return false;
  const operand = part.ValueToCompare || "";
  if (part.Operator === "Contains" && operand === "*" && value !== "") return true;
  const contains = part.Operator === "Contains" || part.Operator === "ContainsAny";
  // A text is iterable, too.
  const items: readonly unknown[] = any ? [...list as unknown[]] : [operand];
  const found = items.some((item) => contains ? hasIn(value, item, part) : same(value, item, part));
  return found !== Boolean(part.IsNegative);
}

function hasIn(value: string, item: unknown, part: Fields): boolean {
  if (item === null || item === undefined) return false;
  if (item === "*" && value !== "") return true;
  return part.IsIgnoreCase
    ? value.toUpperCase().includes(String(item).toUpperCase())
    : value.includes(String(item));
}

function same(value: string, item: unknown, part: Fields): boolean {
  if (item === null || item === undefined) return false;
  return part.IsIgnoreCase ? value.toUpperCase() === String(item).toUpperCase() : value === item;
}

/** The text that a part compares; `undefined` for an unknown validator. */
function textOf(part: Fields, request: SimpleRequest, body: string): string | undefined {
  const [, , , authority = "", path = ""] =
    /^(?:([^:/?#]+):)?(\/\/([^/?#]*))?([^?#]*)/.exec(request.url)?.map((group) => group ?? "") ?? [];
  switch (part.ValidatorType) {
    case "UrlValidator":
      return part.UrlPart === "PageUrl"
        ? request.url
        : part.UrlPart === "PagePath"
        ? path
        : part.UrlPart === "HostName"
        ? authority
        : "";
    case "CookieValidator":
      return request.cookies[String(part.CookieName)] ?? "";
    case "HttpHeaderValidator":
      return request.headers[String(part.HttpHeaderName).toLowerCase()] ?? "";
    case "UserAgentValidator":
      return request.headers["user-agent"] ?? "";
    case "RequestBodyValidator":
      return body;
    default:
      return undefined;
  }
}

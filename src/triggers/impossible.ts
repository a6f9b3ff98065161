/**
 * Why a text that a part of a trigger compares can never be there, or hardly ever: characters that no such text has, a text of
 * another part of the URL, blanks that nobody sends, patterns where letters are compared.
 */

import type { TextPart } from "./condition.ts";
import { formsOf, namesHost } from "./operand-forms.ts";

/** What is wrong with an operand. */
export interface OperandFault {
  /**
   * `never`: no request has it, in whatever spelling. `written`: no request has it as it is written; rules that protect are tried
   * in other spellings as well. `blank`: the same of a blank at an end, which nobody means in any spelling. `literal`: it was
   * probably meant for something else.
   */
  readonly kind: "never" | "written" | "blank" | "literal";
  readonly operand: string;
  /** What, in words, to be put behind the operand. */
  readonly why: string;
}

/** Finds what is wrong with the operands of a part, the worst of each. */
export function operandFaults(part: TextPart): readonly OperandFault[] {
  return part.operands.flatMap((operand) => faultOf(part, operand) ?? []);
}

/** Tells whether none of a part's operands can be there, in whatever spelling. */
export function isHopeless(part: TextPart): boolean {
  if (part.wildcard || part.operands.length === 0) return false;
  return part.operands.every((operand) => whyNever(part, operand) !== undefined);
}

function faultOf(part: TextPart, operand: string): OperandFault | undefined {
  const never = whyNever(part, operand);
  if (never !== undefined) return { kind: "never", operand, why: never };
  const written = whyNot(part, operand) ?? whyNotLetters(part, operand);
  if (written !== undefined) {
    return { kind: operand === operand.trim() ? "written" : "blank", operand, why: written };
  }
  const literal = whyLiteral(part, operand);
  return literal === undefined ? undefined : { kind: "literal", operand, why: literal };
}

/** Why no spelling of an operand can be there. */
function whyNever(part: TextPart, operand: string): string | undefined {
  const { subject, mode } = part;
  const isOfUrl = subject === "url" || subject === "path" || subject === "host" || subject === "hostname";
  const why = whyNot(part, operand);
  if (why === undefined || !isOfUrl) return why;
  const forms = formsOf(subject, operand, { mode, wide: true });
  return forms.every((form) => whyNot(part, form) !== undefined) ? why : undefined;
}

/** Why a text can never be there as it is spelled, whatever its case is. */
function whyNot({ subject, mode }: TextPart, text: string): string | undefined {
  switch (subject) {
    case "path":
      if (text.includes("?")) return 'has a "?", and the path ends before it: use PageUrl';
      if (text.includes("#")) return 'has a "#", and what is behind it never reaches a server';
      if (mode === "equals" && text !== "" && !text.startsWith("/")) {
        return /^https?:/i.test(text)
          ? "is a whole URL, and this is its path: use PageUrl"
          : 'does not begin with "/", as every path does';
      }
      return undefined;
    case "url":
      return mode === "equals" && !/^https?:\/\/[^/?#]/i.test(text)
        ? "is no whole URL, which begins with https:// and a host: use Contains, or PagePath"
        : undefined;
    case "host":
    case "hostname":
      return whyNoHost(text);
    case "header":
    case "userAgent":
      // deno-lint-ignore no-control-regex
      if (/[\0-\x08\x0a-\x1f\x7f]|[^\0-\xff]/.test(text)) return "has characters that no header has";
      return mode === "equals" && text !== text.trim()
        ? "has a blank at an end, and headers have none there"
        : undefined;
    case "cookie":
    case "body":
      return undefined;
  }
}

function whyNoHost(text: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    return "has a scheme, and a host is without: write the host alone, or use PageUrl";
  }
  if (text.includes("/")) return 'has a "/", and a host ends before it: use PagePath or PageUrl';
  if (/[?#]/.test(text)) return "has a part of the query, and this is the host: use PageUrl";
  if (/[\0- <>\\^|%\x7f]/.test(text)) return "has a blank or another character that no host has";
  return /[^\0-\x7f]/.test(text) ? "has letters that hosts have as xn--… only" : undefined;
}

/** Why a text can never be there letter by letter. */
function whyNotLetters({ subject, mode, ignoreCase }: TextPart, text: string): string | undefined {
  const isHost = subject === "host" || subject === "hostname";
  if (isHost || subject === "url") {
    const host = isHost ? text : /^(?:[a-z]+:)?\/\/[^/?#]*/i.exec(text)?.[0] ?? "";
    if (!ignoreCase && /[A-Z]/.test(host)) {
      return "has capitals, and hosts are in lower case: set IsIgnoreCase";
    }
    if (/\.(?::\d+)?$/.test(host) && mode === "equals") return "has a dot behind the host";
  }
  if (subject === "hostname" && /^[^[:]+:\d+$/.test(text)) {
    return "has a port, and this is the host without it";
  }
  if (isHost && text.includes("@")) return "has a user before the host, which no browser sends";
  if (subject !== "url" && subject !== "path") {
    const isShort = subject === "cookie" && mode === "equals" && text !== text.trim();
    return isShort ? "has a blank at an end, which cookies hardly ever have" : undefined;
  }
  if (/^https:\/\/[^/?#]*:443(?:[/?#]|$)|^http:\/\/[^/?#]*:80(?:[/?#]|$)/i.test(text)) {
    return "has the default port, which no URL has";
  }
  if (text !== text.trim()) return "has a blank at an end, and a URL has none";
  if (/[\0- \x7f]/.test(text)) {
    return "has a blank or a control character, which stands in a URL as %20 and so on";
  }
  if (text.includes("\\")) return 'has a "\\", which stands in a URL as "/" or %5C';
  if (text.includes("#")) return 'has a "#", and what is behind it never reaches a server';
  if (/\/\.{1,2}\//.test(text)) return "has dot segments, which are resolved before anybody asks for a page";
  return subject === "url" && mode === "equals" && /^https?:\/\/[^/?#]+(?:[?#]|$)/i.test(text)
    ? 'has no "/" behind its host, as every URL has'
    : undefined;
}

/** Why a text may be there, and was hardly meant for what it is compared with. */
function whyLiteral({ subject, mode }: TextPart, text: string): string | undefined {
  const isOfUrl = subject === "url" || subject === "path" || subject === "host" || subject === "hostname";
  if (text === "*" && mode === "equals") return "is the letter * here; Contains of * means any text";
  if (!isOfUrl) return undefined;
  if (text.includes("*")) return "has a *, which stands for itself: only Contains of * alone means any text";
  if (/^\^|\$$|\.\+|\(\?|\\[dwsb]|\[[^\]]*-[^\]]*\]|\([^)]*\|/.test(text)) {
    return "looks like a regular expression, and is compared letter by letter";
  }
  if (/\/:[a-z_]\w*|\{\w+\}/i.test(text)) {
    return "looks like the pattern of a router, and is compared letter by letter";
  }
  if (subject !== "path") return undefined;
  return /^https?:\/\//i.test(text) || (text.includes("/") && namesHost("url", text))
    ? "begins with a host, and this is the path: use PageUrl"
    : undefined;
}

/**
 * Rules of your own, written in code.
 *
 * @module
 */

import { checkBoolean, shapeError, valueError } from "../options/check.ts";
import { compileTriggers } from "./compile.ts";
import { type Part, type Rule, textPart, type Trigger } from "./condition.ts";
import type { Subject } from "./target.ts";
import { isCookieName, isHeaderName } from "./read-integration.ts";
import type { TriggerMatcher } from "./matcher.ts";

/** What a text must be. Exactly one of `equals`, `contains` and `present` is given. */
export interface TextTest {
  /** It is this text, or one of these. */
  readonly equals?: string | readonly string[];
  /** This text, or one of these, is part of it. */
  readonly contains?: string | readonly string[];
  /** There is such a thing and it is not empty; or, if `false`, there is not. */
  readonly present?: boolean;
  /**
   * Whether the opposite is wanted.
   *
   * @default {false}
   */
  readonly not?: boolean;
  /**
   * Whether upper and lower case are the same, which is so for texts with the same `toUpperCase()`. For parts of the URL
   * they are anyway, unless the test is negated or the gate is `caseSensitive`.
   *
   * @default {false}
   */
  readonly ignoreCase?: boolean;
}

/** What the text under a name must be. */
export interface NamedTest extends TextTest {
  /** The name of the cookie, in its exact case, or of the header. */
  readonly name: string;
}

/**
 * What must all be true of a request. What is absent from it counts as the empty text.
 *
 * The URL is tested in every form in which a program may know it: as it was written, decoded, without dot segments and
 * others. A text is found in any case, encoded or not, unless the test is negated: what that lets pass is what is written.
 */
export interface TriggerCondition {
  /** The URL as a whole, by whichever scheme. */
  readonly url?: TextTest;
  /** The URL's path: `/café` or `/caf%C3%A9`. */
  readonly path?: TextTest;
  /** The URL's host with its port, if it is not the default one; a text without port is found on any. */
  readonly host?: TextTest;
  /** The URL's host without port. */
  readonly hostname?: TextTest;
  /** The user agent. */
  readonly userAgent?: TextTest;
  /**
   * The body. It is read only if nothing else settles the matter. {@linkcode triggers} compares it in several forms, as it
   * was sent, as forms and JSON are read, and with its fields in the notation of either.
   */
  readonly body?: TextTest;
  /** A cookie, or several. */
  readonly cookie?: NamedTest | readonly NamedTest[];
  /** A header, or several. */
  readonly header?: NamedTest | readonly NamedTest[];
}

/** A rule that says which requests are meant. Exactly one of `any` and `all` is given. */
export interface TriggerRule {
  /** Its name, for logs and {@linkcode Gate.explain}. */
  readonly name: string;
  /** Conditions of which one must be true. */
  readonly any?: readonly TriggerCondition[];
  /** Conditions that must all be true. */
  readonly all?: readonly TriggerCondition[];
  /**
   * Whether the URL is normalised before it is compared, so that `//a/../%62` is `/b`.
   *
   * @default {false}
   */
  readonly normalize?: boolean;
}

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
    rules.map((rule: TriggerRule, index) => readRule(rule, new Place(subject, `rules[${index}]`))),
  );
}

const textSubjects = ["url", "path", "host", "hostname", "userAgent", "body"] as const;
const namedSubjects = ["cookie", "header"] as const;
const tests: readonly string[] = ["equals", "contains", "present", "not", "ignoreCase"];

/** Where in the rules something stands, for messages. */
class Place {
  readonly subject: string;
  readonly path: string;

  constructor(subject: string, path: string) {
    this.subject = subject;
    this.path = path;
  }

  at(member: string): Place {
    return new Place(this.subject, `${this.path}${member}`);
  }

  /** Refuses what is no object, and members that it does not have. */
  object(value: unknown, must: string, known: readonly string[]): void {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.shape(must, value);
    const unknown = Object.keys(value).find((name) => !known.includes(name));
    if (unknown === undefined) return;
    throw this.shape(`${must} of ${known.join(", ")}`, { [unknown]: "…" });
  }

  shape(must: string, received: unknown): TypeError {
    return shapeError(this.subject, this.path, must, received);
  }

  value(must: string, received: unknown): RangeError {
    return valueError(this.subject, this.path, must, received);
  }
}

function readRule(rule: TriggerRule, place: Place): Rule {
  place.object(rule, "a rule", ["name", "any", "all", "normalize"]);
  const { name, any, all, normalize = false } = rule;
  if (typeof name !== "string") throw place.at(".name").shape("a name", name);
  if (name === "") throw place.at(".name").value("a name", name);
  checkBoolean(place.subject, `${place.path}.normalize`, normalize);
  if ((any === undefined) === (all === undefined)) {
    throw place.shape('a rule with either "any" or "all"', rule);
  }
  const member = any === undefined ? ".all" : ".any";
  const conditions: unknown = any ?? all;
  if (!Array.isArray(conditions)) throw place.at(member).shape("a list of conditions", conditions);
  if (conditions.length === 0) throw place.at(member).value("a list with at least one condition", conditions);
  const parts = conditions.map((condition: TriggerCondition, index) =>
    readCondition(condition, normalize, place.at(`${member}[${index}]`))
  );
  const triggers: Trigger[] = any === undefined
    ? [{ index: 0, any: false, parts: parts.flat() }]
    : parts.map((each, index) => ({ index, any: false, parts: each }));
  return { name, triggers };
}

function readCondition(condition: TriggerCondition, normalized: boolean, place: Place): readonly Part[] {
  place.object(condition, "a condition", [...textSubjects, ...namedSubjects]);
  const parts: Part[] = [];
  for (const subject of textSubjects) {
    const test = condition[subject];
    if (test === undefined) continue;
    const where = place.at(`.${subject}`);
    where.object(test, "a test", tests);
    const ofUrl = subject !== "body" && subject !== "userAgent";
    parts.push(readTest(test, subject, "", normalized && ofUrl, where));
  }
  for (const subject of namedSubjects) {
    const value: NamedTest | readonly NamedTest[] | undefined = condition[subject];
    if (value === undefined) continue;
    // Array.isArray does not tell a readonly list from a single test.
    const list = (Array.isArray(value) ? value : [value]) as readonly NamedTest[];
    if (list.length === 0) throw place.at(`.${subject}`).value("a test or a list of tests", list);
    for (const [index, test] of list.entries()) {
      const where = place.at(Array.isArray(value) ? `.${subject}[${index}]` : `.${subject}`);
      where.object(test, "a test", ["name", ...tests]);
      const possible = subject === "cookie" ? isCookieName(test.name) : isHeaderName(test.name);
      if (typeof test.name !== "string") throw where.at(".name").shape(`the name of a ${subject}`, test.name);
      if (!possible) throw where.at(".name").value(`the name of a ${subject}`, test.name);
      parts.push(
        readTest(test, subject, subject === "header" ? test.name.toLowerCase() : test.name, false, where),
      );
    }
  }
  if (parts.length === 0) throw place.value("a condition with at least one test", condition);
  return parts;
}

function readTest(test: TextTest, subject: Subject, name: string, normalized: boolean, place: Place): Part {
  const { equals, contains, present, not = false, ignoreCase = false } = test;
  checkBoolean(place.subject, `${place.path}.not`, not);
  checkBoolean(place.subject, `${place.path}.ignoreCase`, ignoreCase);
  const given = [equals, contains, present].filter((value) => value !== undefined);
  if (given.length !== 1) throw place.shape('a test with one of "equals", "contains" and "present"', test);
  const target = { subject, name, normalized };
  if (present !== undefined) {
    checkBoolean(place.subject, `${place.path}.present`, present);
    return textPart(target, "contains", [], { wildcard: true, ignoreCase: false, negative: present === not });
  }
  const mode = equals === undefined ? "contains" : "equals";
  const texts: unknown = equals ?? contains;
  const list: readonly unknown[] = Array.isArray(texts) ? texts : [texts];
  const where = place.at(`.${mode}`);
  if (list.length === 0) throw where.value("a text or a list of texts", texts);
  const operands = list.map((text) => {
    if (typeof text !== "string") throw where.shape("a text or a list of texts", text);
    if (text === "" && mode === "contains") throw where.value("a text that is not empty", text);
    return text;
  });
  return textPart(target, mode, operands, { ignoreCase, negative: not });
}

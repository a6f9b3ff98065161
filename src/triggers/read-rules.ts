/** Reads rules that are written in code, and says where in them something is wrong. */

import { checkBoolean, shapeError, valueError } from "../options/check.ts";
import { type Part, type Rule, textPart, type Trigger } from "./condition.ts";
import { isCookieName, isHeaderName } from "./read-integration.ts";
import type { NamedTest, TextTest, TriggerCondition, TriggerRule } from "./rule-types.ts";
import type { Subject } from "./target.ts";

const textSubjects = ["url", "path", "host", "hostname", "userAgent", "body"] as const;
const namedSubjects = ["cookie", "header"] as const;
const tests: readonly string[] = ["equals", "contains", "present", "not", "ignoreCase"];

/** Where in the rules something stands, for messages. */
export class Place {
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

/** Reads a rule. */
export function readRule(rule: TriggerRule, place: Place): Rule {
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
  const parts = [...conditions].map((condition: TriggerCondition, index) =>
    readCondition(condition, normalize, place.at(`${member}[${index}]`))
  );
  const triggers: Trigger[] = (any === undefined ? [parts.flat()] : parts)
    .map((parts, index) => ({ index, any: false, parts }));
  return { name, triggers };
}

/** Reads a condition: the tests that must all hold. */
export function readCondition(
  condition: TriggerCondition,
  normalized: boolean,
  place: Place,
): readonly Part[] {
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
  const given = [equals, contains, present].filter((value) => value !== undefined).length;
  if (given !== 1) throw place.shape('a test with one of "equals", "contains" and "present"', test);
  const target = { subject, name, normalized };
  if (present !== undefined) {
    checkBoolean(place.subject, `${place.path}.present`, present);
    return textPart(target, "contains", [], { wildcard: true, ignoreCase: false, negative: present === not });
  }
  const mode = equals === undefined ? "contains" : "equals";
  const texts: unknown = equals ?? contains;
  // Places that were left out of a list are none of it.
  const list = [texts].flat();
  const where = place.at(`.${mode}`);
  if (list.length === 0) throw where.value("a text or a list of texts", texts);
  const operands = list.map((text) => {
    if (typeof text !== "string") throw where.shape("a text or a list of texts", text);
    if (text === "" && mode === "contains") throw where.value("a text that is not empty", text);
    return text;
  });
  return textPart(target, mode, operands, { ignoreCase, negative: not });
}

/** The one grammar in which a wrong option is reported. */

import { kindOfSecret } from "./secret-kind.ts";

/** What takes options, in words: `crowdhandler plugin`, `gate`, `sandbox`. */
export type Subject = string;

/**
 * Shows a value in a message: short, quoted, never more than 60 characters of what was given, and no password, neither of an address nor
 * in a member of that name: clients of stores keep theirs so.
 */
export function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  // All that JSON knows no word for, and what reads the same there.
  if (typeof value !== "string" && Object(value) !== value) return String(value);
  let text: string | undefined;
  try {
    text = JSON.stringify(value, withoutSecrets);
  } catch {
    // It is shown by its kind.
  }
  text = (text ?? Object.prototype.toString.call(value)).replace(/\/\/.*@/, "//...@");
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Leaves out members that are named as what is secret. */
function withoutSecrets(name: string, value: unknown): unknown {
  return /(?<!by)pass|pwd|secret|token|key|auth|cred|cookie/i.test(name) ? "..." : value;
}

/** The message of a wrong option. */
export function optionMessage(subject: Subject, option: string, must: string, received: unknown): string {
  return `Cannot create ${subject}: "${option}" must be ${must}, received ${show(received)}`;
}

/** An option of the wrong shape. */
export function shapeError(subject: Subject, option: string, must: string, received: unknown): TypeError {
  return new TypeError(optionMessage(subject, option, must, received));
}

/** An option of the right shape and a wrong value. */
export function valueError(subject: Subject, option: string, must: string, received: unknown): RangeError {
  return new RangeError(optionMessage(subject, option, must, received));
}

/** A text that is wrong, and perhaps missing because it comes from an environment which does not know it. */
export function textError(subject: Subject, option: string, must: string, received: unknown): Error {
  const wrong = typeof received === "string" ? RangeError : TypeError;
  // The second is what a template makes of the first.
  const isMissing = received === undefined || received === "undefined";
  const hint = isMissing ? ": is the variable set?" : "";
  return new wrong(optionMessage(subject, option, must, received) + hint);
}

/** A secret that is wrong is never shown, but what kind of thing it is. */
export function secretError(subject: Subject, option: string, must: string, received: unknown): TypeError {
  return new TypeError(
    `Cannot create ${subject}: "${option}" must be ${must}, received ${kindOfSecret(received)}`,
  );
}

/** Refuses options that are not an object, and the names that are not among the known ones. */
export function checkOptions(
  subject: Subject,
  options: unknown,
  known: readonly string[],
  prefix: string = "",
): void {
  if (!isObject(options)) {
    throw new TypeError(`Cannot create ${subject}: options must be an object, received ${show(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new TypeError(
      `Cannot create ${subject}: unknown option "${prefix}${name}", the options are ${known.join(", ")}`,
    );
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Refuses the value of one option. */
export type Rule = (subject: Subject, option: string, value: unknown) => void;

/** Refuses what is no known option, and what breaks the rule of its name; rules are asked in their order. */
export function checkRules<T extends object>(
  subject: Subject,
  options: T,
  rules: Readonly<Record<string, Rule>>,
  prefix: string = "",
): void {
  checkOptions(subject, options, Object.keys(rules), prefix);
  for (const name in rules) {
    // Only names of rules are asked for.
    const value: unknown = options[name as keyof T];
    if (value !== undefined) rules[name]?.(subject, prefix + name, value);
  }
}

/** The rule of a group of options that has rules of its own. */
export function group(rules: Readonly<Record<string, Rule>>, must: string = "an object"): Rule {
  return (subject, option, value) => {
    // Whoever forgot the name of a member, such as that of a secret, gave what belongs to it.
    if (typeof value === "string" || Array.isArray(value)) {
      const kind = typeof value === "string" ? "text" : "list";
      throw new TypeError(
        `Cannot create ${subject}: "${option}" must be ${must}, received a ${kind} (not shown)`,
      );
    }
    if (!isObject(value)) throw shapeError(subject, option, must, value);
    checkRules(subject, value, rules, `${option}.`);
  };
}

/** The rule of a number, as {@linkcode checkNumber} says. */
export function integer(min: number, max?: number): Rule {
  return (subject, option, value) => checkNumber(subject, option, value, min, max);
}

/** The rule of one of a few words. */
export function choice(...choices: readonly unknown[]): Rule {
  return (subject, option, value) => checkChoice(subject, option, value, choices);
}

/** The rule of a text. */
export function text(must: string, accepts: (text: string) => boolean): Rule {
  return (subject, option, value) => checkStrings(subject, option, [value], must, accepts);
}

/** The rule of a list of texts. */
export function texts(must: string, accepts?: (text: string) => boolean): Rule {
  return (subject, option, value) => checkStrings(subject, option, value, must, accepts);
}

/** The rule of what is looked at elsewhere. */
export function anything(): void {}

/** Refuses what is not a finite number within its bounds. */
export function checkNumber(
  subject: Subject,
  option: string,
  value: unknown,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
  integer: boolean = true,
): void {
  const must = `${integer ? "an integer" : "a number"} from ${min} to ${max}`;
  if (typeof value !== "number") throw shapeError(subject, option, must, value);
  if (!(value >= min && value <= max) || (integer && !Number.isInteger(value))) {
    throw valueError(subject, option, must, value);
  }
}

/** Refuses what is not a function. */
export function checkFunction(subject: Subject, option: string, value: unknown): void {
  if (typeof value !== "function") throw shapeError(subject, option, "a function", value);
}

/**
 * Refuses what is not a function, and one that answers by a promise where a value is needed at once: a number is reckoned from it all the
 * same, and is none, without a word. It is not called: a clock or chances of a test would go on by that.
 */
export function checkSyncFunction(subject: Subject, option: string, value: unknown): void {
  checkFunction(subject, option, value);
  if (isSync(value)) return;
  throw new TypeError(
    `Cannot create ${subject}: "${option}" must be ${syncMust}, received an async function`,
  );
}

/** What a function must be whose answer is needed at once. */
export const syncMust = "a function that answers at once, not by a promise";

/** Whether a function answers at once, as far as it can be told: async ones and generators have a tag, and others none. */
export function isSync(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object Function]";
}

/** Refuses what is not one of a few words. */
export function checkChoice(
  subject: Subject,
  option: string,
  value: unknown,
  choices: readonly unknown[],
): void {
  if (choices.includes(value)) return;
  throw valueError(subject, option, `one of ${choices.map(show).join(", ")}`, value);
}

/** Refuses what is not `true` or `false`. */
export function checkBoolean(subject: Subject, option: string, value: unknown): void {
  if (typeof value !== "boolean") throw shapeError(subject, option, "true or false", value);
}

/** Refuses what is not a list of strings, each accepted by `accepts`. */
export function checkStrings(
  subject: Subject,
  option: string,
  value: unknown,
  must: string,
  accepts: (text: string) => boolean = () => true,
): void {
  if (!Array.isArray(value)) throw shapeError(subject, option, must, value);
  for (const item of value) {
    if (typeof item !== "string" || !accepts(item)) throw textError(subject, option, must, item);
  }
}

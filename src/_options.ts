/** The one grammar in which a wrong option is reported. */

/** What takes options, in words: `crowdhandler plugin`, `gate`, `sandbox`. */
export type Subject = string;

/** Shows a value in a message: short, quoted, and never more than 60 characters of what was given. */
export function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (Array.isArray(value) && value.length === 0) return "[]";
  if (typeof value === "bigint" || typeof value === "symbol" || value === undefined) return String(value);
  if (typeof value === "number") return String(value);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = undefined;
  }
  text ??= Object.prototype.toString.call(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
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

/** A secret that is wrong is never shown. */
export function secretError(subject: Subject, option: string, must: string): TypeError {
  return new TypeError(
    `Cannot create ${subject}: "${option}" must be ${must}, received something else (not shown)`,
  );
}

/** Refuses options that are not an object, and the names that are not among the known ones. */
export function checkOptions(subject: Subject, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`Cannot create ${subject}: options must be an object, received ${show(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new TypeError(
      `Cannot create ${subject}: unknown option "${name}", the options are ${known.join(", ")}`,
    );
  }
}

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
    if (typeof item !== "string") throw shapeError(subject, option, must, item);
    if (!accepts(item)) throw valueError(subject, option, must, item);
  }
}

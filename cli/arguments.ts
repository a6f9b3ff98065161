import type { parseArgs } from "node:util";

/** The command line is wrong, or names what cannot be read: exit code 2. */
export class UsageError extends Error {
  /** The name of the class. */
  override readonly name: string = "UsageError";
}

/** An option of a command. */
export interface Option {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
}

/** The options of a command by their names. */
export type Options = Readonly<Record<string, Option>>;

/** What was given to each option. */
export type Values = Readonly<Record<string, readonly string[] | undefined>>;

/** A part of a command line. */
export type Token =
  | {
    readonly kind: "option";
    readonly name: string;
    /** The name as it was written, with its dashes. */
    readonly rawName: string;
    readonly value?: string | undefined;
    readonly inlineValue?: boolean | undefined;
  }
  | { readonly kind: "positional"; readonly value: string }
  | { readonly kind: "option-terminator" };

/** Takes a command line apart. What takes a value is told by the options of all commands; a number below zero is a word, and no option is called so. */
export function tokensOf(
  args: readonly string[],
  options: Options,
  parse: typeof parseArgs,
): readonly Token[] {
  const { tokens } = parse({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const isNumber = (at: number) => /^-\.?\d[\d.]*(?:e\d*)?$/i.test(args[at] ?? "");
  return tokens.flatMap((token, place): Token | readonly Token[] => {
    if (token.kind !== "option" || !isNumber(token.index)) return token;
    // Each of its digits is an option to the parser.
    return token.index === tokens[place - 1]?.index
      ? []
      : { kind: "positional", value: args[token.index] ?? "" };
  });
}

/**
 * Reads the options of a command. What is wrong is told by the name of the option: values may be secrets.
 *
 * @throws {UsageError} When an option is unknown, or has no value, one too many or too many.
 */
export function valuesOf(tokens: readonly Token[], known: Options, command: string): Values {
  const values: Record<string, string[]> = {};
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (option === undefined) {
      throw new UsageError(
        `${command} has no option ${shown(token.rawName, known)}${
          meant(token.name, Object.keys(known), "--")
        }`,
      );
    }
    const list = values[token.name] ??= [];
    list.push(valueOf(token, option));
    if (list.length > 1 && option.multiple !== true) {
      throw new UsageError(`${token.rawName} may be given once`);
    }
  }
  return values;
}

/** The name of an unknown option without what may be the value of another one, as in `--secret-key:value`. */
function shown(rawName: string, known: Options): string {
  const [name = "-"] = /^--?[a-z]*(?:-[a-z]+)*/i.exec(rawName) ?? [];
  const begun = Object.keys(known).map((each) => `--${each}`).filter((each) => name.startsWith(each))
    .sort((one, other) => other.length - one.length)[0];
  const cut = begun ?? name;
  return cut === rawName ? cut : `${cut}…`;
}

function valueOf(
  token: {
    readonly rawName: string;
    readonly value?: string | undefined;
    readonly inlineValue?: boolean | undefined;
  },
  { type }: Option,
): string {
  const { rawName, value, inlineValue } = token;
  if (type === "boolean") {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`);
    return "";
  }
  // `--config --json` has forgotten its file; a number below zero is a value, and refused as one.
  if (value === undefined || (inlineValue === false && /^-(?!\.?\d)./.test(value))) {
    throw new UsageError(`${rawName} needs a value`);
  }
  return value;
}

/** One of a few words, of which the first is the default. */
export function word<const T extends string>(
  values: Values,
  name: string,
  [first, ...others]: readonly [T, ...T[]],
): T {
  const given = values[name]?.[0];
  if (given === undefined) return first;
  const found = [first, ...others].find((each) => each === given);
  if (found === undefined) throw new UsageError(`--${name} must be ${[first, ...others].join(" or ")}`);
  return found;
}

/** A number with its bounds. */
export function numberOf(
  values: Values,
  name: string,
  { usual, least, most, isWhole }: {
    readonly usual: number;
    readonly least: number;
    readonly most: number;
    readonly isWhole: boolean;
  },
): number {
  const given = values[name]?.[0];
  if (given === undefined) return usual;
  const number = Number(given);
  const isFine = (isWhole ? /^\d{1,16}$/ : /^\d{1,16}(?:\.\d{1,16})?$/).test(given) && number >= least &&
    number <= most;
  if (!isFine) {
    throw new UsageError(
      `--${name} must be a ${isWhole ? "whole " : ""}number from ${least} to ${most}, received ${
        shortened(given)
      }`,
    );
  }
  return number;
}

function shortened(text: string): string {
  return text.length > 20 ? `${text.slice(0, 20)}…` : text;
}

/** The page of `--url`. */
export function pageOf(values: Values): string {
  const url = values["url"]?.[0];
  if (url === undefined) throw new UsageError("Which page? --url <url>");
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new UsageError(
      "--url must be an absolute http or https URL, such as https://shop.example.com/tickets",
    );
  }
  const { username, password } = new URL(url);
  if (username !== "" || password !== "") throw new UsageError("--url must be without name and password");
  return url;
}

/** The address of `--address`. */
export function addressOf(values: Values): string | undefined {
  const address = values["address"]?.[0];
  if (address !== undefined && !/^[0-9a-f.:]{2,45}$/i.test(address)) {
    throw new UsageError("--address must be an IP address");
  }
  return address;
}

/** The customer of `--customer-id`. */
export function customerIdOf(values: Values): string | undefined {
  const customerId = values["customer-id"]?.[0];
  if (customerId !== undefined && !/^[\w.-]{1,128}$/.test(customerId)) {
    throw new UsageError("--customer-id must be one word of letters, digits, dots and hyphens");
  }
  return customerId;
}

/** The headers of `--header` and `--cookie`. */
export function headersOf(
  { header: headers = [], cookie: cookies = [] }: Values,
): readonly (readonly [name: string, value: string])[] {
  const pairs = headers.map((text) => {
    const [, name, value = ""] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:[ \t]*([\t -~\x80-\xff]*)$/.exec(text) ??
      [];
    if (name === undefined) throw new UsageError("--header must be written as 'name: value', on one line");
    return [name, value.trimEnd()] as const;
  });
  for (const cookie of cookies) {
    if (!/^[^=\s;,"]+=[!-~ ]*$/.test(cookie)) {
      throw new UsageError("--cookie must be written as 'name=value'");
    }
  }
  const isCookie = ([name]: readonly [string, string]) => name.toLowerCase() === "cookie";
  // Servers hand over one line of cookies, however many there were.
  const line = [...pairs.filter(isCookie).map(([, value]) => value), ...cookies].join("; ");
  return [...pairs.filter((pair) => !isCookie(pair)), ...(line === "" ? [] : [["cookie", line] as const])];
}

/** A hint at the word that somebody may have meant, or at all that there are. */
export function meant(given: string, known: readonly string[], dashes: string): string {
  const near = nearest(given, known);
  return near === undefined
    ? `; there are ${known.map((name) => dashes + name).join(", ")}`
    : `; did you mean ${dashes}${near}?`;
}

/** The word that somebody may have meant; `undefined` where none is near. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const [closest] = known.map((name) => ({ name, far: distance(given, name) })).sort((one, other) =>
    one.far - other.far
  );
  const isNear = closest !== undefined && closest.far <= Math.max(1, Math.floor(given.length / 3));
  return isNear ? closest.name : undefined;
}

/** How many letters must be added, left out, exchanged or swapped with the next to make one word of the other. */
function distance(from: string, to: string): number {
  // What is this long is no slip of a finger.
  if (from.length > 40) return from.length;
  let before: readonly number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      let cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[to.length] ?? 0;
}

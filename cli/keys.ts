import { UsageError, type Values } from "./arguments.ts";
import { textOf } from "./files.ts";
import type { Host } from "./host.ts";

/** Where a key, or another text that nobody else may see, comes from. */
export interface KeySource {
  /** Its name in messages, such as `secret key`. */
  readonly name: string;
  /** The option that takes it. */
  readonly option: string;
  readonly given: string | undefined;
  readonly file: string | undefined;
  /** The variable of the environment that holds it where no option does. */
  readonly variable: string | undefined;
  /** Whether nobody else may know it: others see arguments in the list of processes. */
  readonly isSecret: boolean;
}

/** Finds out where a key comes from: an option, the file of another one, or the environment. */
export function keySourceOf(
  values: Values,
  option: string,
  { isSecret = true, variable }: { readonly isSecret?: boolean; readonly variable?: string } = {},
): KeySource {
  const [given, file] = [values[option]?.[0], values[`${option}-file`]?.[0]];
  if (given !== undefined && file !== undefined) {
    throw new UsageError(`Give either --${option} or --${option}-file`);
  }
  return { name: option.replace("-", " "), option, given, file, variable, isSecret };
}

/**
 * Reads a key.
 *
 * @throws {UsageError} When it is empty, or its file cannot be read. The key is never told.
 */
export async function keyOf(source: KeySource, host: Host): Promise<string | undefined> {
  const { name, option, given, file, variable, isSecret } = source;
  if (given !== undefined && isSecret) {
    host.err(`The ${name} stands in the list of processes and in the shell's history; use --${option}-file`);
  }
  const key = file === undefined
    ? given ?? (variable === undefined ? undefined : host.env(variable))
    : (await textOf(file, host)).replace(/^\ufeff/, "").replace(/\r?\n$/, "");
  if (key === undefined) return undefined;
  if (key.trim() === "") throw new UsageError(`The ${name} is empty: look at ${whereOf(source)}`);
  return key;
}

/** Where a key was taken from, in the words of whoever gave it. */
export function whereOf({ option, given, file, variable }: KeySource): string {
  return given === undefined ? file ?? variable ?? `--${option}` : `--${option}`;
}

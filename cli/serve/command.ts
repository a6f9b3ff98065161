import { type Token, UsageError, type Values, valuesOf } from "../arguments.ts";
import { type KeySource, keySourceOf } from "../keys.ts";
import { fromOptions, type Given, secretOptions, serveOptions } from "./options.ts";

/** `stanchion serve`. */
export interface ServeCommand {
  readonly name: "serve";
  /** The file of the configuration; `undefined` for one that may lie in the working directory. */
  readonly config: string | undefined;
  readonly given: Given;
  readonly secrets: Readonly<Record<keyof typeof secretOptions, KeySource>>;
}

/**
 * Reads the command line of the gateway.
 *
 * @param words What stands behind `serve` without an option.
 * @throws {UsageError} When the arguments are wrong.
 */
export function parseServe(tokens: readonly Token[], words: readonly string[]): ServeCommand {
  const values = valuesOf(tokens, serveOptions, "serve");
  const [extra] = words;
  if (extra !== undefined) {
    const hint = /^https?:/.test(extra)
      ? `did you mean --to ${extra}?`
      : "serve takes options only, such as --to http://localhost:3000";
    throw new UsageError(`What is "${extra}"? ${hint}`);
  }
  const source = (option: keyof typeof secretOptions) => sourceOf(values, option);
  return {
    name: "serve",
    config: values["config"]?.[0],
    given: fromOptions(values),
    secrets: {
      "admin-secret": source("admin-secret"),
      "room-key": source("room-key"),
      "private-key": source("private-key"),
      "secret-key": source("secret-key"),
      "api-key": source("api-key"),
    },
  };
}

function sourceOf(values: Values, option: keyof typeof secretOptions): KeySource {
  return keySourceOf(values, option, { variable: secretOptions[option] });
}

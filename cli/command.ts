import type { parseArgs } from "node:util";
import {
  addressOf,
  customerIdOf,
  headersOf,
  meant,
  type Options,
  pageOf,
  tokensOf,
  UsageError,
  type Values,
  valuesOf,
  word,
} from "./arguments.ts";
import { type KeySource, keySourceOf } from "./keys.ts";
import { type DoctorCommand, doctorOptions, parseDoctor } from "./doctor/command.ts";
import { type LotteryCommand, lotteryOptions, parseLottery } from "./lottery/command.ts";
import { parseRooms, type RoomsCommand, roomsOptions } from "./rooms/command.ts";
import { parseServe, type ServeCommand } from "./serve/command.ts";
import { serveOptions } from "./serve/options.ts";
import { parseSimulate, type SimulateCommand, simulateOptions } from "./simulate/command.ts";

/** How a configuration is read. */
export interface Reading {
  /** Where the configuration is; `-` for the standard input. */
  readonly config: string;
  readonly customerId: string | undefined;
  readonly profile: "v5" | "v3";
  readonly missingActionType: "ignore" | "queue";
  readonly hostNameWithoutPort: boolean;
  readonly json: boolean;
}

/** `stanchion check`. */
export interface CheckCommand extends Reading {
  readonly name: "check";
  readonly strict: boolean;
}

/** `stanchion explain`. */
export interface ExplainCommand extends Reading {
  readonly name: "explain";
  readonly url: string;
  readonly method: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Where the body is. */
  readonly body: string | undefined;
  readonly address: string | undefined;
  readonly secretKey: KeySource;
}

/** What the command line asks for. */
export type Command =
  | CheckCommand
  | ExplainCommand
  | DoctorCommand
  | LotteryCommand
  | RoomsCommand
  | ServeCommand
  | SimulateCommand
  | { readonly name: "version" }
  /** Of which command help is wanted; of all where none is named. */
  | { readonly name: "help"; readonly of?: string | undefined };

const shared = {
  config: { type: "string", short: "c" },
  "customer-id": { type: "string" },
  profile: { type: "string" },
  "missing-action": { type: "string" },
  "host-name-without-port": { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const satisfies Options;

const commands = {
  check: { ...shared, strict: { type: "boolean" } },
  explain: {
    ...shared,
    url: { type: "string" },
    method: { type: "string", short: "X" },
    header: { type: "string", short: "H", multiple: true },
    cookie: { type: "string", short: "b", multiple: true },
    body: { type: "string" },
    address: { type: "string" },
    "secret-key": { type: "string" },
    "secret-key-file": { type: "string" },
  },
} as const satisfies Readonly<Record<string, Options>>;

/**
 * Reads the command line.
 *
 * @param args Arguments without program and script.
 * @param parse `parseArgs` of `node:util`.
 * @returns The command.
 * @throws {UsageError} When the arguments are wrong.
 */
export function parseCommand(args: readonly string[], parse: typeof parseArgs): Command {
  if (args.length === 0) return { name: "help" };
  const tokens = tokensOf(args, {
    ...commands.check,
    ...commands.explain,
    ...doctorOptions,
    ...simulateOptions,
    ...serveOptions,
    ...lotteryOptions,
    ...roomsOptions,
  }, parse);
  const words = tokens.flatMap((token) => token.kind === "positional" ? [token.value] : []);
  const names = tokens.flatMap((token) => token.kind === "option" ? [token.name] : []);
  if (words[0] === "help") return { name: "help", of: words[1] };
  if (names.includes("help")) return { name: "help", of: words[0] };
  if (names.includes("version")) return { name: "version" };
  const [name, extra] = words;
  if (name === undefined) {
    throw new UsageError("Which command: check, explain, doctor, simulate, lottery, rooms or serve?");
  }
  if (name === "doctor") return parseDoctor(tokens, words.slice(1));
  if (name === "serve") return parseServe(tokens, words.slice(1));
  if (name === "simulate") return parseSimulate(tokens, words.slice(1));
  if (name === "lottery") return parseLottery(tokens, words.slice(1));
  if (name === "rooms") return parseRooms(tokens, words.slice(1));
  if (name !== "check" && name !== "explain") {
    throw new UsageError(
      `There is no command "${name}"${
        meant(name, [...Object.keys(commands), "doctor", "simulate", "lottery", "rooms", "serve"], "")
      }`,
    );
  }
  const values = valuesOf(tokens, commands[name], name);
  if (extra !== undefined) {
    const hint = /^https?:/.test(extra) && name === "explain" ? `; did you mean --url ${extra}?` : "";
    throw new UsageError(`What is "${extra}"?${hint}`);
  }
  return name === "check"
    ? { name, ...reading(values), strict: values["strict"] !== undefined }
    : explaining(values);
}

function reading(values: Values): Reading {
  const config = values["config"]?.[0];
  if (config === undefined || config === "") {
    throw new UsageError("Where is the configuration? --config <file>, or --config - for the standard input");
  }
  if (/^https?:/i.test(config)) {
    throw new UsageError("--config takes a file. For an address: curl … | stanchion check --config -");
  }
  return {
    config,
    customerId: customerIdOf(values),
    profile: word(values, "profile", ["v5", "v3"]),
    missingActionType: word(values, "missing-action", ["ignore", "queue"]),
    hostNameWithoutPort: values["host-name-without-port"] !== undefined,
    json: values["json"] !== undefined,
  };
}

function explaining(values: Values): ExplainCommand {
  const url = pageOf(values);
  const secretKey = keySourceOf(values, "secret-key", { variable: "STANCHION_SECRET_KEY" });
  return {
    name: "explain",
    ...reading(values),
    url,
    method: values["method"]?.[0],
    headers: headersOf(values),
    body: values["body"]?.[0],
    address: addressOf(values),
    secretKey,
  };
}

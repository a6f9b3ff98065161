import type { parseArgs } from "node:util";

/** The command line is wrong, or names what cannot be read: exit code 2. */
export class UsageError extends Error {
  /** The name of the class. */
  override readonly name: string = "UsageError";
}

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
  readonly secretKey: string | undefined;
  readonly secretKeyFile: string | undefined;
}

/** What the command line asks for. */
export type Command = CheckCommand | ExplainCommand | { readonly name: "help" | "version" };

interface Option {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
}

const shared = {
  config: { type: "string", short: "c" },
  "customer-id": { type: "string" },
  profile: { type: "string" },
  "missing-action": { type: "string" },
  "host-name-without-port": { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const satisfies Readonly<Record<string, Option>>;

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
} as const satisfies Readonly<Record<string, Readonly<Record<string, Option>>>>;

type Values = Readonly<Record<string, readonly string[] | undefined>>;

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
  const all: Readonly<Record<string, Option>> = { ...commands.check, ...commands.explain };
  const { tokens } = parse({
    args: [...args],
    options: all,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words = tokens.flatMap((token) => token.kind === "positional" ? [token.value] : []);
  const names = tokens.flatMap((token) => token.kind === "option" ? [token.name] : []);
  if (names.includes("help") || words[0] === "help") return { name: "help" };
  if (names.includes("version")) return { name: "version" };
  const [name, extra] = words;
  if (name === undefined) throw new UsageError("Which command: explain or check?");
  if (name !== "check" && name !== "explain") {
    throw new UsageError(`There is no command "${name}"${meant(name, Object.keys(commands), "")}`);
  }
  const known: Readonly<Record<string, Option>> = commands[name];
  const values: Record<string, string[]> = {};
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
    if (option === undefined) {
      throw new UsageError(
        `${name} has no option ${token.rawName}${meant(token.name, Object.keys(known), "--")}`,
      );
    }
    const list = values[token.name] ??= [];
    list.push(valueOf(token, option));
    if (list.length > 1 && option.multiple !== true) {
      throw new UsageError(`${token.rawName} may be given once`);
    }
  }
  if (extra !== undefined) {
    const hint = /^https?:/.test(extra) && name === "explain" ? `; did you mean --url ${extra}?` : "";
    throw new UsageError(`What is "${extra}"?${hint}`);
  }
  return name === "check"
    ? { name, ...reading(values), strict: values["strict"] !== undefined }
    : explaining(values);
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
  // `--config --json` has forgotten its file.
  if (value === undefined || (inlineValue === false && /^-./.test(value))) {
    throw new UsageError(`${rawName} needs a value`);
  }
  return value;
}

function reading(values: Values): Reading {
  const config = values["config"]?.[0];
  if (config === undefined || config === "") {
    throw new UsageError("Where is the configuration? --config <file>, or --config - for the standard input");
  }
  if (/^https?:/i.test(config)) {
    throw new UsageError("--config takes a file. For an address: curl … | stanchion check --config -");
  }
  const customerId = values["customer-id"]?.[0];
  if (customerId !== undefined && !/^[\w.-]{1,128}$/.test(customerId)) {
    throw new UsageError("--customer-id must be one word of letters, digits, dots and hyphens");
  }
  return {
    config,
    customerId,
    profile: word(values, "profile", ["v5", "v3"]),
    missingActionType: word(values, "missing-action", ["ignore", "queue"]),
    hostNameWithoutPort: values["host-name-without-port"] !== undefined,
    json: values["json"] !== undefined,
  };
}

/** One of a few words, of which the first is the default. */
function word<const T extends string>(
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

function explaining(values: Values): ExplainCommand {
  const url = values["url"]?.[0];
  if (url === undefined) throw new UsageError("Which page? --url <url>");
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new UsageError(
      "--url must be an absolute http or https URL, such as https://shop.example.com/tickets",
    );
  }
  const [secretKey, secretKeyFile] = [values["secret-key"]?.[0], values["secret-key-file"]?.[0]];
  if (secretKey !== undefined && secretKeyFile !== undefined) {
    throw new UsageError("Give either --secret-key or --secret-key-file");
  }
  const address = values["address"]?.[0];
  if (address !== undefined && !/^[0-9a-f.:]{2,45}$/i.test(address)) {
    throw new UsageError("--address must be an IP address");
  }
  return {
    name: "explain",
    ...reading(values),
    url,
    method: values["method"]?.[0],
    headers: headersOf(values["header"] ?? [], values["cookie"] ?? []),
    body: values["body"]?.[0],
    address,
    secretKey,
    secretKeyFile,
  };
}

function headersOf(
  headers: readonly string[],
  cookies: readonly string[],
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

/** A hint at the word that somebody may have meant. */
function meant(given: string, known: readonly string[], dashes: string): string {
  const [closest] = known.map((name) => ({ name, far: distance(given, name) })).sort((one, other) =>
    one.far - other.far
  );
  return closest !== undefined && closest.far <= Math.max(1, Math.floor(given.length / 3))
    ? `; did you mean ${dashes}${closest.name}?`
    : `; there are ${known.map((name) => dashes + name).join(", ")}`;
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

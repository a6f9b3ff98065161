import { nearest, type Option, type Options, UsageError, type Values } from "../arguments.ts";

/** How what was written becomes a value of the configuration. */
export type Kind = "text" | "number" | "list" | "proxies" | "flag";

/** Each option of `serve` with the member of the configuration that it sets. The variable of the environment has the same name. */
export const settings: Readonly<Record<string, readonly [member: string, kind: Kind]>> = {
  to: ["to", "text"],
  host: ["host", "text"],
  port: ["port", "number"],
  "admin-host": ["adminHost", "text"],
  "admin-port": ["adminPort", "number"],
  provider: ["provider", "text"],
  rate: ["rate", "number"],
  capacity: ["capacity", "number"],
  "session-minutes": ["sessionMinutes", "number"],
  "opens-at": ["opensAt", "text"],
  protect: ["protect", "list"],
  bypass: ["bypass", "list"],
  assets: ["assets", "list"],
  store: ["store", "text"],
  prefix: ["prefix", "text"],
  "on-failure": ["onFailure", "text"],
  mode: ["mode", "text"],
  "public-host": ["publicHosts", "list"],
  "trusted-proxies": ["trustedProxies", "proxies"],
  "forwarded-host": ["forwardedHost", "flag"],
  "origin-host": ["originHost", "text"],
  "keep-header": ["keepHeaders", "list"],
  "health-path": ["healthPath", "text"],
  "public-key": ["publicKey", "text"],
  "api-url": ["apiUrl", "text"],
  "waiting-room-url": ["waitingRoomUrl", "text"],
  "customer-id": ["customerId", "text"],
  "max-connections": ["maxConnections", "number"],
  "max-origin-connections": ["maxOriginConnections", "number"],
  "answer-seconds": ["answerSeconds", "number"],
  "tunnel-minutes": ["tunnelMinutes", "number"],
  "drain-seconds": ["drainSeconds", "number"],
};

/** Secrets, each with the option of its file. */
export const secretOptions = {
  "admin-secret": "STANCHION_ADMIN_SECRET",
  "room-key": "STANCHION_ROOM_KEY",
  "private-key": "STANCHION_PRIVATE_KEY",
  "secret-key": "STANCHION_SECRET_KEY",
  "api-key": "STANCHION_API_KEY",
} as const;

const text = { type: "string" } as const;

/** The options of `serve`, for whoever takes a command line apart. */
export const serveOptions: Options = {
  ...Object.fromEntries(
    Object.entries(settings).map(([name, [, kind]]): [string, Option] => [
      name,
      kind === "flag" ? { type: "boolean" } : kind === "list" ? { ...text, multiple: true } : text,
    ]),
  ),
  ...Object.fromEntries(Object.keys(secretOptions).flatMap((name) => [[name, text], [`${name}-file`, text]])),
  config: { type: "string", short: "c" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
};

/** A configuration in parts, and where each member of it comes from. */
export interface Given {
  readonly values: Readonly<Record<string, unknown>>;
  /** By the member's name, such as `--rate` or `STANCHION_RATE`. */
  readonly sources: Readonly<Record<string, string>>;
}

/** What the command line sets. */
export function fromOptions(given: Values): Given {
  return collect((name) => given[name], (name) => `--${name}`);
}

/** What the environment sets: lists with commas between. */
export function fromEnvironment(env: (name: string) => string | undefined): Given {
  return collect((name) => {
    const value = env(variableOf(name));
    if (value === undefined || value === "") return undefined;
    const kind = settings[name]?.[1];
    if (kind !== "flag") return kind === "list" ? value.split(",").map((each) => each.trim()) : [value];
    if (value !== "true" && value !== "false") {
      throw new UsageError(`${variableOf(name)} must be true or false, received "${value}"`);
    }
    return [value];
  }, variableOf);
}

/** Variables of other commands. */
const others: readonly string[] = [
  "STANCHION_BOARD",
  "STANCHION_BOARD_SECRET",
  "STANCHION_BY",
  "STANCHION_LOTTERY_SECRET",
];

/**
 * Says of each variable that begins as ours and is none of them which one may have been meant. None is refused for it: some platforms set
 * variables of their own, named after a service. Values may be secrets, and are not shown.
 */
export function unknownVariables(names: readonly string[]): readonly string[] {
  const prefix = "STANCHION_";
  const known = [...Object.keys(settings).map(variableOf), ...Object.values(secretOptions)];
  const rests = known.map((name) => name.slice(prefix.length));
  return names.filter((name) => name.startsWith(prefix) && !known.includes(name) && !others.includes(name))
    .map((name) => {
      const near = nearest(name.slice(prefix.length), rests);
      const hint = near === undefined
        ? "stanchion serve --help has all options"
        : `did you mean ${prefix}${near}?`;
      return `No option has the variable ${name}, which changes nothing; ${hint}`;
    });
}

/** The variable of the environment that stands for an option. */
export function variableOf(option: string): string {
  return `STANCHION_${option.toUpperCase().replaceAll("-", "_")}`;
}

function collect(
  given: (name: string) => readonly string[] | undefined,
  sourceOf: (name: string) => string,
): Given {
  const values: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  for (const [name, [member, kind]] of Object.entries(settings)) {
    const texts = given(name);
    if (texts === undefined) continue;
    values[member] = valueOf(kind, texts);
    sources[member] = sourceOf(name);
  }
  return { values, sources };
}

function valueOf(kind: Kind, texts: readonly string[]): unknown {
  const [first = ""] = texts;
  switch (kind) {
    case "text":
      return first;
    case "list":
      return texts;
    case "flag":
      return first !== "false";
    case "number":
      return numberIn(first);
    case "proxies":
      return /^\d+$/.test(first) ? Number(first) : first.split(",").map((each) => each.trim());
  }
}

/** A number; what is none stays as it was written, and is refused with its name. */
function numberIn(text: string): unknown {
  return /^\d{1,16}(?:\.\d{1,16})?$/.test(text) ? Number(text) : text;
}

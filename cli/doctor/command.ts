import {
  addressOf,
  customerIdOf,
  headersOf,
  meant,
  type Options,
  pageOf,
  type Token,
  UsageError,
  type Values,
  valuesOf,
  word,
} from "../arguments.ts";
import { type KeySource, keySourceOf } from "../keys.ts";

/** What the doctor is told for either service. */
interface DoctorOptions {
  readonly name: "doctor";
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The address of the connection. */
  readonly address: string | undefined;
  readonly trustedProxies: number | readonly string[] | undefined;
  readonly addressHeader: string | undefined;
  readonly token: KeySource;
  /** Whether what opens a place in line may be asked. */
  readonly visit: boolean;
  readonly apiUrl: string | undefined;
  readonly timeoutMs: number;
  readonly json: boolean;
}

/** `stanchion doctor crowdhandler`. */
export interface CrowdhandlerDoctor extends DoctorOptions {
  readonly service: "crowdhandler";
  readonly publicKey: KeySource;
  readonly privateKey: KeySource;
  readonly auth: "x-api-key" | "basic";
  readonly waitingRoomUrl: string | undefined;
}

/** `stanchion doctor queue-it`. */
export interface QueueItDoctor extends DoctorOptions {
  readonly service: "queue-it";
  readonly customerId: string | undefined;
  readonly secretKey: KeySource;
  readonly apiKey: KeySource;
  /** A file, `-` for the standard input, or an address. */
  readonly config: string | undefined;
  readonly profile: "v5" | "v3";
  readonly missingActionType: "ignore" | "queue";
  readonly hostNameWithoutPort: boolean;
}

/** `stanchion doctor`. */
export type DoctorCommand = CrowdhandlerDoctor | QueueItDoctor;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;

const shared: Options = {
  url: text,
  header: { type: "string", short: "H", multiple: true },
  cookie: { type: "string", short: "b", multiple: true },
  address: text,
  "trusted-proxies": text,
  "address-header": text,
  token: text,
  "token-file": text,
  visit: flag,
  "api-url": text,
  "timeout-ms": text,
  json: flag,
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
};

const services: Readonly<Record<DoctorCommand["service"], Options>> = {
  crowdhandler: {
    ...shared,
    "public-key": text,
    "public-key-file": text,
    "private-key": text,
    "private-key-file": text,
    auth: text,
    "waiting-room-url": text,
  },
  "queue-it": {
    ...shared,
    "customer-id": text,
    "secret-key": text,
    "secret-key-file": text,
    "api-key": text,
    "api-key-file": text,
    config: { type: "string", short: "c" },
    profile: text,
    "missing-action": text,
    "host-name-without-port": flag,
  },
};

/** The options of the doctor, for whoever takes a command line apart. */
export const doctorOptions: Options = { ...services.crowdhandler, ...services["queue-it"] };

/**
 * Reads the command line of the doctor. Nothing but the names of options and services is repeated: the rest may be a key.
 *
 * @param words What stands behind `doctor` without an option.
 * @throws {UsageError} When the arguments are wrong.
 */
export function parseDoctor(tokens: readonly Token[], words: readonly string[]): DoctorCommand {
  const [service, extra] = words;
  const known = Object.keys(services);
  if (service === undefined) throw new UsageError(`Which service: ${known.join(" or ")}?`);
  if (service !== "crowdhandler" && service !== "queue-it") {
    // What is far from the name of a service may be anything.
    const hint = meant(service.toLowerCase(), known, "");
    throw new UsageError(`doctor does not know this service${hint}`);
  }
  const values = valuesOf(tokens, services[service], `doctor ${service}`);
  if (extra !== undefined) {
    const hint = /^https?:/.test(extra)
      ? "; is --url missing before it?"
      : "; keys and files have options of their own";
    throw new UsageError(`doctor ${service} takes options only, and there is one word too many${hint}`);
  }
  return service === "crowdhandler" ? crowdhandlerOf(values) : queueItOf(values);
}

function optionsOf(values: Values): DoctorOptions {
  return {
    name: "doctor",
    url: pageOf(values),
    headers: headersOf(values),
    address: addressOf(values),
    trustedProxies: proxiesOf(values),
    addressHeader: values["address-header"]?.[0],
    token: keySourceOf(values, "token", { isSecret: false }),
    visit: values["visit"] !== undefined,
    apiUrl: addressIn(values, "api-url"),
    timeoutMs: timeoutOf(values),
    json: values["json"] !== undefined,
  };
}

function crowdhandlerOf(values: Values): CrowdhandlerDoctor {
  const options = optionsOf(values);
  if (/\/v1$/.test(options.apiUrl ?? "")) throw new UsageError("--api-url must be written without /v1");
  return {
    ...options,
    service: "crowdhandler",
    publicKey: keySourceOf(values, "public-key", { isSecret: false, variable: "STANCHION_PUBLIC_KEY" }),
    privateKey: keySourceOf(values, "private-key", { variable: "STANCHION_PRIVATE_KEY" }),
    auth: word(values, "auth", ["x-api-key", "basic"]),
    waitingRoomUrl: addressIn(values, "waiting-room-url"),
  };
}

function queueItOf(values: Values): QueueItDoctor {
  const config = values["config"]?.[0];
  if (config === "") throw new UsageError("--config needs a file, an address, or - for the standard input");
  if (config !== undefined && /^https?:/i.test(config)) checkAddress("config", config, true);
  return {
    ...optionsOf(values),
    service: "queue-it",
    customerId: customerIdOf(values),
    secretKey: keySourceOf(values, "secret-key", { variable: "STANCHION_SECRET_KEY" }),
    apiKey: keySourceOf(values, "api-key", { variable: "STANCHION_API_KEY" }),
    config,
    profile: word(values, "profile", ["v5", "v3"]),
    missingActionType: word(values, "missing-action", ["ignore", "queue"]),
    hostNameWithoutPort: values["host-name-without-port"] !== undefined,
  };
}

/** An address of a service, without slashes at its end. */
function addressIn(values: Values, option: string): string | undefined {
  const url = values[option]?.[0];
  if (url === undefined) return undefined;
  checkAddress(option, url, false);
  return url.replace(/\/+$/, "");
}

function checkAddress(option: string, url: string, mayHaveQuery: boolean): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isFine = parsed !== undefined && /^https?:\/\/[^\s#]+$/i.test(url) &&
    (mayHaveQuery || !url.includes("?"));
  if (!isFine) {
    throw new UsageError(
      `--${option} must be an absolute http or https URL${mayHaveQuery ? "" : " without query"}`,
    );
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw new UsageError(`--${option} must be without name and password`);
  }
}

function proxiesOf(values: Values): DoctorOptions["trustedProxies"] {
  const given = values["trusted-proxies"]?.[0];
  if (given === undefined) return undefined;
  if (/^\d{1,2}$/.test(given)) return Number(given);
  const list = given.split(",").map((item) => item.trim()).filter((item) => item !== "");
  if (list.length === 0) {
    throw new UsageError(
      "--trusted-proxies must be a number, or addresses and CIDRs with commas between them",
    );
  }
  return list;
}

function timeoutOf(values: Values): number {
  const given = values["timeout-ms"]?.[0] ?? "5000";
  const timeoutMs = Number(given);
  if (!/^\d{1,6}$/.test(given) || timeoutMs < 10 || timeoutMs > 60_000) {
    throw new UsageError("--timeout-ms must be a number of milliseconds from 10 to 60000");
  }
  return timeoutMs;
}

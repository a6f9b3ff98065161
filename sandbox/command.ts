import type { parseArgs } from "node:util";
import { hostnameOf } from "./hosts.ts";
import { parseOptions } from "./parse-options.ts";
import type { SandboxOptions } from "./options.ts";
import type { QueueItOptions } from "./queue-it/options.ts";

/** What the command line asks for. */
export interface Command {
  readonly port: number;
  readonly host: string;
  /** Names by which the sandbox is asked besides those of this machine. */
  readonly allowedHosts: readonly string[];
  readonly options: SandboxOptions;
}

/** What `--help` prints. */
export const USAGE = `Usage: stanchion-sandbox [options]

  --port <number>           Port to listen on; 0 takes any free one (default 4000)
  --host <address>          Address to listen on (default 127.0.0.1)
  --allow-host <name>       A host name to which the sandbox answers besides that address and
                            localhost, such as that of a container or a proxy, repeatable
  --room <key=value,...>    A waiting room, repeatable. Keys are those of a room in the
                            configuration; lists are separated by |
  --queue-it-event <key=value,...>
                            A waiting room of the Queue-it side, in the same way, repeatable
  --return-origin <origin>  Where visitors may be returned to besides the rooms' domains, repeatable
  --connector-url <url>     Where Queue-it's configuration is pushed to
  --config <file.json>      All options as JSON: { "rooms": [...], "queueIt": {...}, ... }
  --help                    This text

  stanchion-sandbox --return-origin http://localhost:8080 \\
    --room slug=hall,domain=https://localhost:8080,patternType=contains,urlPattern=/tickets,crowd=20 \\
    --queue-it-event eventId=hall,domains=https://localhost:8080,path=/tickets,crowd=20

A service without rooms gets one, demo, for https://localhost:8080 with twenty simulated visitors in line.`;

const DEMO_ROOM = {
  title: "Demo",
  crowd: 20,
  message: "This is the sandbox: the visitors ahead of you are simulated.",
};
const DEMO: SandboxOptions = {
  rooms: [{ ...DEMO_ROOM, slug: "demo", domain: "https://localhost:8080" }],
  returnOrigins: ["http://localhost:8080"],
};
const DEMO_QUEUE_IT: QueueItOptions = {
  rooms: [{ ...DEMO_ROOM, eventId: "demo", domains: ["https://localhost:8080"] }],
};

/**
 * Reads the command line.
 *
 * @param args Arguments without program and script.
 * @param readFile Reads the configuration.
 * @param parse `parseArgs` of `node:util`.
 * @returns The command, or `"help"`.
 * @throws An error with `exitCode` 2 if the arguments are wrong.
 */
export function parseCommand(
  args: readonly string[],
  readFile: (path: string) => string,
  parse: typeof parseArgs,
): Command | "help" {
  try {
    const { values } = parse({
      args: [...args],
      options: {
        port: { type: "string", default: "4000" },
        host: { type: "string", default: "127.0.0.1" },
        "allow-host": { type: "string", multiple: true, default: [] },
        room: { type: "string", multiple: true },
        "queue-it-event": { type: "string", multiple: true },
        "return-origin": { type: "string", multiple: true },
        "connector-url": { type: "string" },
        config: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) return "help";
    const port = parsePort(values.port);
    const allowed = values["allow-host"].map(parseHost);
    const { config, room, "queue-it-event": events, "return-origin": returnOrigins } = values;
    const subject = config === undefined ? "Wrong options" : `Wrong configuration in ${config}`;
    const given: Record<string, unknown> = config === undefined ? {} : readConfig(config, readFile);
    if (config === undefined && room === undefined) Object.assign(given, DEMO);
    if (config === undefined && events === undefined) given["queueIt"] = DEMO_QUEUE_IT;
    if (room !== undefined) given["rooms"] = [...list(given["rooms"]), ...room.map(parseRoom)];
    if (events !== undefined) {
      const queueIt = Object(given["queueIt"] ?? {});
      given["queueIt"] = { ...queueIt, rooms: [...list(queueIt.rooms), ...events.map(parseEvent)] };
    }
    if (values["connector-url"] !== undefined) {
      given["queueIt"] = { ...Object(given["queueIt"] ?? {}), connectorUrl: values["connector-url"] };
    }
    if (returnOrigins !== undefined) {
      given["returnOrigins"] = [...list(given["returnOrigins"]), ...returnOrigins];
    }
    const { waitingRoomUrl, queueIt } = parseOptions(given, subject);
    // Under these names browsers reach the rooms, through a proxy.
    const named = [waitingRoomUrl === "" ? "" : new URL(waitingRoomUrl).host, queueIt.queueDomain ?? ""];
    const allowedHosts = [...allowed, ...named.filter((name) => name !== "")];
    // `parseOptions` has just proved the shape.
    return { port, host: values.host, allowedHosts, options: given as SandboxOptions };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw Object.assign(new Error(`${message}\nSee stanchion-sandbox --help.`), { exitCode: 2 });
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new RangeError(`--port must be 0 to 65535, received "${text}"`);
  }
  return port;
}

function parseHost(text: string): string {
  if (hostnameOf(text) === undefined) {
    throw new RangeError(`--allow-host must be a host name such as sandbox.test, received "${text}"`);
  }
  return text;
}

function readConfig(path: string, readFile: (path: string) => string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFile(path));
  } catch (error) {
    throw new TypeError(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new TypeError(`Wrong configuration in ${path}: must be an object`);
  }
  return { ...parsed };
}

/** Reads `slug=hall,capacity=5`. */
function parseRoom(text: string): Record<string, unknown> {
  return parsePairs(text, "--room");
}

/** Reads `eventId=hall,domains=https://a.test|https://b.test`. */
function parseEvent(text: string): Record<string, unknown> {
  return parsePairs(text, "--queue-it-event");
}

/** Reads pairs: numbers become numbers, flags booleans, and what holds several values a list. */
function parsePairs(text: string, flag: string): Record<string, unknown> {
  const room: Record<string, unknown> = {};
  for (const part of text.split(/,(?=[A-Za-z]+=)/)) {
    const at = part.indexOf("=");
    if (at < 1) throw new TypeError(`${flag} must be written as key=value,key=value, received "${text}"`);
    const key = part.slice(0, at);
    const value = part.slice(at + 1);
    // A name may have a comma; a word behind one that is a key has lost its value.
    const [, lost = ""] = /,(\w+)$/.exec(value) ?? [];
    if ([LISTS, NUMERIC, FLAGS].some((keys) => keys.has(lost))) {
      throw new TypeError(`${flag}: "${lost}" needs a value, such as ${lost}=…, received "${text}"`);
    }
    room[key] = LISTS.has(key)
      ? value.split("|")
      : NUMERIC.has(key)
      ? Number(value)
      : FLAGS.has(key)
      ? flagOf(value, `${flag}: "${key}"`)
      : value;
  }
  return room;
}

function flagOf(value: string, what: string): boolean {
  if (value !== "true" && value !== "false") {
    throw new TypeError(`${what} must be true or false, received "${value}"`);
  }
  return value === "true";
}

const NUMERIC: ReadonlySet<string> = new Set([
  "capacity",
  "crowd",
  "fixedCookieMinutes",
  "holdMinutes",
  "queueIdUsageLimit",
  "ratePerMinute",
  "sessionMinutes",
  "timeout",
  "tokenSeconds",
]);
const FLAGS: ReadonlySet<string> = new Set(["bindAddress", "directPass", "requireEnqueueToken"]);
const LISTS: ReadonlySet<string> = new Set(["domains", "priorityCodes"]);

function list(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    throw new TypeError('Wrong configuration: "rooms" and "returnOrigins" must be lists');
  }
  return value;
}

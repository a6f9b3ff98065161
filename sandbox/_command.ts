import type { parseArgs } from "node:util";
import { parseOptions } from "./_parse-options.ts";
import type { SandboxOptions } from "./options.ts";

/** What the command line asks for. */
export interface Command {
  readonly port: number;
  readonly host: string;
  readonly options: SandboxOptions;
}

/** What `--help` prints. */
export const USAGE = `Usage: stanchion-sandbox [options]

  --port <number>           Port to listen on; 0 takes any free one (default 4000)
  --host <address>          Address to listen on (default 127.0.0.1)
  --room <key=value,...>    A waiting room, repeatable. Keys are those of a room in the
                            configuration; lists are separated by |
  --return-origin <origin>  Where visitors may be returned to besides the rooms' domains, repeatable
  --config <file.json>      All options as JSON: { "rooms": [...], "publicKey": ..., ... }
  --help                    This text

  stanchion-sandbox --return-origin http://localhost:8080 \\
    --room slug=hall,domain=https://localhost:8080,patternType=contains,urlPattern=/tickets,crowd=20

Without rooms there is one, demo, for https://localhost:8080 with twenty simulated visitors in line.`;

const DEMO: SandboxOptions = {
  rooms: [{
    slug: "demo",
    title: "Demo",
    domain: "https://localhost:8080",
    crowd: 20,
    message: "This is the sandbox: the visitors ahead of you are simulated.",
  }],
  returnOrigins: ["http://localhost:8080"],
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
        room: { type: "string", multiple: true },
        "return-origin": { type: "string", multiple: true },
        config: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) return "help";
    const port = parsePort(values.port);
    const { config, room, "return-origin": returnOrigins } = values;
    const subject = config === undefined ? "Wrong options" : `Wrong configuration in ${config}`;
    const given: Record<string, unknown> = config === undefined ? {} : readConfig(config, readFile);
    if (config === undefined && room === undefined) Object.assign(given, DEMO);
    if (room !== undefined) given["rooms"] = [...list(given["rooms"]), ...room.map(parseRoom)];
    if (returnOrigins !== undefined) {
      given["returnOrigins"] = [...list(given["returnOrigins"]), ...returnOrigins];
    }
    parseOptions(given, subject);
    // `parseOptions` has just proved the shape.
    return { port, host: values.host, options: given as SandboxOptions };
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

/** Reads `slug=hall,capacity=5`: numbers become numbers, and `priorityCodes` a list. */
function parseRoom(text: string): Record<string, unknown> {
  const room: Record<string, unknown> = {};
  for (const part of text.split(/,(?=[A-Za-z]+=)/)) {
    const at = part.indexOf("=");
    if (at < 1) throw new TypeError(`--room must be written as key=value,key=value, received "${text}"`);
    const key = part.slice(0, at);
    const value = part.slice(at + 1);
    room[key] = key === "priorityCodes" ? value.split("|") : NUMERIC.has(key) ? Number(value) : value;
  }
  return room;
}

const NUMERIC: ReadonlySet<string> = new Set([
  "capacity",
  "crowd",
  "holdMinutes",
  "ratePerMinute",
  "sessionMinutes",
  "timeout",
]);

function list(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    throw new TypeError('Wrong configuration: "rooms" and "returnOrigins" must be lists');
  }
  return value;
}

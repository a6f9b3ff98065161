/**
 * What follows `npm start --`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { ServiceName } from "./providers.ts";
import { storeUrl, withoutSecrets } from "./redis.ts";

/** The text of `--help`. */
export const usage = `Usage: npm start -- [options]

  --provider <name>    waiting-room, crowdhandler or queue-it (waiting-room)
  --store <address>    keeps the waiting room in a Redis, such as redis://127.0.0.1:6379, for two processes of the shop
  --tour               a scripted visitor goes through the waiting room, then the demo ends
  --port <number>      the shop's port (8080; 0 takes any free one); a second process has the next one
  --sandbox-port <n>   of crowdhandler and queue-it: the sandbox's port (4000; 0 takes any free one)
  --crowd <number>     simulated visitors who are ahead of the first (20), up to 5000
  --rate <number>      visitors who are let in per minute (60, or as many as the crowd)
  --opens-in <seconds> of waiting-room: after how long the doors open (0, or 20 for a crowd of 500 and more)
  --help               this text
`;

/** How the demo runs. */
export interface DemoOptions {
  readonly provider: ServiceName | "waiting-room";
  readonly isTour: boolean;
  readonly shopPort: number;
  readonly sandboxPort: number;
  readonly crowd: number;
  readonly ratePerMinute: number;
  /** After how long the doors open, in seconds. */
  readonly opensIn: number;
  readonly storeUrl: string | undefined;
}

/** How many visitors are simulated at most: those of a waiting room of one's own really come. */
const mostReal = 5000;
/** From which crowd on one would see an opening, and after how long that is, in seconds. */
const bigCrowd = 500;
const bigOpensIn = 20;

/**
 * Reads the options.
 *
 * @param args The arguments.
 * @returns The options; `undefined` where help is asked for.
 * @throws {Error} When something is wrong with them. The text tells no password.
 */
export function readOptions(args: readonly string[]): DemoOptions | undefined {
  try {
    return read(args);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const addresses = args.filter((each) => each.includes("@"));
    throw new Error(addresses.reduce((text, each) => text.replaceAll(each, withoutSecrets(each)), message));
  }
}

function read(args: readonly string[]): DemoOptions | undefined {
  const { values } = parseArgs({
    // Some runners hand on the two dashes that separate their arguments from ours.
    args: args.filter((argument, index) => index > 0 || argument !== "--"),
    options: {
      provider: { type: "string", default: "waiting-room" },
      store: { type: "string" },
      tour: { type: "boolean", default: false },
      port: { type: "string" },
      "sandbox-port": { type: "string" },
      crowd: { type: "string" },
      rate: { type: "string" },
      "opens-in": { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const isTour = values.tour === true;
  const provider = providerName(values.provider);
  const isOwn = provider === "waiting-room";
  if (!isOwn && values.store !== undefined) {
    throw new RangeError("--store is for --provider waiting-room: a hosted service keeps its rooms itself");
  }
  if (isOwn && values["sandbox-port"] !== undefined) {
    throw new RangeError(
      "--sandbox-port is for --provider crowdhandler and queue-it: a waiting room of one's own has no sandbox",
    );
  }
  if (!isOwn && values["opens-in"] !== undefined) {
    throw new RangeError("--opens-in is for --provider waiting-room: the sandbox's rooms are open");
  }
  const crowd = number("--crowd", values.crowd, isTour ? 4 : 20, 0, isOwn ? mostReal : 100_000);
  const mostPorts = values.store === undefined ? 65_535 : 65_534;
  return {
    provider,
    isTour,
    storeUrl: values.store === undefined ? undefined : storeUrl(values.store),
    shopPort: number("--port", values.port, isTour ? 0 : 8080, 0, mostPorts),
    sandboxPort: number("--sandbox-port", values["sandbox-port"], isTour ? 0 : 4000, 0, 65_535),
    crowd,
    ratePerMinute: number("--rate", values.rate, Math.max(60, Math.min(mostReal, crowd)), 1, 100_000),
    opensIn: number("--opens-in", values["opens-in"], isOwn && crowd >= bigCrowd ? bigOpensIn : 0, 0, 3600),
  };
}

function providerName(text: string): DemoOptions["provider"] {
  if (text === "waiting-room" || text === "crowdhandler" || text === "queue-it") return text;
  throw new RangeError(`--provider must be waiting-room, crowdhandler or queue-it, received "${text}"`);
}

function number(flag: string, text: string | undefined, fallback: number, min: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${flag} must be an integer from ${min} to ${max}, received "${text}"`);
}

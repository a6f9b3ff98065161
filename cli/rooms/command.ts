import { isLoopback } from "../../src/url/host-name.ts";
import {
  meant,
  numberOf,
  type Options,
  type Token,
  UsageError,
  type Values,
  valuesOf,
} from "../arguments.ts";
import { type KeySource, keySourceOf } from "../keys.ts";

/** What is done to a room by one word, and what is said of it before. */
const modes = {
  pause: ["paused", "Nobody is let in until the room is resumed. Nobody loses a place."],
  drain: ["draining", "No new numbers are given. Who has one is let in as usual."],
  "sold-out": [
    "sold-out",
    "Nobody is let in and no numbers are given. Everybody is told that it is sold out. Who is inside stays.",
  ],
  close: ["closed", "Nobody is let in and no numbers are given. Everybody is told so. Who is inside stays."],
} as const;

/** What is wanted of the board. */
export type Wish =
  | { readonly is: "status" }
  /** `effect` is what somebody should know before. */
  | { readonly is: "mode"; readonly mode: string; readonly effect: string }
  | { readonly is: "resume" }
  | { readonly is: "open"; readonly at: string | undefined }
  | { readonly is: "limit"; readonly limit: "rate" | "capacity"; readonly value: number | string }
  | { readonly is: "note"; readonly text: string };

/** `stanchion rooms`. */
export interface RoomsCommand {
  readonly name: "rooms";
  readonly wish: Wish;
  /** The room; left out where the board has one only. */
  readonly room: string | undefined;
  /** The address of the board, without a slash at its end; left out for that of the environment. */
  readonly board: string | undefined;
  readonly secret: KeySource;
  readonly by: string | undefined;
  /** The revision that somebody saw; left out for the one of now. */
  readonly revision: number | undefined;
  /** Whether nobody is asked once more. */
  readonly isSure: boolean;
  readonly timeoutMs: number;
  readonly json: boolean;
}

const text = { type: "string" } as const;

/** The options of `rooms`, for whoever takes a command line apart. */
export const roomsOptions: Options = {
  board: text,
  secret: text,
  "secret-file": text,
  by: text,
  revision: text,
  yes: { type: "boolean", short: "y" },
  "timeout-ms": text,
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
};

const verbs = ["status", ...Object.keys(modes), "resume", "open", "rate", "capacity", "note"];

/**
 * Reads the command line of `rooms`.
 *
 * @param words What stands behind `rooms` without an option.
 * @throws {UsageError} When the arguments are wrong.
 */
export function parseRooms(
  tokens: readonly Token[],
  [verb = "status", ...words]: readonly string[],
): RoomsCommand {
  const values = valuesOf(tokens, roomsOptions, "rooms");
  if (!verbs.includes(verb)) throw new UsageError(`rooms has no command "${verb}"${meant(verb, verbs, "")}`);
  const { wish, room } = wishOf(verb, words);
  return {
    name: "rooms",
    wish,
    room,
    board: boardOf(values["board"]?.[0], "--board"),
    secret: keySourceOf(values, "secret", { variable: "STANCHION_BOARD_SECRET" }),
    by: values["by"]?.[0],
    revision: revisionOf(values),
    isSure: values["yes"] !== undefined,
    timeoutMs: numberOf(values, "timeout-ms", { usual: 5000, least: 100, most: 60_000, isWhole: true }),
    json: values["json"] !== undefined,
  };
}

function wishOf(verb: string, words: readonly string[]): { wish: Wish; room: string | undefined } {
  switch (verb) {
    case "status":
      return { wish: { is: "status" }, room: onlyRoom(words) };
    case "resume":
      return { wish: { is: "resume" }, room: onlyRoom(words) };
    case "open":
      return opening(words);
    case "rate":
    case "capacity": {
      const { room, last } = roomAndLast(words, verb === "rate" ? "How many a minute?" : "How many inside?");
      return { wish: { is: "limit", limit: verb, value: limitOf(verb, last) }, room };
    }
    case "note": {
      const { room, last } = roomAndLast(words, 'Which note? "" for none');
      return { wish: { is: "note", text: last }, room };
    }
    default: {
      // The other words were refused before.
      const [mode, effect] = modes[verb as keyof typeof modes];
      return { wish: { is: "mode", mode, effect }, room: onlyRoom(words) };
    }
  }
}

function onlyRoom([room, extra]: readonly string[]): string | undefined {
  if (extra !== undefined) throw new UsageError(`What is "${extra}"? One room at a time`);
  return room;
}

/** The room may be left out where there is one only, so the last word is what is wanted. */
function roomAndLast(words: readonly string[], question: string) {
  const [first, second, extra] = words;
  if (first === undefined) throw new UsageError(question);
  if (extra !== undefined) throw new UsageError(`What is "${extra}"? Put a text in quotes`);
  return second === undefined ? { room: undefined, last: first } : { room: first, last: second };
}

function opening(words: readonly string[]): { wish: Wish; room: string | undefined } {
  const last = words.at(-1);
  // The name of a room has no colon.
  const at = last !== undefined && /^\d{4}-|:/.test(last) ? last : undefined;
  const others = at === undefined ? words : words.slice(0, -1);
  const wrong = at !== undefined && !isTime(at) ? at : others[1];
  if (wrong !== undefined) {
    throw new UsageError(`"${wrong}" is no time with its zone, such as 2027-03-01T09:00:00Z`);
  }
  return { wish: { is: "open", at }, room: others[0] };
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text));
}

function limitOf(limit: "rate" | "capacity", given: string): number | string {
  const others = limit === "rate" ? ["tuned", "held"] : ["unlimited"];
  if (others.includes(given)) return given;
  if ((limit === "rate" ? /^\d{1,9}(?:\.\d{1,9})?$/ : /^\d{1,9}$/).test(given)) return Number(given);
  const number = limit === "rate" ? "a number" : "a whole number";
  throw new UsageError(`${limit} must be ${number}, or ${others.join(" or ")}, received "${given}"`);
}

/**
 * The address of a board, without a slash at its end.
 *
 * @param place What it was given by, for messages.
 * @throws {UsageError} When it is none.
 */
export function boardOf(given: string | undefined, place: string): string | undefined {
  if (given === undefined) return undefined;
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given)) {
    throw new UsageError(
      `${place} must be the address of the board, such as https://shop.example.com/.stanchion-board`,
    );
  }
  const { origin, pathname, username, password, search, hash } = new URL(given);
  if (username !== "" || password !== "" || search !== "" || hash !== "") {
    throw new UsageError(`${place} must be without name, password, query and fragment`);
  }
  const path = pathname.replace(/\/+$/, "");
  return origin + (path === "" ? "/.stanchion-board" : path);
}

/** Whether what is sent to an address may be read on the way. */
export function isReadable(board: string): boolean {
  const { protocol, hostname } = new URL(board);
  return protocol === "http:" && !isLoopback(hostname);
}

function revisionOf(values: Values): number | undefined {
  if (values["revision"] === undefined) return undefined;
  const most = Number.MAX_SAFE_INTEGER;
  return numberOf(values, "revision", { usual: 0, least: 0, most, isWhole: true });
}

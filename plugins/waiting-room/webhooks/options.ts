import type { GateError } from "../../../src/errors.ts";
import {
  checkFunction,
  checkRules,
  checkSyncFunction,
  integer,
  type Rule,
  secretError,
  shapeError,
  texts,
} from "../../../src/options/check.ts";
import { checkSecretList } from "../../../src/options/check-secrets.ts";
import type { OperatedRoom } from "../controls/mod.ts";
import { eventNames, type RoomEventName } from "./events.ts";
import { keyOf } from "./signature.ts";

/** The options of {@linkcode roomWebhooks}. */
export interface RoomWebhooksOptions {
  /** The rooms, as `waitingRoom().rooms` has them. */
  readonly rooms: readonly OperatedRoom[];
  /** Where events are sent to, an `http` or `https` address. It may hold a secret: errors tell its host alone. */
  readonly url: string;
  /** What signs them: `"whsec_"` and 24 to 64 random bytes in base64. All of up to four sign, so that a receiver can change to the next one. */
  readonly secrets: readonly string[];
  /** Which events are sent. @default {all but `rate`} */
  readonly events?: readonly RoomEventName[];
  /** How long the receiver may take, in milliseconds, from 100 to 30,000. @default {5000} */
  readonly timeoutMs?: number;
  /** How long an event is tried, in minutes, from 1 to 60. @default {10} */
  readonly keepMinutes?: number;
  /** What sends them. @default {the platform's `fetch`} */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Tells the time in Unix milliseconds. @default {Date.now} */
  readonly now?: () => number;
  /** Is told of events that were given up, and why. @default {a line on the console, at most one a second for each cause} */
  readonly onError?: (error: GateError) => void;
}

/** Who takes these options. */
export const subject = "room webhooks";

const roomsRule: Rule = (subject, option, rooms) => {
  const isRoom = (room: Partial<OperatedRoom> | undefined) =>
    typeof room?.name === "string" && typeof room.key === "string" && typeof room.exchange === "function";
  if (Array.isArray(rooms) && rooms.length > 0 && [...rooms].every(isRoom)) return;
  throw shapeError(subject, option, "a list of rooms, such as waitingRoom(...).rooms", rooms);
};

const rules: Readonly<Record<keyof RoomWebhooksOptions, Rule>> = {
  rooms: roomsRule,
  // Many a service has its secret in the address.
  url(subject, option, value) {
    if (typeof value === "string" && isAddress(value)) return;
    throw secretError(subject, option, "an http or https address without name and password", value);
  },
  secrets(subject, option, value) {
    const must =
      'a list of 1 to 4 secrets, each "whsec_" and 24 to 64 bytes in base64, as "openssl rand -base64 32" makes them';
    checkSecretList(subject, option, value, must, (secret) => keyOf(secret) !== undefined, 4);
  },
  events: texts(
    `a list of ${eventNames.join(", ")}`,
    (event) => eventNames.some((name) => name === event),
  ),
  timeoutMs: integer(100, 30_000),
  keepMinutes: integer(1, 60),
  fetch: checkFunction,
  now: checkSyncFunction,
  onError: checkFunction,
};

function isAddress(url: string): boolean {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username === "" && password === "";
}

/** Refuses wrong options. */
export function checkWebhooks(options: RoomWebhooksOptions): void {
  checkRules(subject, options, rules);
  for (const each of ["rooms", "url", "secrets"] as const) rules[each](subject, each, options[each]);
}

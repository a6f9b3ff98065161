/** What a gateway does, as flags, the environment and files say it. */

import * as v from "valibot";

/** A room, and what it protects. */
export interface RoomConfig {
  /** Its name, in cookies, metrics and logs: 1 to 32 lower-case letters, digits and hyphens. */
  readonly name: string;
  /** The paths that it protects, each with all that is below it; all of them where it is left out. */
  readonly protect?: string[] | undefined;
  /** How many people come in a minute. */
  readonly rate?: number | undefined;
  /** How many are inside at once. */
  readonly capacity?: number | undefined;
  /** How long somebody stays inside after the last request, in minutes. */
  readonly sessionMinutes?: number | undefined;
  /** For how long a place is kept for somebody who is away at the turn, in minutes. */
  readonly returnMinutes?: number | undefined;
  /** When it opens, with a time zone: `2027-03-01T09:00:00Z`. */
  readonly opensAt?: string | undefined;
  /** When it closes, in the same form. */
  readonly closesAt?: string | undefined;
  /** What those who wait are told. */
  readonly note?: string | undefined;
}

/** What a gateway does. Secrets stand in the environment or in files of their own, never here. */
export interface GatewayConfig {
  /** The address of the JSON schema, for editors. */
  readonly $schema?: string | undefined;
  /** Where the site is: `http://localhost:3000`. */
  readonly to: string;
  /** The address on which visitors are served. @default {all of this machine} */
  readonly host?: string | undefined;
  /** The port for visitors; 0 takes a free one. @default {8080} */
  readonly port?: number | undefined;
  /** The address of health, metrics and board. @default {"127.0.0.1"} */
  readonly adminHost?: string | undefined;
  /** The port of health, metrics and board. @default {8081} */
  readonly adminPort?: number | undefined;
  /** Who decides. @default {"waiting-room"} */
  readonly provider?: "waiting-room" | "crowdhandler" | "queue-it" | undefined;
  /** How many people come in a minute. */
  readonly rate?: number | undefined;
  /** How many are inside at once. */
  readonly capacity?: number | undefined;
  /** How long somebody stays inside after the last request, in minutes. @default {15} */
  readonly sessionMinutes?: number | undefined;
  /** When the room opens, with a time zone. */
  readonly opensAt?: string | undefined;
  /** The paths that the room protects, each with all that is below it. @default {all of them} */
  readonly protect?: string[] | undefined;
  /** Several rooms, in the place of `rate`, `capacity`, `sessionMinutes`, `opensAt` and `protect`. */
  readonly rooms?: RoomConfig[] | undefined;
  /** Paths that nobody waits for, with all that is below them. */
  readonly bypass?: string[] | undefined;
  /** Folders of files, such as `/assets`. @default {what browsers load as files} */
  readonly assets?: string[] | undefined;
  /** A Redis or Valkey that gateways share, without its password: that stands in the environment. @default {this process alone} */
  readonly store?: string | undefined;
  /** What the names of the rooms begin with in the store. @default {"stanchion"} */
  readonly prefix?: string | undefined;
  /** What happens to newcomers while the room or the service cannot be asked. @default {"closed"} */
  readonly onFailure?: "closed" | "open" | undefined;
  /** Whether the gate decides, only reports, or is off. @default {"enforce"} */
  readonly mode?: "enforce" | "report" | "off" | undefined;
  /** The hosts under which visitors know the site. @default {what each request says} */
  readonly publicHosts?: string[] | undefined;
  /** The proxies in front: how many, or their addresses, CIDRs or names of ranges. @default {none} */
  readonly trustedProxies?: number | string[] | undefined;
  /** Whether those proxies write `X-Forwarded-Host` and `X-Forwarded-Proto` anew for each request, so that they count. @default {false} */
  readonly forwardedHost?: boolean | undefined;
  /** Whose `Host` the site gets. @default {"visitor"} */
  readonly originHost?: "visitor" | "origin" | undefined;
  /** Headers that the site gets though a visitor could claim something by them. @default {none} */
  readonly keepHeaders?: string[] | undefined;
  /** A page by which it is found out whether the site is there. @default {a connection} */
  readonly healthPath?: string | undefined;
  /** The public key of CrowdHandler; or `STANCHION_PUBLIC_KEY`. */
  readonly publicKey?: string | undefined;
  /** Where the hosted service is asked, such as a sandbox at `http://127.0.0.1:4000`. @default {the service's own address} */
  readonly apiUrl?: string | undefined;
  /** Where CrowdHandler's waiting rooms are: those of a sandbox, or under a name of your own. @default {"https://wait.crowdhandler.com"} */
  readonly waitingRoomUrl?: string | undefined;
  /** The customer's id at Queue-it. */
  readonly customerId?: string | undefined;
  /** How many connections of visitors there are at most. @default {10000} */
  readonly maxConnections?: number | undefined;
  /** How many connections to the site there are at most. @default {256} */
  readonly maxOriginConnections?: number | undefined;
  /** How long the site may take to the head of an answer, in seconds. @default {60} */
  readonly answerSeconds?: number | undefined;
  /** How long nothing may pass through a WebSocket, in minutes. @default {60} */
  readonly tunnelMinutes?: number | undefined;
  /** How long what is under way may take when the gateway stops, in seconds. @default {30} */
  readonly drainSeconds?: number | undefined;
}

const path = text("a path that begins with a slash, such as /tickets", /^\/[!-~]*$/);
const paths = v.array(path, 'must be a list of paths, such as ["/tickets"]');
const rate = number(0, 600_000);
const capacity = number(0, 1_000_000, true);
const minutes = number(1, 1440);
const time = text(
  "a time with its zone, such as 2027-03-01T09:00:00Z",
  /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(?:Z|[+-]\d\d:\d\d)$/,
);
const port = number(0, 65_535, true);
const address = text(
  "an address without user, query and fragment, such as http://127.0.0.1:4000",
  /^https?:\/\/[^/?#@\s]+(?:\/[^?#\s]*)?$/,
);
const words = v.array(v.string("must be a text"), "must be a list of texts");

const roomEntries = {
  name: text("1 to 32 lower-case letters, digits and hyphens", /^[a-z0-9-]{1,32}$/),
  protect: v.optional(paths),
  rate: v.optional(rate),
  capacity: v.optional(capacity),
  sessionMinutes: v.optional(minutes),
  returnMinutes: v.optional(number(0, 1440)),
  opensAt: v.optional(time),
  closesAt: v.optional(time),
  note: v.optional(v.pipe(v.string("must be a text"), v.maxLength(500, "must have up to 500 characters"))),
};
const roomSchema = v.strictObject(roomEntries);

const entries = {
  $schema: v.optional(v.string("must be a text")),
  to: text(
    "the address of the site without a path, such as http://localhost:3000",
    /^https?:\/\/[^/?#@\s]+\/?$/,
  ),
  host: v.optional(v.string("must be an address of this machine")),
  port: v.optional(port),
  adminHost: v.optional(v.string("must be an address of this machine")),
  adminPort: v.optional(port),
  provider: v.optional(choice("waiting-room", "crowdhandler", "queue-it")),
  rate: v.optional(rate),
  capacity: v.optional(capacity),
  sessionMinutes: v.optional(minutes),
  opensAt: v.optional(time),
  protect: v.optional(paths),
  rooms: v.optional(
    v.pipe(v.array(roomSchema, "must be a list of rooms"), v.minLength(1, "must have one room at least")),
  ),
  bypass: v.optional(paths),
  assets: v.optional(paths),
  store: v.optional(text("the address of a Redis, such as redis://127.0.0.1:6379", /^rediss?:\/\/[^\s]+$/)),
  prefix: v.optional(text("1 to 32 lower-case letters, digits and hyphens", /^[a-z0-9-]{1,32}$/)),
  onFailure: v.optional(choice("closed", "open")),
  mode: v.optional(choice("enforce", "report", "off")),
  publicHosts: v.optional(words),
  trustedProxies: v.optional(
    v.union([number(0, 100, true), words], "must be a number of proxies, or a list of their addresses"),
  ),
  forwardedHost: v.optional(v.boolean("must be true or false")),
  originHost: v.optional(choice("visitor", "origin")),
  keepHeaders: v.optional(
    v.array(
      text("the name of a header, such as X-Tenant", /^[\w!#$%&'*+.^`|~-]+$/),
      "must be a list of names of headers",
    ),
  ),
  healthPath: v.optional(path),
  publicKey: v.optional(v.string("must be a text")),
  apiUrl: v.optional(address),
  waitingRoomUrl: v.optional(address),
  customerId: v.optional(text("one word of letters, digits, dots and hyphens", /^[\w.-]{1,128}$/)),
  maxConnections: v.optional(number(1, 1_000_000, true)),
  maxOriginConnections: v.optional(number(1, 100_000, true)),
  answerSeconds: v.optional(number(1, 3600)),
  tunnelMinutes: v.optional(number(1, 1440)),
  drainSeconds: v.optional(number(0, 3600)),
};

/** The schema, of which the published one in JSON is made. */
export const configSchema: v.GenericSchema<unknown, GatewayConfig> = v.strictObject(
  entries,
  "must be an object",
);

/** The names that a configuration may have, and those that each of its rooms may have. */
export const configNames: readonly string[] = Object.keys(entries);
export const roomNames: readonly string[] = Object.keys(roomEntries);

function text(must: string, pattern: RegExp) {
  return v.pipe(v.string(`must be ${must}`), v.regex(pattern, `must be ${must}`));
}

function number(min: number, max: number, isWhole = false) {
  const must = `must be a ${isWhole ? "whole " : ""}number from ${min} to ${max}`;
  const bounded = v.pipe(v.number(must), v.minValue(min, must), v.maxValue(max, must));
  return isWhole ? v.pipe(bounded, v.integer(must)) : bounded;
}

function choice<const T extends readonly [string, ...string[]]>(...options: T) {
  return v.picklist(options, `must be ${options.join(" or ")}`);
}

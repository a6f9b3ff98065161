import {
  anything,
  checkFunction,
  checkNumber,
  checkOptions,
  checkRules,
  checkSyncFunction,
  choice,
  group,
  integer,
  optionMessage,
  type Rule,
  secretError,
  shapeError,
  type Subject,
  text,
  textError,
  valueError,
} from "../../src/options/check.ts";
import { checkPublicHosts } from "../../src/options/check-hosts.ts";
import { checkSecretList } from "../../src/options/check-secrets.ts";
import { checkDomain } from "../../src/options/cookie-scope.ts";
import { bypassRule, type CheckedLanes, lanesOf, priorityRule } from "./check-lanes.ts";
import { checkTogether } from "./check-together.ts";
import { type Autotune, type Configured, unlimited } from "./machine/mod.ts";
import { type MatchRoom, roomMatcher } from "./match.ts";
import type {
  AutotuneOptions,
  LotteryOptions,
  RoomOptions,
  SharedOptions,
  WaitingRoomOptions,
} from "./options.ts";
import { checkPage } from "./page/options.ts";

/** Who takes these options. */
export const subject: Subject = "waiting-room plugin";

/** A room with nothing left open. */
export interface CheckedRoom extends CheckedLanes {
  readonly name: string;
  readonly matches: MatchRoom;
  /** What the store is told, but for since when that holds. */
  readonly configured: Omit<Configured, "since">;
  readonly maxSessionMs: number;
  readonly page: RoomOptions["page"];
  /** How its lottery is held; `undefined` for a room without one. */
  readonly lottery: LotteryOptions | undefined;
}

/** Refuses wrong options, and gives the rooms with nothing left open. */
export function checkWaitingRoom(options: WaitingRoomOptions): readonly CheckedRoom[] {
  checkOptions(subject, options, [...Object.keys(sharedRules), "rooms", ...Object.keys(roomRules)]);
  const { rooms, ...others } = options;
  checkRules(subject, pick(others, Object.keys(sharedRules)), sharedRules);
  const { recovery = "strict" } = options;
  const own = pick(others, Object.keys(roomRules));
  if (rooms === undefined) return [checkRoom(own, { name: "main" }, "", recovery)];
  const [field] = Object.keys(own);
  if (field !== undefined) {
    throw new TypeError(
      `Cannot create ${subject}: "${field}" is a field of one room, and there are "rooms": put it into each of them`,
    );
  }
  const must = "a list of 1 to 1000 rooms";
  if (!Array.isArray(rooms)) throw shapeError(subject, "rooms", must, rooms);
  if (rooms.length === 0 || rooms.length > 1000) throw valueError(subject, "rooms", must, rooms.length);
  const checked = [...rooms].map((room: RoomOptions, at) => {
    const roomMust = 'a room, such as { name: "tickets", admitPerMinute: 60 }';
    if (typeof room !== "object" || room === null || Array.isArray(room)) {
      throw shapeError(subject, `rooms[${at}]`, roomMust, room);
    }
    return checkRoom(room, {}, `rooms[${at}].`, recovery);
  });
  checkTogether(subject, rooms);
  return checked;
}

const nameMust = 'a name of 1 to 32 lower-case letters, digits and hyphens, such as "tickets"';
/** The plugin `grace()` keeps its cookie under the name that the cookie of a room with this name would have. */
const graceName = "grace";
const isName = (name: string) => /^[a-z0-9][a-z0-9-]{0,31}$/.test(name);

/** The rule of a number that may be a fraction. */
function number(min: number, max: number): Rule {
  return (subject, option, value) => checkNumber(subject, option, value, min, max, false);
}

/** Minutes that last for a moment at least. */
const minutes = number(0.05, 1440);
const longestStayMinutes = 4 * 1440;

const checkTime: Rule = (subject, option, value) => void readTime(subject, option, value);

const autotuneRules: Readonly<Record<keyof AutotuneOptions, Rule>> = {
  targetMs: number(1, 60_000),
  maxErrorRate: number(0, 1),
  min: number(0.1, 600_000),
  max: number(0.1, 600_000),
};

const lotteryRules: Readonly<Record<keyof LotteryOptions, Rule>> = {
  secret(subject, option, secret) {
    const must = "a secret of 32 bytes at least, such as the output of: openssl rand -base64 32";
    const isLong = typeof secret === "string" && new TextEncoder().encode(secret).length >= 32;
    if (!isLong) throw secretError(subject, option, must, secret);
  },
  beacon: checkFunction,
  onBeaconFailure: choice("committed", "arrival", "delay"),
};

/** The rules of a room's options, by their names. */
export const roomRules: Readonly<Record<keyof RoomOptions, Rule>> = {
  name: text(nameMust, isName),
  match: anything,
  admitPerMinute: number(0, 600_000),
  burstSeconds: number(0, 60),
  capacity: integer(0, 1_000_000),
  autotune: group(autotuneRules, "an object, such as { targetMs: 400, min: 30, max: 1200 }"),
  sessionMinutes: minutes,
  maxSessionMinutes: number(0.05, longestStayMinutes),
  returnMinutes: minutes,
  opensAt: checkTime,
  closesAt: checkTime,
  order: choice("arrival", "lottery"),
  lottery: group(lotteryRules, "an object, such as { secret, beacon }"),
  priority: priorityRule,
  bypass: bypassRule,
  note: text("a text of at most 500 characters", (note) => note.length <= 500),
  page(subject, option, page) {
    if (typeof page !== "function") checkPage(subject, option, page);
  },
};

const sharedRules: Readonly<Record<keyof SharedOptions, Rule>> = {
  secretKeys(subject, option, keys) {
    const must =
      "a list of 1 to 16 secret keys of 32 bytes at least, such as the output of: openssl rand -base64 32";
    checkSecretList(subject, option, keys, must, (key) => new TextEncoder().encode(key).length >= 32, 16);
  },
  store: checkStore,
  cache(subject, option, cache) {
    const must = "a cache with match and put, such as caches.default";
    if (typeof cache !== "object" || cache === null) throw shapeError(subject, option, must, cache);
    // Both are looked at, whatever they are.
    const { match, put } = cache as Readonly<Record<string, unknown>>;
    if (typeof match !== "function" || typeof put !== "function") {
      throw shapeError(subject, option, must, cache);
    }
  },
  prefix: text(nameMust, isName),
  path: text(
    'a path such as "/.stanchion", without a slash at its end',
    (path) => path.length <= 128 && /^(?:\/[\w.~-]*[\w~-][\w.~-]*)+$/.test(path),
  ),
  graceMinutes: number(0, 60),
  storeTimeoutMs: integer(10, 10_000),
  recovery: choice("strict", "linear"),
  bind: checkFunction,
  identify: checkFunction,
  challenge: checkFunction,
  eventStreams: integer(0, 100_000),
  status: choice(503, 200, 202, 429),
  domain: checkDomain,
  publicHosts: checkPublicHosts,
  now: checkSyncFunction,
  random: checkSyncFunction,
  warn: checkFunction,
};

function checkStore(subject: Subject, option: string, store: unknown): void {
  const must = "a store, such as memoryStore() or redisStore(ioRedis(client))";
  if (typeof store !== "object" || store === null) throw shapeError(subject, option, must, store);
  // Each member is looked at, whatever it is.
  const { name, run, status, timeoutMs } = store as Readonly<Record<string, unknown>>;
  if (typeof run !== "function" || typeof status !== "function" || typeof name !== "string") {
    throw shapeError(subject, option, must, store);
  }
  checkNumber(subject, `${option}.timeoutMs`, timeoutMs, 1, 60_000);
}

function checkRoom(
  room: RoomOptions,
  usual: Pick<RoomOptions, "name">,
  prefix: string,
  recovery: "strict" | "linear",
): CheckedRoom {
  checkRules(subject, room, roomRules, prefix);
  const { name = usual.name, match, admitPerMinute, burstSeconds = 3, capacity, note = "", page } = room;
  if (name === undefined) throw textError(subject, `${prefix}name`, nameMust, name);
  if (name === graceName) {
    const must =
      "another name: its cookie would be the one of the plugin grace(), and each would overwrite the other";
    throw valueError(subject, `${prefix}name`, must, name);
  }
  if (admitPerMinute === undefined && capacity === undefined) {
    const must = 'given, or "capacity", or both: a room without limits lets everybody in';
    throw new TypeError(optionMessage(subject, `${prefix}admitPerMinute`, must, undefined));
  }
  const { sessionMinutes = 15, returnMinutes = 5 } = room;
  const { maxSessionMinutes = Math.min(4 * sessionMinutes, longestStayMinutes) } = room;
  if (maxSessionMinutes < sessionMinutes) {
    const must = `at least sessionMinutes, which is ${sessionMinutes}`;
    throw valueError(subject, `${prefix}maxSessionMinutes`, must, maxSessionMinutes);
  }
  const opensAt = readTime(subject, `${prefix}opensAt`, room.opensAt);
  const closesAt = readTime(subject, `${prefix}closesAt`, room.closesAt);
  if (closesAt !== 0 && closesAt <= opensAt) {
    throw valueError(subject, `${prefix}closesAt`, "later than opensAt", room.closesAt);
  }
  // So that an opening fills in a minute, and not in a second.
  const usualRate = Math.max(60, capacity ?? 0);
  const autotune = autotuneOf(room, prefix);
  const { order = "arrival", lottery } = room;
  if (order === "lottery" && opensAt === 0) {
    const must = 'given for a room with order "lottery": people register before it';
    throw new TypeError(optionMessage(subject, `${prefix}opensAt`, must, undefined));
  }
  if (order !== "lottery" && lottery !== undefined) {
    const must = 'left out, or "order" must be "lottery"';
    throw new TypeError(optionMessage(subject, `${prefix}lottery`, must, lottery));
  }
  const { priority, bypass } = lanesOf(subject, room, prefix);
  return {
    ...{ name, priority, bypass },
    matches: roomMatcher(match, `${prefix}match`),
    configured: {
      limits: {
        admitPerMinute: admitPerMinute ?? withinBounds(usualRate, autotune),
        burstSeconds,
        capacity: capacity ?? unlimited,
        sessionMs: Math.round(sessionMinutes * 60_000),
        returnMs: Math.round(returnMinutes * 60_000),
        recovery,
      },
      opensAt,
      closesAt,
      note,
      ...(autotune !== undefined && { autotune }),
      ...(order === "lottery" && { order }),
      ...(priority !== undefined && { priority: { weight: priority.weight } }),
    },
    maxSessionMs: Math.round(maxSessionMinutes * 60_000),
    page,
    lottery: order === "lottery" ? { onBeaconFailure: "committed", ...lottery } : undefined,
  };
}

/** How the rate of a room is tuned, with nothing left open. */
function autotuneOf(
  { autotune, admitPerMinute, capacity }: RoomOptions,
  prefix: string,
): Autotune | undefined {
  if (autotune === undefined) return undefined;
  const { targetMs, maxErrorRate = 0.05, min, max } = autotune;
  for (const [field, value] of Object.entries({ targetMs, min, max })) {
    if (value !== undefined) continue;
    throw new TypeError(optionMessage(subject, `${prefix}autotune.${field}`, "a number", value));
  }
  if (max < min) throw valueError(subject, `${prefix}autotune.max`, `at least min, which is ${min}`, max);
  if (admitPerMinute !== undefined && (admitPerMinute < min || admitPerMinute > max)) {
    const must = `within the bounds of autotune, which begins with it: from ${min} to ${max}`;
    throw valueError(subject, `${prefix}admitPerMinute`, must, admitPerMinute);
  }
  if (capacity === undefined) {
    const must = 'given beside "autotune", which cannot help where those who are inside are too many';
    throw new TypeError(optionMessage(subject, `${prefix}capacity`, must, undefined));
  }
  return { targetMs, maxErrorRate, min, max };
}

function withinBounds(rate: number, autotune: Autotune | undefined): number {
  return autotune === undefined ? rate : Math.max(autotune.min, Math.min(autotune.max, rate));
}

const timeMust = 'a date, or a text with its time zone, such as "2027-03-01T09:00:00Z"';
/** RFC 3339, section 5.6: without a zone every machine would read another time. */
const timeText = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** Reads a time: Unix milliseconds, and 0 for none. */
export function readTime(subject: Subject, option: string, value: unknown): number {
  if (value === undefined) return 0;
  if (!(value instanceof Date) && typeof value !== "string") {
    throw shapeError(subject, option, timeMust, value);
  }
  if (typeof value === "string" && !timeText.test(value)) throw textError(subject, option, timeMust, value);
  const time = new Date(value).getTime();
  // Some platforms take February 31 for a day in March.
  const isDay = value instanceof Date ||
    new Date(value.slice(0, 10)).getUTCDate() === Number(value.slice(8, 10));
  if (!(time > 0 && isDay)) throw valueError(subject, option, timeMust, value);
  return time;
}

/** The members of an object that are given, and named. */
function pick(options: object, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => names.includes(name) && value !== undefined),
  );
}

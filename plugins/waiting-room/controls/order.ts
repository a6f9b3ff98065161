import {
  checkRules,
  choice,
  type Rule,
  shapeError,
  type Subject,
  valueError,
} from "../../../src/options/check.ts";
import { readTime, roomRules } from "../check-options.ts";
import { type Limits, type RoomChange, type RoomMode, type RoomStatus, unlimited } from "../machine/mod.ts";

/** What the owner of a room wants to be other; what is left out stays. */
export interface RoomOrder {
  /** What the room does: `open` lets people in, also before it would have opened. It is `scheduled` by an `opensAt` to come. */
  readonly mode?: Exclude<RoomMode, "scheduled">;
  /** How many people are let in a minute, from 0 to 600,000. */
  readonly admitPerMinute?: number;
  /**
   * Whether the rate follows the application, where the room has `autotune`: `tuned`, or `held` where it is. Whoever orders `admitPerMinute`
   * holds it as well.
   */
  readonly rate?: "tuned" | "held";
  /** For how long admissions that nobody took are saved up, in seconds, from 0 to 60. */
  readonly burstSeconds?: number;
  /** How many people may be inside at once, from 0 to 1,000,000, or `unlimited`. Nobody who is inside is put out. */
  readonly capacity?: number | "unlimited";
  /** How long somebody stays inside after the last request, in minutes, up to 1,440; for passes that are given or renewed from now on. */
  readonly sessionMinutes?: number;
  /** For how long others must have been let in past somebody who is away before the place is lost, in minutes. */
  readonly returnMinutes?: number;
  /** What those who wait are told, in up to 500 characters; `""` for nothing. */
  readonly note?: string;
  /** When the room opens: a date, or a text with its time zone, such as `"2027-03-01T09:00:00Z"`. */
  readonly opensAt?: string | Date;
  /** When the room closes, in the same form, or `never`. A room that is closed already has to be opened with it, or before. */
  readonly closesAt?: string | Date | "never";
  /**
   * Takes everybody's place in the line, which cannot be undone: they all join anew, at random. Only these words do it. Whoever is
   * inside stays.
   */
  readonly dropTheLine?: "drop the line";
}

/** Without these words nobody's place is taken. */
const dropWords: NonNullable<RoomOrder["dropTheLine"]> = "drop the line";
/** What can be ordered by one word. */
const orderedModes = ["open", "paused", "draining", "closed", "sold-out", "bypass"] as const;

const subject: Subject = "change of a room";
const never = "never";

const capacityRule: Rule = (subject, option, value) => {
  if (value !== "unlimited") roomRules.capacity(subject, option, value);
};

const rules: Readonly<Record<keyof RoomOrder, Rule>> = {
  mode: choice(...orderedModes),
  admitPerMinute: roomRules.admitPerMinute,
  rate: choice("tuned", "held"),
  burstSeconds: roomRules.burstSeconds,
  capacity: capacityRule,
  sessionMinutes: roomRules.sessionMinutes,
  returnMinutes: roomRules.returnMinutes,
  note: roomRules.note,
  opensAt: roomRules.opensAt,
  closesAt(subject, option, value) {
    if (value !== never) roomRules.closesAt(subject, option, value);
  },
  dropTheLine(subject, option, value) {
    if (value === dropWords) return;
    throw valueError(
      subject,
      option,
      `the words "${dropWords}": it takes everybody's place in the line`,
      value,
    );
  },
};

/**
 * Reads an order.
 *
 * @throws {TypeError} When something has the wrong shape, or nothing is ordered.
 * @throws {RangeError} When something has a wrong value.
 */
export function readOrder(order: RoomOrder): RoomChange {
  checkRules(subject, order, rules);
  const { mode, rate, capacity, note, dropTheLine, sessionMinutes, returnMinutes } = order;
  const limits: Partial<Limits> = {
    ...pick(order, ["admitPerMinute", "burstSeconds"]),
    ...(capacity !== undefined && { capacity: capacity === "unlimited" ? unlimited : capacity }),
    ...(sessionMinutes !== undefined && { sessionMs: Math.round(sessionMinutes * 60_000) }),
    ...(returnMinutes !== undefined && { returnMs: Math.round(returnMinutes * 60_000) }),
  };
  const change: RoomChange = {
    ...(mode !== undefined && { mode }),
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(rate !== undefined && { autotune: rate === "tuned" }),
    ...(note !== undefined && { note }),
    ...(order.opensAt !== undefined && { opensAt: readTime(subject, "opensAt", order.opensAt) }),
    ...(order.closesAt !== undefined && { closesAt: closingTime(order.closesAt) }),
    ...(dropTheLine !== undefined && { dropsLine: true }),
  };
  if (Object.keys(change).length > 0) return change;
  throw shapeError(subject, "order", `an object with one of ${Object.keys(rules).join(", ")}`, order);
}

/** The order as plain data: what was left out is left out. */
export function plainOrder(order: RoomOrder): Readonly<Record<string, string | number>> {
  const given = Object.entries(order).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  );
}

/**
 * Refuses times that the room cannot have together.
 *
 * @throws {RangeError} When it would close before it opens, or is closed already and stays so.
 */
export function checkTimes(
  change: RoomChange,
  room: Pick<RoomStatus, "mode" | "now" | "opensAt" | "closesAt">,
): void {
  if (change.opensAt === undefined && change.closesAt === undefined) return;
  const { mode, opensAt, closesAt } = { ...room, ...change };
  // Whoever moves the closing of a room that has closed wants it open until then; that is an order of its own.
  if ((change.closesAt ?? 0) > 0 && mode === "closed" && (change.opensAt ?? 0) <= room.now) {
    const must =
      "ordered after the room was opened, or together with that or with an opening to come, since it is closed";
    throw valueError(subject, "closesAt", must, timeText(closesAt));
  }
  if (closesAt === 0 || closesAt > opensAt) return;
  if (change.closesAt === undefined) {
    const must = `before closesAt, which is ${timeText(closesAt)}`;
    throw valueError(subject, "opensAt", must, timeText(opensAt));
  }
  throw valueError(
    subject,
    "closesAt",
    `later than opensAt, which is ${timeText(opensAt)}`,
    timeText(closesAt),
  );
}

/**
 * Refuses to say how a rate is tuned that nobody tunes.
 *
 * @throws {RangeError} When the room has no `autotune`.
 */
export function checkRate({ rate }: RoomOrder, { tuned }: Pick<RoomStatus, "tuned">): void {
  if (rate === undefined || tuned !== undefined) return;
  throw valueError(subject, "rate", "ordered of a room with autotune, which this one has not", rate);
}

function timeText(time: number): string {
  return time === 0 ? never : new Date(time).toISOString();
}

function closingTime(value: string | Date): number {
  return value === never ? 0 : readTime(subject, "closesAt", value);
}

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Partial<Pick<T, K>> {
  const found: Partial<Pick<T, K>> = {};
  for (const name of names) if (from[name] !== undefined) found[name] = from[name];
  return found;
}

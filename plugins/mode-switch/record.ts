import { ServiceError } from "../../src/errors.ts";
import { type Mode, modeNames } from "../../src/mode.ts";
import { isPrintableName } from "../../src/options/printable-name.ts";

/** What somebody wants the mode to be. */
export interface ModeRecord {
  readonly mode: Mode;
  /** Until when, in Unix milliseconds. */
  readonly untilMs?: number;
  readonly by?: string;
  /** When it was given, by the clock of whoever gave it. It tells records apart, and nothing else. */
  readonly atMs?: number;
}

/** What stands before a record, so that no storage takes its JSON apart. */
const mark = "mode:";

/** Writes a record for the storage. */
export function textOf(record: ModeRecord): string {
  return mark + JSON.stringify(record);
}

/** Reads what a storage holds: a record, or one of the words, as somebody writes it by hand. */
export function readRecord(found: unknown, none: ModeRecord): ModeRecord | undefined {
  if (found === null || found === undefined) return none;
  if (typeof found !== "string" || found.length > 512) return undefined;
  const word = modeNames.find((name) => name === found.trim());
  if (word !== undefined) return { mode: word };
  if (!found.startsWith(mark)) return undefined;
  try {
    return checked(JSON.parse(found.slice(mark.length)));
  } catch {
    return undefined;
  }
}

function checked(given: unknown): ModeRecord | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  // Every member is looked at before it is taken.
  const { mode, untilMs, by, atMs } = given as Readonly<Record<string, unknown>>;
  const known = modeNames.find((name) => name === mode);
  if (known === undefined) return undefined;
  if (untilMs !== undefined && !isTime(untilMs)) return undefined;
  if (atMs !== undefined && !isTime(atMs)) return undefined;
  if (by !== undefined && !(typeof by === "string" && isPrintableName(by))) return undefined;
  return {
    mode: known,
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(by === undefined ? {} : { by }),
    ...(atMs === undefined ? {} : { atMs }),
  };
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** The fault of a storage. Errors of clients quote commands and addresses: only their kind is passed on. */
export function failureOf(cause: unknown): ServiceError {
  if (cause instanceof ServiceError) return cause;
  const kind = cause instanceof Error && /^\w{1,40}$/.test(cause.name) ? cause.name : typeof cause;
  return new ServiceError("unreachable", `The storage of the mode failed (${kind})`);
}

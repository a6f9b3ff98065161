import { quietly } from "../../src/async/quietly.ts";
import { ServiceError } from "../../src/errors.ts";
import type { Mode, ModeState } from "../../src/mode.ts";
import { type ModeRecord, readRecord, textOf } from "./record.ts";

/** For how long after a change a storage may still give what was there before. */
const settleMs = 120_000;

/** What a switch stands at. */
export interface Standing {
  mode(): Mode;
  state(): ModeState;
  /** Follows a change that is made here. */
  change(next: ModeRecord): void;
  /** Counts the changes made here, so that what was read before one does not undo it. */
  changes(): number;
  /** The last change, if the storage does not have it. */
  unsaved(): { readonly change: number; readonly record: ModeRecord } | undefined;
  /** Says that the storage has a change. */
  saved(change: number): void;
  /**
   * Follows what the storage holds.
   *
   * @param change How many changes there were when the reading began.
   * @throws {ServiceError} `malformed`.
   */
  follow(found: unknown, change: number): void;
}

/** Makes what a switch stands at. */
export function createStanding({ initial, isShared, now, onChange }: {
  readonly initial: Mode;
  readonly isShared: boolean;
  readonly now: () => number;
  readonly onChange: (state: ModeState) => void;
}): Standing {
  const none: ModeRecord = { mode: initial };
  let record = none;
  let changes = 0;
  /** The change that the storage has. */
  let savedChange = 0;
  let lastRead: { readonly text: string; readonly atMs: number } | undefined;
  /** What a change made here replaced: a storage that takes its time may give it once more. */
  let replaced: { readonly text: string; readonly atMs: number } | undefined;

  function isOver({ untilMs }: ModeRecord): boolean {
    return untilMs !== undefined && now() >= untilMs;
  }

  /** What is over when it comes is none. */
  function take(next: ModeRecord): void {
    const before = textOf(record);
    record = isOver(next) ? none : next;
    if (textOf(record) !== before) quietly(() => onChange(state()));
  }

  function expire(): void {
    if (!isOver(record)) return;
    // What could not be written in its time need not be any more.
    savedChange = changes;
    take(none);
  }

  function state(): ModeState {
    expire();
    const { mode, untilMs, by } = record;
    return {
      mode,
      initial,
      ...(untilMs === undefined ? {} : { untilMs }),
      ...(by === undefined ? {} : { by }),
      saved: !isShared || savedChange === changes,
      ...(lastRead === undefined ? {} : { readAgeMs: Math.max(0, now() - lastRead.atMs) }),
    };
  }

  return {
    mode() {
      expire();
      return record.mode;
    },
    state,
    change(next) {
      if (lastRead !== undefined) replaced = { text: lastRead.text, atMs: now() };
      changes++;
      take(next);
    },
    changes: () => changes,
    unsaved: () => savedChange === changes ? undefined : { change: changes, record },
    saved(change) {
      if (change === changes) savedChange = change;
    },
    follow(found, change) {
      if (change !== changes) return;
      const next = readRecord(found, none);
      if (next === undefined) {
        throw new ServiceError("malformed", "What the storage of the mode holds is none");
      }
      const text = textOf(next);
      lastRead = { text, atMs: now() };
      const isOld = text === replaced?.text && Math.abs(now() - replaced.atMs) < settleMs;
      if (!isOld) take(next);
    },
  };
}

import {
  checkChoice,
  checkFunction,
  checkRules,
  checkSyncFunction,
  choice,
  integer,
  type Rule,
  shapeError,
  text,
} from "../../src/options/check.ts";
import { isPrintableName } from "../../src/options/printable-name.ts";
import type { Schedule } from "../../src/async/schedule.ts";
import type { GateError } from "../../src/errors.ts";
import {
  type Mode,
  type ModeControl,
  modeNames,
  type ModeState,
  type SetModeOptions,
} from "../../src/mode.ts";
import type { TokenStorage } from "../../src/storage.ts";
import type { ModeRecord } from "./record.ts";

/** Where the mode of a fleet is kept: what {@linkcode storageTokens} takes does. */
export type ModeStorage = Pick<TokenStorage, "getItem" | "setItem">;

/** The options of {@linkcode modeSwitch}. */
export interface ModeSwitchOptions {
  /**
   * The mode as long as nobody has chosen another, and again after `forMs`.
   *
   * @default {"enforce"}
   */
  readonly initial?: Mode;
  /**
   * Where a fleet keeps its mode. Whoever can write there can open the gate.
   *
   * @default {none: the switch is this process's own}
   */
  readonly storage?: ModeStorage;
  /**
   * Under which key: letters, digits and `:/._-`.
   *
   * @default {"stanchion/mode"}
   */
  readonly key?: string;
  /**
   * How often the storage is read, in milliseconds, at least 100.
   *
   * @default {5000}
   */
  readonly pollMs?: number;
  /**
   * How long one call to the storage may take, in milliseconds.
   *
   * @default {2000}
   */
  readonly timeoutMs?: number;
  /**
   * Tells the time in Unix milliseconds.
   *
   * @default {Date.now}
   */
  readonly now?: () => number;
  /**
   * Calls back later and returns what calls that off.
   *
   * @default {setTimeout, which does not keep a process alive}
   */
  readonly schedule?: Schedule;
  /** Is told of each change. What it throws is ignored. */
  readonly onChange?: (state: ModeState) => void;
  /**
   * Is told when the storage fails, and of values in it that are none. What it throws is ignored.
   *
   * @default {a line on the console, at most one a second for each cause}
   */
  readonly onError?: (error: GateError) => void;
}

/** A switch for the gate's mode. */
export interface ModeSwitch extends ModeControl {
  /** Gives the mode at once: the option `mode` of `createGate`. */
  readonly mode: () => Mode;

  /**
   * Reads the storage if that is due and nobody does so already. Requests and timers see to it; it is there for a
   * start that waits for the fleet's mode, and for `waitUntil` on Workers.
   *
   * @returns What to wait for, never rejected; `undefined` if there is nothing to do.
   */
  poll(): Promise<void> | undefined;

  /** Stops reading. The mode stays. */
  close(): void;
}

/** Who takes these options. */
export const subject = "mode switch";

const storageRule: Rule = (subject, option, value) => {
  if (typeof value !== "object" || value === null) {
    throw shapeError(subject, option, "an object with getItem and setItem", value);
  }
  for (const method of ["getItem", "setItem"] as const) {
    checkFunction(
      subject,
      `${option}.${method}`,
      method in value ? value[method as keyof typeof value] : undefined,
    );
  }
};

/** The rules of the switch. */
export const rules: Readonly<Record<keyof ModeSwitchOptions, Rule>> = {
  initial: choice(...modeNames),
  storage: storageRule,
  key: text("1 to 128 letters, digits and :/._-", (key) => /^[\w:/.-]{1,128}$/.test(key)),
  pollMs: integer(100, 2_147_483_647),
  timeoutMs: integer(1, 60_000),
  now: checkSyncFunction,
  schedule: checkFunction,
  onChange: checkFunction,
  onError: checkFunction,
};

/** A timer's longest time, more than three weeks. */
const longestMs = 2_147_483_647;

const setRules: Readonly<Record<keyof SetModeOptions, Rule>> = {
  forMs: integer(1, longestMs),
  by: text("1 to 80 printable characters, not only spaces", isPrintableName),
};

/** Checks a change, and makes a record of it. */
export function recordOf(mode: Mode, options: SetModeOptions, atMs: number): ModeRecord {
  checkChoice(subject, "mode", mode, modeNames);
  checkRules(subject, options, setRules);
  const { forMs, by } = options;
  return {
    mode,
    ...(forMs === undefined ? {} : { untilMs: atMs + forMs }),
    ...(by === undefined ? {} : { by }),
    atMs,
  };
}
